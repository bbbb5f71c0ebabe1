"""What would silently not work is told at once."""

from __future__ import annotations

import pytest

from emulator.faults import Fault
from tests.scenario.conftest import EMPTY
from tests.scenario.places import (
    allow,
    closed_group,
    interface,
    network,
    other_vpc,
    prefix_list,
    run,
)


def info_of(world, *actions):
    """Create mirrors that must come to stand; return the first one's message."""
    results = world.create(*actions)
    assert [result["errorMessage"] for result in results] == [""] * len(actions)
    return results[0]["infoMessage"]


def error_of(world, *actions):
    """Create mirrors that can't be made; return the first one's error."""
    results = world.create(*actions)
    assert {result["success"] for result in results} == {False}
    return results[0]["errorMessage"]


def instance(world, app):
    """Return the id of an App's instance."""
    return interface(world, app)["Attachment"]["InstanceId"]


def test_nothing_is_said_where_all_is_well(world):
    """The Apps of a usual sandbox need no warning."""
    info = info_of(world, world.mirror())

    assert info.endswith("with session number 1")


@pytest.mark.parametrize("end", ["sourceNicId", "targetNicId"])
def test_a_nic_that_does_not_exist_is_an_error(world, end):
    """It is told before anything is made, and leaves the other actions alone."""
    missing = "eni-0123456789abcdef0"

    first, second = world.create(world.mirror(**{end: missing}), world.mirror("db"))

    assert f"{missing} doesn't exist" in first["errorMessage"]
    assert second["success"]
    assert len(world.sessions) == 1


@pytest.mark.parametrize("end", ["sourceNicId", "targetNicId"])
def test_a_nic_that_is_attached_to_nothing_is_an_error(world, end):
    """EC2 would take it for a target, and refuse it for a session's source."""
    loose = world.client.create_network_interface(SubnetId=network(world)[1])
    nic = loose["NetworkInterface"]["NetworkInterfaceId"]
    world.ec2.clear_calls()

    error = error_of(world, world.mirror(**{end: nic}))

    assert f"{nic} is attached to nothing: attach it" in error
    assert world.ec2.writes() == []
    assert world.pools.calls == []


def test_a_target_that_is_stopped_is_an_error(world):
    """EC2 refuses sessions to it; the error names instance and state."""
    world.client.stop_instances(InstanceIds=[instance(world, "capture")])
    world.ec2.clear_calls()

    error = error_of(world, world.mirror())

    assert f"{instance(world, 'capture')} is stopped: start it first" in error
    assert world.ec2.writes() == []


def test_a_source_that_is_stopped_is_fine(world):
    """Its traffic is mirrored once it runs."""
    world.client.stop_instances(InstanceIds=[instance(world, "web")])

    assert "warning" not in info_of(world, world.mirror())


def test_a_standing_mirror_is_returned_whatever_became_of_its_nics(world):
    """The same request again is not refused for what changed since."""
    info_of(world, world.mirror())
    world.client.stop_instances(InstanceIds=[instance(world, "capture")])

    assert "warning" not in info_of(world, world.mirror())
    assert len(world.sessions) == 1


def test_a_closed_port_is_warned_of(world):
    """The mirror is made, and the message says whom to let in where."""
    _, subnet, _ = network(world)
    group = closed_group(world)
    nic = run(world, subnet, group)
    address = interface(world, "web")["PrivateIpAddress"]

    info = info_of(world, world.mirror(targetNicId=nic))

    assert (
        f"warning: UDP 4789 of {nic} is not open to {address}, the address of "
        f"{world.nic('web')}, in its security groups ({group})"
    ) in info
    assert len(world.sessions) == 1


@pytest.mark.parametrize("how", ["IpRanges", "UserIdGroupPairs", "PrefixListIds"])
def test_a_port_opened_in_any_way_is_open(world, how):
    """By CIDR, by the source's group, by a prefix list."""
    _, subnet, source_group = network(world)
    prefixes = prefix_list(world, "172.16.0.0/12", "10.0.0.0/8")
    whom = {
        "IpRanges": [{"CidrIp": "10.0.0.0/16"}],
        "UserIdGroupPairs": [{"GroupId": source_group}],
        "PrefixListIds": [{"PrefixListId": prefixes}],
    }
    group = closed_group(world)
    allow(world, group, **{how: whom[how]})

    info = info_of(world, world.mirror(targetNicId=run(world, subnet, group)))

    assert "4789" not in info


def test_one_open_group_of_two_is_enough(world):
    """A NIC lets in what any of its groups does."""
    client, nic = world.client, world.nic("capture")
    groups = [closed_group(world), network(world)[2]]
    client.modify_network_interface_attribute(NetworkInterfaceId=nic, Groups=groups)

    assert "warning" not in info_of(world, world.mirror())


def test_a_target_in_another_vpc_is_warned_of(world):
    """Without a peering nothing arrives, and EC2 doesn't say so."""
    vpc, subnet, group = other_vpc(world)
    nic = run(world, subnet, group)

    info = info_of(world, world.mirror(targetNicId=nic))

    assert "warning: no active peering connection joins" in info
    assert vpc in info
    assert network(world)[0] in info


@pytest.mark.parametrize("accepted", [True, False])
def test_peered_vpcs_are_one_network(world, accepted):
    """A peering counts once it was accepted."""
    vpc, subnet, group = other_vpc(world)
    peering = world.client.create_vpc_peering_connection(
        VpcId=vpc, PeerVpcId=network(world)[0]
    )["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    if accepted:
        world.client.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)

    info = info_of(world, world.mirror(targetNicId=run(world, subnet, group)))

    assert ("no active peering" in info) == (not accepted)


@pytest.mark.parametrize(
    ("kind", "warned"), [("t2.micro", True), ("m4.large", False), ("m5.metal", False)]
)
def test_a_type_that_can_not_be_a_source_is_warned_of(world, kind, warned):
    """Nitro can, and so can some older and bare metal types."""
    _, subnet, group = network(world)
    nic = run(world, subnet, group, kind)

    info = info_of(world, world.mirror(sourceNicId=nic))

    assert (f"{kind} instance, which is neither Nitro" in info) == warned


def test_the_warning_is_there_too_where_ec2_refuses(world):
    """Whether EC2 takes such a source is not documented; it helps either way."""
    _, subnet, group = network(world)
    nic = run(world, subnet, group, "t2.micro")
    world.ec2.faults.append(Fault("CreateTrafficMirrorSession", code="Unsupported"))

    (result,) = world.create(world.mirror(sourceNicId=nic))

    assert "Unsupported" in result["errorMessage"]
    assert "neither Nitro" in result["infoMessage"]
    assert world.standing == EMPTY


def test_nics_are_checked_where_instances_can_not_be_looked_up(world):
    """What keeps a mirror from working is found by the NICs alone."""
    loose = world.client.create_network_interface(SubnetId=network(world)[1])
    nic = loose["NetworkInterface"]["NetworkInterfaceId"]
    world.ec2.faults.append(
        Fault("DescribeInstances", code="UnauthorizedOperation", status=403)
    )

    assert f"{nic} is attached to nothing" in error_of(
        world, world.mirror(sourceNicId=nic)
    )


LOOKUPS = {
    "DescribeInstances": "whether the instance type",
    "DescribeInstanceTypes": "whether the instance type",
    "DescribeSecurityGroups": "whether UDP 4789",
}


@pytest.mark.parametrize("operation", LOOKUPS)
def test_a_lookup_that_is_not_allowed_keeps_no_mirror_from_being_made(world, operation):
    """The message says what went unchecked, and which permission is missing."""
    world.ec2.faults.append(Fault(operation, code="UnauthorizedOperation", status=403))

    info = info_of(world, world.mirror())

    assert f"not checked: {LOOKUPS[operation]}" in info
    assert f"(ec2:{operation} is not allowed)" in info
    assert "warning" not in info


def test_a_lookup_that_fails_keeps_no_mirror_from_being_made(world):
    """Nor does an EC2 that fails only there."""
    world.ec2.faults.append(
        Fault("DescribeSecurityGroups", code="InternalError", status=500, times=4)
    )

    info = info_of(world, world.mirror())

    assert "not checked: whether UDP 4789" in info
    assert "InternalError" in info


def test_many_nics_are_looked_up_together(world):
    """The number of look-ups doesn't grow with the number of mirrors."""
    sandbox = world.new_sandbox(*(f"web {n}" for n in range(12)), "capture")
    target = world.nic("capture", sandbox)
    actions = [
        world.mirror(sourceNicId=app.nics[0].id, targetNicId=target)
        for app in sandbox.apps[:10]
    ]
    world.ec2.clear_calls()

    world.create(*actions, sandbox=sandbox)

    names = [call.operation for call in world.ec2.calls]
    for operation in LOOKUPS:
        assert names.count(operation) == 1


def test_every_page_of_a_lookup_is_read(world):
    """With small pages the same is found as with large ones."""
    world.ec2.settings.page_size = 5
    sandbox = world.new_sandbox(*(f"web {n}" for n in range(9)), "capture")
    target = world.nic("capture", sandbox)
    actions = [
        world.mirror(sourceNicId=app.nics[0].id, targetNicId=target)
        for app in sandbox.apps[:9]
    ]

    results = world.create(*actions, sandbox=sandbox)

    assert all(result["success"] for result in results)
    assert "not checked" not in str(results)
    assert "warning" not in str(results)
