"""A warning about the network and a lost copy of a packet go together."""

from __future__ import annotations

import pytest
from scapy.layers.inet import TCP

from emulator.faults import Fault
from tests.scenario.conftest import create_mirrors
from tests.scenario.ec2_resources import (
    allow_mirrored_packets,
    attach_nic,
    create_closed_group,
    create_load_balancer,
    create_other_vpc,
    create_prefix_list,
    describe_nic,
    network_ids,
    run_instance,
)
from tests.scenario.mirrored_traffic import CLIENT
from tests.scenario.network_resources import (
    attach_to_gateway,
    create_acl,
    create_internet_gateway,
    create_subnet,
    create_table,
    main_table,
    peer,
    route,
)


def check(world, traffic, warning, target, receiver=None):
    """
    Mirror web to a target; compare the only warning with what arrives.

    `warning` is part of it, or None if packets arrive. The receiver is the target or,
    behind a load balancer, an App.
    """
    kind = "targetNicId" if target.startswith("eni-") else "networkLoadBalancerArn"
    action = world.mirror(**{"targetNicId": None, kind: target})

    info = create_mirrors(world, action)[0]["infoMessage"]

    assert "not checked" not in info
    assert info.count("warning: ") == (0 if warning is None else 1), info
    assert warning is None or warning in info
    arrives = traffic.is_mirrored(traffic.inbound(TCP()), receiver or target)
    assert arrives is (warning is None)


@pytest.mark.parametrize("group", ["closed", "open to others", "open"])
def test_security_groups(world, traffic, group):
    """UDP 4789 must be open for the source's address."""
    chosen = create_closed_group(world)
    nic = run_instance(world, network_ids(world)[1], chosen)
    if group != "closed":
        cidr = f"{traffic.address if group == 'open' else CLIENT}/32"
        allow_mirrored_packets(world, chosen, IpRanges=[{"CidrIp": cidr}])

    check(world, traffic, None if group == "open" else "is not open to", nic)


EVERYONE = "0.0.0.0/0"


@pytest.mark.parametrize(
    ("entries", "warned"),
    [
        ([], True),
        ([(10, "allow", EVERYONE)], False),
        ([(10, "deny", EVERYONE), (20, "allow", EVERYONE)], True),
        ([(20, "deny", EVERYONE), (10, "allow", "10.0.0.0/20")], False),
        ([(10, "allow", "192.168.0.0/16")], True),
    ],
)
def test_network_acls(world, traffic, entries, warned):
    """The rules of the target's subnet are evaluated in the order of their numbers."""
    vpc, _, group = network_ids(world)
    subnet = create_subnet(world, vpc, "10.0.16.0/20")
    acl = create_acl(world, vpc, subnet, *entries)
    nic = run_instance(world, subnet, group)

    warning = f"network ACL {acl} of {subnet}, the subnet of {nic}, denies"

    check(world, traffic, warning if warned else None, nic)


def test_a_network_acl_does_not_apply_within_its_subnet(world, traffic):
    """AWS evaluates it at the border of the subnet, so there is no warning."""
    vpc, subnet, _ = network_ids(world)
    create_acl(world, vpc, subnet, (10, "allow", f"{CLIENT}/32"))
    client = world.client
    (acl,) = client.describe_network_acls(
        Filters=[{"Name": "association.subnet-id", "Values": [subnet]}]
    )["NetworkAcls"]
    client.create_network_acl_entry(
        NetworkAclId=acl["NetworkAclId"],
        RuleNumber=20,
        Protocol="6",
        PortRange={"From": 0, "To": 65535},
        RuleAction="allow",
        Egress=False,
        CidrBlock=EVERYONE,
    )

    check(world, traffic, None, world.nic("capture"))


class TwoVpcs:
    """The sandbox's VPC, and another one with a target that is open to everyone."""

    def __init__(self, world):
        self._world = world
        self.vpc, self.subnet, _ = network_ids(world)
        self.far_vpc, self.far_subnet, group = create_other_vpc(world)
        self.nic = run_instance(world, self.far_subnet, group)
        self.table = main_table(world, self.vpc)

    def peer(self, **options):
        """Peer both VPCs."""
        return peer(self._world, self.vpc, self.far_vpc, **options)

    def route(self, destination, hop):
        """Add a route to the main table of the sandbox's VPC."""
        route(self._world, self.table, destination, hop)


@pytest.fixture
def two_vpcs(world):
    """Create a target in another VPC."""
    return TwoVpcs(world)


def test_a_vpc_without_a_route(world, traffic, two_vpcs):
    """A peering connection alone leads nowhere."""
    two_vpcs.peer()

    warning = f"to {two_vpcs.nic} in {two_vpcs.far_vpc}: route table {two_vpcs.table}"

    check(world, traffic, f"{warning} has no route to 10.9.0.", two_vpcs.nic)


@pytest.mark.parametrize("accepted", [True, False])
def test_a_route_to_a_peering_connection(world, traffic, two_vpcs, accepted):
    """It is a blackhole until the connection is accepted."""
    two_vpcs.route("10.9.0.0/16", two_vpcs.peer(accepted=accepted))

    check(world, traffic, None if accepted else "which is a blackhole", two_vpcs.nic)


def test_a_route_to_a_peering_connection_with_another_vpc(world, traffic, two_vpcs):
    """Packets go where the route leads."""
    third, _, _ = create_other_vpc(world, "10.8.0.0/16")
    two_vpcs.peer()
    two_vpcs.route("10.9.0.0/16", peer(world, two_vpcs.vpc, third))

    check(world, traffic, f"does not lead to {two_vpcs.far_vpc}", two_vpcs.nic)


@pytest.mark.parametrize("attached", [True, False])
def test_a_route_to_a_transit_gateway(world, traffic, two_vpcs, attached):
    """Both VPCs must be attached to it."""
    subnets = [two_vpcs.subnet, *([two_vpcs.far_subnet] if attached else [])]
    two_vpcs.route("10.0.0.0/8", attach_to_gateway(world, *subnets))

    warning = None if attached else f"does not lead to {two_vpcs.far_vpc}"

    check(world, traffic, warning, two_vpcs.nic)


@pytest.mark.parametrize("longer", [True, False])
def test_the_route_with_the_longest_prefix_decides(world, traffic, two_vpcs, longer):
    """Here a longer one leads to the internet."""
    two_vpcs.route("10.9.0.0/16", two_vpcs.peer())
    gateway = create_internet_gateway(world, two_vpcs.vpc)
    two_vpcs.route("10.9.0.0/24" if longer else EVERYONE, gateway)

    check(world, traffic, f"to {gateway}, which" if longer else None, two_vpcs.nic)


@pytest.mark.parametrize("listed", [True, False])
def test_a_route_to_a_prefix_list(world, traffic, two_vpcs, listed):
    """Its CIDRs are looked up."""
    prefixes = create_prefix_list(
        world, "192.168.0.0/16", "10.9.0.0/16" if listed else "10.8.0.0/16"
    )
    two_vpcs.route(prefixes, two_vpcs.peer())

    check(world, traffic, None if listed else "has no route", two_vpcs.nic)


@pytest.mark.parametrize("routed", [True, False])
def test_a_subnets_own_route_table(world, traffic, two_vpcs, routed):
    """It replaces the main one."""
    peering = two_vpcs.peer()
    own = create_table(world, two_vpcs.vpc, two_vpcs.subnet)
    route(world, own if routed else two_vpcs.table, "10.9.0.0/16", peering)

    warning = None if routed else f"route table {own} has no route"

    check(world, traffic, warning, two_vpcs.nic)


def test_a_route_to_a_middlebox_is_not_followed(world, two_vpcs):
    """What an appliance does with packets can't be seen."""
    two_vpcs.route("10.9.0.0/16", world.nic("ids"))

    info = create_mirrors(world, world.mirror(targetNicId=two_vpcs.nic))[0][
        "infoMessage"
    ]

    assert "warning" not in info
    assert f"not checked: whether a route leads from {world.nic('web')}" in info
    assert f"({world.nic('ids')} may send packets anywhere)" in info


def test_a_load_balancer_passes_packets_on(world, traffic):
    """They arrive at the healthy target behind its UDP listener."""
    arn = create_load_balancer(world, 53, 4789)

    check(world, traffic, None, arn, receiver="capture")


@pytest.mark.parametrize(
    ("ports", "warning"),
    [((), "has no UDP listener on port 4789"), ((53,), "has no UDP listener")],
)
def test_a_load_balancer_without_a_listener(world, traffic, ports, warning):
    """A listener for another port does not count."""
    check(world, traffic, warning, create_load_balancer(world, *ports), "capture")


@pytest.mark.parametrize("targets", ["none", "stopped"])
def test_a_load_balancer_without_a_healthy_target(world, traffic, targets):
    """Nothing is registered, or only a stopped instance."""
    instance = describe_nic(world, "capture")["Attachment"]["InstanceId"]
    arn = create_load_balancer(
        world, 4789, targets=[instance] if targets == "stopped" else []
    )
    world.client.stop_instances(InstanceIds=[instance])

    check(world, traffic, "no target behind the UDP listener of", arn, "capture")


@pytest.mark.parametrize("is_open", [True, False])
def test_a_load_balancers_own_security_groups(world, traffic, is_open):
    """It has none, or UDP 4789 must be open in one of them."""
    group = create_closed_group(world)
    if is_open:
        allow_mirrored_packets(world, group, IpRanges=[{"CidrIp": "10.0.0.0/16"}])
    arn = create_load_balancer(world, 4789, SecurityGroups=[group])

    check(world, traffic, None if is_open else "is not open to", arn, "capture")


@pytest.mark.parametrize("routed", [True, False])
def test_a_load_balancer_in_another_vpc(world, traffic, two_vpcs, routed):
    """Its NICs are in its own subnets, which a route must lead to."""
    if routed:
        two_vpcs.route("10.9.0.0/16", two_vpcs.peer())
    instance = describe_nic(world, "capture")["Attachment"]["InstanceId"]
    arn = create_load_balancer(
        world, 4789, targets=[instance], Subnets=[two_vpcs.far_subnet]
    )

    check(world, traffic, None if routed else "no route leads", arn, "capture")


@pytest.mark.parametrize("kind", ["t2.micro", "m8g.large", "m5.metal"])
def test_source_types(world, traffic, kind):
    """EC2 accepts a session on any type, and mirrors nothing of some."""
    instance = describe_nic(world, "web")["Attachment"]["InstanceId"]
    world.client.stop_instances(InstanceIds=[instance])
    world.client.modify_instance_attribute(
        InstanceId=instance, InstanceType={"Value": kind}
    )
    world.client.start_instances(InstanceIds=[instance])

    warning = None if kind == "m5.metal" else f"is on a {kind} instance"

    check(world, traffic, warning, world.nic("capture"))


def test_a_target_whose_nic_is_gone(world):
    """EC2 rejects the session, and the warning explains why."""
    world.create(world.mirror("db"))
    (target,) = world.targets
    nic = attach_nic(world.client, world.sandbox.apps[2])
    made = world.client.create_traffic_mirror_target(NetworkInterfaceId=nic)
    found = world.client.describe_network_interfaces(NetworkInterfaceIds=[nic])
    attachment = found["NetworkInterfaces"][0]["Attachment"]["AttachmentId"]
    world.client.detach_network_interface(AttachmentId=attachment)
    world.client.delete_network_interface(NetworkInterfaceId=nic)

    (result,) = world.create(world.mirror(targetNicId=nic))

    assert "InvalidTrafficMirrorTarget" in result["errorMessage"]
    assert f"warning: {nic} does not exist any more" in result["infoMessage"]
    left = {each["TrafficMirrorTargetId"] for each in world.targets}
    mine = made["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
    assert left == {target["TrafficMirrorTargetId"], mine}


def test_too_many_sources_are_explained(world):
    """The error names the limit of the target's type."""
    world.ec2.settings.quotas.sources_per_target = 1

    first, second = world.create(world.mirror("web"), world.mirror("db"))

    failed = first if first["errorMessage"] else second
    assert "TrafficMirrorSourcesPerTargetLimitExceeded" in failed["errorMessage"]
    assert "AWS allows 10 sources for a target on t3.micro" in failed["errorMessage"]


LOOKUPS = {
    "DescribeNetworkAcls": "whether the network ACL of",
    "DescribeRouteTables": "whether a route leads from",
    "DescribeVpcPeeringConnections": "whether a route leads from",
}


@pytest.mark.parametrize("operation", LOOKUPS)
def test_a_mirror_is_created_though_a_lookup_is_not_allowed(world, two_vpcs, operation):
    """The message names the skipped check and the missing permission."""
    two_vpcs.route("10.9.0.0/16", two_vpcs.peer())
    world.ec2.faults.append(Fault(operation, code="UnauthorizedOperation", status=403))

    (result,) = create_mirrors(world, world.mirror(targetNicId=two_vpcs.nic))

    info = result["infoMessage"]
    assert f"not checked: {LOOKUPS[operation]}" in info
    assert f"(ec2:{operation} is not allowed)" in info
    assert "warning" not in info
