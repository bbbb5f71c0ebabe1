"""What is decided about NICs, instance types and the way of mirrored packets."""

from __future__ import annotations

from dataclasses import replace

import pytest

from traffic_mirroring.models import FilterRule, Mirror
from traffic_mirroring.plan.prerequisites import (
    can_be_source,
    find_obstacle,
    find_warnings,
)
from traffic_mirroring.topology import (
    AllowedSources,
    Attachments,
    Instance,
    InstanceType,
    Nic,
    Topology,
    Unchecked,
)

A, B = "eni-0000000a", "eni-0000000b"
ARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/n/01"
NO = Unchecked("ec2:Look is not allowed")

SOURCE = Nic(A, True, "vpc-1", "10.0.0.4", frozenset({"sg-web"}))
TARGET = Nic(B, True, "vpc-1", "10.0.0.5", frozenset({"sg-ids"}))
WEB = Instance("i-a", "t3.micro", "running")
IDS = Instance("i-b", "t2.micro", "running")
MACHINES = Attachments({A: SOURCE, B: TARGET}, {A: WEB, B: IDS})

OPEN = AllowedSources(cidrs=frozenset({"10.0.0.0/24"}))
NETWORK = Topology(
    types={"t3.micro": InstanceType("t3.micro", "nitro", False)},
    allowed_sources={"sg-ids": OPEN},
    prefix_lists={},
    peerings=frozenset(),
    listeners={ARN: frozenset({4789})},
)
MIRROR = Mirror(A, B)


def attachments(source=SOURCE, target=TARGET, web=WEB, ids=IDS):
    """Return MACHINES with one of them changed; None is not there."""
    nics = {nic.id: nic for nic in (source, target) if nic}
    at = {A: web, B: ids}
    return Attachments(nics, {nic: each for nic, each in at.items() if each})


def opened(**whom):
    """Return NETWORK with the target's group letting in whom is given."""
    sets = {name: frozenset(values) for name, values in whom.items()}
    return replace(NETWORK, allowed_sources={"sg-ids": AllowedSources(**sets)})


@pytest.mark.parametrize(
    ("around", "target_exists", "named"),
    [
        (attachments(), False, None),
        (attachments(source=None), False, f"{A} can't be found"),
        (attachments(source=None), True, f"{A} can't be found"),
        (attachments(target=None), False, f"{B} can't be found"),
        (attachments(target=None), True, None),
        (
            attachments(source=replace(SOURCE, attached=False)),
            False,
            f"{A} must be attached",
        ),
        (
            attachments(target=replace(TARGET, attached=False)),
            False,
            f"{B} must be attached",
        ),
        (attachments(ids=replace(IDS, state="stopped")), False, "i-b is stopped"),
        (attachments(ids=replace(IDS, state="stopped")), True, "i-b is stopped"),
        (
            attachments(ids=replace(IDS, state="shutting-down")),
            False,
            "i-b is shutting",
        ),
        (attachments(ids=replace(IDS, state="pending")), False, None),
        (attachments(web=replace(WEB, state="stopped")), False, None),
        (attachments(ids=None), False, None),
        (Attachments(NO, NO), False, None),
        (attachments(None, None), False, f"{A}, {B} can't be found"),
        (
            attachments(None, replace(TARGET, attached=False)),
            False,
            f"{A} can't be found in the region and account of the cloud provider "
            f"resource: check the id; {B} must be attached",
        ),
    ],
)
def test_what_keeps_a_mirror_from_being_made_is_named(around, target_exists, named):
    """What AWS would refuse for certain is told before anything is made."""
    obstacle = find_obstacle(MIRROR, around, target_exists=target_exists)

    assert obstacle == named or named in obstacle


def test_a_balancer_is_no_nic():
    """A mirror to a load balancer only needs its source."""
    alone = attachments(target=None, ids=None)

    assert find_obstacle(Mirror(A, ARN), alone, target_exists=False) is None
    assert find_warnings(Mirror(A, ARN), alone, NETWORK) == []


def test_a_mirror_that_works_has_no_notes():
    """Where all is well nothing is said."""
    assert find_warnings(MIRROR, MACHINES, NETWORK) == []


@pytest.mark.parametrize(
    ("network", "named"),
    [
        (opened(), "4789 of eni-0000000b is not open to 10.0.0.4"),
        (opened(cidrs={"10.0.1.0/24", "192.168.0.0/16"}), "(sg-ids)"),
        (opened(cidrs={"10.0.0.4/32"}), ""),
        (opened(cidrs={"0.0.0.0/0"}), ""),
        (opened(group_ids={"sg-web"}), ""),
        (opened(group_ids={"sg-ids"}), "not open"),
        (opened(prefix_list_ids={"pl-1"}), "not open"),
        (
            replace(
                opened(prefix_list_ids={"pl-1"}),
                prefix_lists={"pl-1": frozenset({"10.0.0.0/16"})},
            ),
            "",
        ),
        (
            replace(opened(prefix_list_ids={"pl-1"}), prefix_lists=NO),
            "not checked: whether UDP 4789",
        ),
        (replace(opened(cidrs={"10.0.0.0/8"}), prefix_lists=NO), ""),
        (replace(opened(), prefix_lists=NO), "not open"),
        (replace(NETWORK, allowed_sources=NO), "ec2:Look is not allowed"),
        (replace(NETWORK, allowed_sources={}), "not open"),
    ],
)
def test_a_closed_port_is_told(network, named):
    """UDP 4789 must be open for the source's address in one of the target's groups."""
    notes = find_warnings(MIRROR, MACHINES, network)

    assert len(notes) == (1 if named else 0)
    assert named in "".join(notes)


@pytest.mark.parametrize(
    ("network", "named"),
    [
        (NETWORK, "no active peering connection joins vpc-1"),
        (replace(NETWORK, peerings=frozenset({frozenset({"vpc-1", "vpc-2"})})), ""),
        (
            replace(NETWORK, peerings=frozenset({frozenset({"vpc-1", "vpc-3"})})),
            "no active peering connection",
        ),
        (replace(NETWORK, peerings=NO), "not checked: whether vpc-1"),
    ],
)
def test_vpcs_apart_are_told(network, named):
    """A source and a target in VPCs that aren't peered may never reach each other."""
    apart = attachments(target=replace(TARGET, vpc_id="vpc-2"))

    notes = find_warnings(MIRROR, apart, network)

    assert len(notes) == (1 if named else 0)
    assert named in "".join(notes)


@pytest.mark.parametrize("peered", [True, False])
def test_a_group_of_another_vpc_counts_where_the_vpcs_are_peered(peered):
    """A reference to a group lets nobody in from a VPC that isn't peered."""
    apart = attachments(target=replace(TARGET, vpc_id="vpc-2"))
    pairs = {frozenset({"vpc-1", "vpc-2"})} if peered else set()
    network = replace(opened(group_ids={"sg-web"}), peerings=frozenset(pairs))

    notes = "".join(find_warnings(MIRROR, apart, network))

    assert ("not open" in notes) == (not peered)


def type_of(name, hypervisor="nitro", bare_metal=False):
    """Return NETWORK knowing one type, and the source on it."""
    kind = InstanceType(name, hypervisor, bare_metal)
    return attachments(web=replace(WEB, type=name)), replace(
        NETWORK, types={name: kind}
    )


@pytest.mark.parametrize(
    ("around", "network", "named"),
    [
        (*type_of("m7g.large"), ""),
        (*type_of("t2.micro", "xen"), "t2.micro instance, which is neither Nitro"),
        (*type_of("m4.large", "xen"), ""),
        (*type_of("m3.large", "xen"), "m3.large"),
        (*type_of("i3.metal", "", bare_metal=True), ""),
        (*type_of("m7i.metal-48xl", "", bare_metal=True), "m7i.metal-48xl"),
        (
            attachments(),
            replace(NETWORK, types=NO),
            "not checked: whether the instance",
        ),
        (replace(MACHINES, instances=NO), NETWORK, "not checked: whether the instance"),
        (attachments(web=None), NETWORK, ""),
        (attachments(), replace(NETWORK, types={}), ""),
    ],
)
def test_a_type_that_can_not_be_mirrored_is_told(around, network, named):
    """Neither Nitro nor a known exception: AWS may mirror nothing."""
    notes = find_warnings(MIRROR, around, network)

    assert len(notes) == (1 if named else 0)
    assert named in "".join(notes)


def test_the_targets_type_is_of_no_interest():
    """Any instance can be a target."""
    assert not can_be_source(InstanceType("t2.micro", "xen", False))
    assert find_warnings(MIRROR, MACHINES, NETWORK) == []


@pytest.mark.parametrize(
    ("listeners", "named"),
    [
        ({ARN: frozenset({4789, 53})}, ""),
        ({ARN: frozenset({53})}, "no UDP listener on port 4789"),
        ({}, "no UDP listener"),
        (NO, "not checked: whether arn:"),
    ],
)
def test_a_balancer_that_does_not_listen_is_told(listeners, named):
    """AWS makes such a mirror without a word, and nothing arrives."""
    notes = find_warnings(
        Mirror(A, ARN), MACHINES, replace(NETWORK, listeners=listeners)
    )

    assert len(notes) == (1 if named else 0)
    assert named in "".join(notes)


def test_an_endpoint_is_not_looked_into():
    """What is behind a gateway load balancer endpoint can't be seen."""
    assert find_warnings(Mirror(A, "vpce-00000001"), MACHINES, NETWORK) == []


def test_a_source_without_ipv4_is_told():
    """Subnets of IPv6 alone can't be mirrored from."""
    (note,) = find_warnings(
        MIRROR, attachments(source=replace(SOURCE, address="")), NETWORK
    )

    assert "no IPv4 address" in note


REJECT = FilterRule("ingress", None, "0.0.0.0/0", "0.0.0.0/0", action="reject")


@pytest.mark.parametrize(
    ("mirror", "warned"),
    [
        (Mirror(A, B, (REJECT,)), True),
        (Mirror(A, B, (REJECT, replace(REJECT, action="accept"))), False),
        (Mirror(A, B, (REJECT,), network_services=("amazon-dns",)), False),
    ],
)
def test_a_filter_that_accepts_nothing_is_told(mirror, warned):
    """Rejecting rules alone let nothing through."""
    notes = "".join(find_warnings(mirror, MACHINES, NETWORK))

    assert ("nothing is mirrored" in notes) == warned


@pytest.mark.parametrize(
    ("around", "named"),
    [
        (replace(MACHINES, nics=NO), "ec2:Look is not allowed"),
        (attachments(target=None), f"{B} can't be seen"),
    ],
)
def test_a_nic_that_was_not_seen_leaves_the_way_unchecked(around, named):
    """Another account's target may be shared; its groups can't be looked at."""
    (note,) = find_warnings(MIRROR, around, NETWORK)

    assert note.startswith("not checked: whether UDP 4789 of eni-0000000b is open")
    assert named in note
