"""A mirror that would silently not work gets a warning or an error."""

from __future__ import annotations

import pytest

from emulator.faults import Fault
from tests.scenario.conftest import EMPTY, create_mirrors
from tests.scenario.ec2_resources import (
    allow_mirrored_packets,
    create_closed_group,
    create_prefix_list,
    describe_nic,
    network_ids,
    run_instance,
)


def info_of(world, *actions):
    """Create mirrors, all of which must succeed; return the first one's message."""
    return create_mirrors(world, *actions)[0]["infoMessage"]


def error_of(world, *actions):
    """Create mirrors, all of which must fail; return the first one's error."""
    results = world.create(*actions)
    assert {result["success"] for result in results} == {False}
    return results[0]["errorMessage"]


def instance(world, app):
    """Return the id of an App's instance."""
    return describe_nic(world, app)["Attachment"]["InstanceId"]


def test_a_mirror_that_works_gets_no_warning(world):
    """The Apps of a usual sandbox get no warning."""
    info = info_of(world, world.mirror())

    assert "with session number 1 and VXLAN network" in info
    assert "warning" not in info


@pytest.mark.parametrize("end", ["sourceNicId", "targetNicId"])
def test_a_nic_that_does_not_exist_is_an_error(world, end):
    """Only its action fails, before anything is created for it."""
    missing = "eni-0123456789abcdef0"

    first, second = world.create(world.mirror(**{end: missing}), world.mirror("db"))

    assert f"{missing} can't be found" in first["errorMessage"]
    assert second["success"]
    assert len(world.sessions) == 1


@pytest.mark.parametrize("end", ["sourceNicId", "targetNicId"])
def test_a_nic_that_is_not_attached_is_an_error(world, end):
    """EC2 would accept it as a target, but reject it as a session's source."""
    loose = world.client.create_network_interface(SubnetId=network_ids(world)[1])
    nic = loose["NetworkInterface"]["NetworkInterfaceId"]
    world.ec2.clear_calls()

    error = error_of(world, world.mirror(**{end: nic}))

    assert f"{nic} must be attached" in error
    assert world.ec2.writes() == []
    assert world.pools.calls == []


def test_a_stopped_target_is_an_error(world):
    """EC2 rejects sessions to it; the error names instance and state."""
    world.client.stop_instances(InstanceIds=[instance(world, "capture")])
    world.ec2.clear_calls()

    error = error_of(world, world.mirror())

    assert f"{instance(world, 'capture')} is stopped: start it first" in error
    assert world.ec2.writes() == []


def test_a_stopped_source_is_accepted(world):
    """Its traffic is mirrored when it runs."""
    world.client.stop_instances(InstanceIds=[instance(world, "web")])

    assert "warning" not in info_of(world, world.mirror())


def test_an_existing_mirror_is_returned_whatever_its_nics_state(world):
    """A repeated request succeeds although the target was stopped since."""
    info_of(world, world.mirror())
    world.client.stop_instances(InstanceIds=[instance(world, "capture")])

    assert "warning" not in info_of(world, world.mirror())
    assert len(world.sessions) == 1


def test_a_closed_port_gets_a_warning(world):
    """The mirror is created, and the message says which source to allow where."""
    _, subnet, _ = network_ids(world)
    group = create_closed_group(world)
    nic = run_instance(world, subnet, group)
    address = describe_nic(world, "web")["PrivateIpAddress"]

    info = info_of(world, world.mirror(targetNicId=nic))

    assert (
        f"warning: UDP 4789 of {nic} is not open to {address}, the address of "
        f"{world.nic('web')}, in its security groups ({group})"
    ) in info
    assert len(world.sessions) == 1


def test_a_repeated_request_has_the_warning_of_now(world):
    """Until the port is open; the mirror is the same."""
    _, subnet, _ = network_ids(world)
    group = create_closed_group(world)
    action = world.mirror(targetNicId=run_instance(world, subnet, group))
    first = info_of(world, action)

    again = info_of(world, action)
    allow_mirrored_packets(world, group, IpRanges=[{"CidrIp": "10.0.0.0/8"}])
    after = info_of(world, action)

    assert again == first
    assert "warning: UDP 4789" in again
    assert after == first.partition("; warning")[0]


@pytest.mark.parametrize("way", ["IpRanges", "UserIdGroupPairs", "PrefixListIds"])
def test_every_way_to_open_the_port_is_recognized(world, way):
    """The port can be open to a CIDR, the source's group or a prefix list."""
    _, subnet, source_group = network_ids(world)
    prefixes = create_prefix_list(world, "172.16.0.0/12", "10.0.0.0/8")
    sources = {
        "IpRanges": [{"CidrIp": "10.0.0.0/16"}],
        "UserIdGroupPairs": [{"GroupId": source_group}],
        "PrefixListIds": [{"PrefixListId": prefixes}],
    }
    group = create_closed_group(world)
    allow_mirrored_packets(world, group, **{way: sources[way]})

    info = info_of(world, world.mirror(targetNicId=run_instance(world, subnet, group)))

    assert "4789" not in info


def test_one_open_group_of_two_is_enough(world):
    """A NIC accepts what any of its security groups allows."""
    client, nic = world.client, world.nic("capture")
    groups = [create_closed_group(world), network_ids(world)[2]]
    client.modify_network_interface_attribute(NetworkInterfaceId=nic, Groups=groups)

    assert "warning" not in info_of(world, world.mirror())


@pytest.mark.parametrize(
    ("kind", "warned"),
    [
        ("t2.micro", True),
        ("m4.large", False),
        ("mac2-m2.metal", False),
        ("mac2-m2pro.metal", False),
        ("f1.2xlarge", False),
        ("c7gn.large", True),
        ("m8g.large", True),
        ("c8g.large", True),
        ("i8g.large", True),
    ],
)
def test_an_instance_type_that_can_not_be_a_source_gets_a_warning(world, kind, warned):
    """AWS's list decides: Nitro of version 5 and later is not on it."""
    _, subnet, group = network_ids(world)
    nic = run_instance(world, subnet, group, kind)

    info = info_of(world, world.mirror(sourceNicId=nic))

    assert (f"on a {kind} instance, a type that AWS does not mirror" in info) == warned


def test_the_warning_is_given_even_if_ec2_rejects_the_source(world):
    """AWS doesn't document whether EC2 rejects it; the warning explains the error."""
    _, subnet, group = network_ids(world)
    nic = run_instance(world, subnet, group, "t2.micro")
    world.ec2.faults.append(Fault("CreateTrafficMirrorSession", code="Unsupported"))

    (result,) = world.create(world.mirror(sourceNicId=nic))

    assert "Unsupported" in result["errorMessage"]
    assert "a type that AWS does not mirror" in result["infoMessage"]
    assert world.state == EMPTY


def test_nics_are_checked_without_permission_to_describe_instances(world):
    """A NIC that isn't attached is found by looking up the NIC itself."""
    loose = world.client.create_network_interface(SubnetId=network_ids(world)[1])
    nic = loose["NetworkInterface"]["NetworkInterfaceId"]
    world.ec2.faults.append(
        Fault("DescribeInstances", code="UnauthorizedOperation", status=403)
    )

    assert f"{nic} must be attached" in error_of(world, world.mirror(sourceNicId=nic))


LOOKUPS = {
    "DescribeInstances": "whether the instance type",
    "DescribeSecurityGroups": "whether UDP 4789",
}


@pytest.mark.parametrize("operation", LOOKUPS)
def test_a_mirror_is_created_though_a_lookup_is_not_allowed(world, operation):
    """The message names the skipped check and the missing permission."""
    world.ec2.faults.append(Fault(operation, code="UnauthorizedOperation", status=403))

    info = info_of(world, world.mirror())

    assert f"not checked: {LOOKUPS[operation]}" in info
    assert f"(ec2:{operation} is not allowed)" in info
    assert "warning" not in info


def test_a_mirror_is_created_though_a_lookup_fails(world):
    """The message names the skipped check and EC2's error."""
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
    """Small pages give the same result as large ones."""
    world.ec2.settings.page_limit = 5
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
