"""Which look-ups a command makes around its mirrors, on an in-memory network."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from tests.unit.flows.fake_network import FakeNetwork
from tests.unit.flows.fakes import InlineWorkers
from tests.unit.plan.two_nics import (
    ARN,
    BALANCER_NIC,
    FAR_TARGET,
    GROUP_ARN,
    IDS,
    MAIN_TABLE,
    NETWORK,
    SOURCE,
    TARGET,
    WEB,
    A,
    B,
)
from traffic_mirroring.flows.lookups import Lookups
from traffic_mirroring.models import Mirror
from traffic_mirroring.plan.warnings import find_warnings
from traffic_mirroring.topology import AllowedSources, Route, Topology, Unchecked

MIRROR, TO_BALANCER = Mirror(A, B), Mirror(A, ARN)


def network(target=TARGET, topology=NETWORK, **changes):
    """Return both NICs on instances, a load balancer, and what lies between them."""
    attached = {A: (SOURCE, WEB), B: (target, IDS)}
    return FakeNetwork(attached, {}, {ARN: (BALANCER_NIC,)}, topology, **changes)


def look_up(ec2, *mirrors):
    """Return the attachments and the topology of mirrors."""
    lookups = Lookups(ec2, InlineWorkers(), logging.getLogger("lookups"))
    attachments = lookups.find_attachments(mirrors)
    with lookups.topology(mirrors, attachments) as topology:
        assert not topology.done()
    return attachments, topology.result()


SAME_SUBNET = replace(TARGET, subnet_id=SOURCE.subnet_id)


@pytest.mark.parametrize(
    ("target", "mirror", "calls"),
    [
        (SAME_SUBNET, MIRROR, {"attached": {A, B}, "allowed_sources": {"sg-ids"}}),
        (
            TARGET,
            MIRROR,
            {
                "attached": {A, B},
                "allowed_sources": {"sg-ids"},
                "acls": {"subnet-2"},
            },
        ),
        (
            FAR_TARGET,
            MIRROR,
            {
                "attached": {A, B},
                "allowed_sources": {"sg-ids"},
                "acls": {"subnet-9"},
                "route_tables": {"vpc-1"},
                "peerings": {"vpc-1", "vpc-2"},
                "transit_gateways": {"vpc-1", "vpc-2"},
            },
        ),
        (
            TARGET,
            TO_BALANCER,
            {
                "attached": {A},
                "balancer_nics": {ARN},
                "acls": {"subnet-2"},
                "listeners": {ARN},
                "healthy": {GROUP_ARN},
            },
        ),
        (TARGET, Mirror(A, "vpce-00000001"), {"attached": {A}}),
    ],
    ids=["one subnet", "one VPC", "two VPCs", "load balancer", "endpoint"],
)
def test_only_what_a_mirror_needs_is_looked_up(target, mirror, calls):
    """Most mirrors need two look-ups, which don't grow with the number of mirrors."""
    ec2 = network(target)

    attachments, topology = look_up(ec2, mirror, mirror)

    assert ec2.calls == calls
    assert find_warnings(mirror, attachments, topology) == []


def test_the_prefix_lists_of_groups_and_routes_are_looked_up():
    """Both may name some; each is one more call."""
    lists = {"pl-1": frozenset({"10.0.0.0/24"}), "pl-2": frozenset({"10.9.0.0/16"})}
    table = replace(MAIN_TABLE, routes=(Route("pl-2", "pcx-1"),))
    group = AllowedSources(prefix_list_ids=frozenset({"pl-1"}))
    ec2 = PrefixListNetwork(
        {A: (SOURCE, WEB), B: (FAR_TARGET, IDS)},
        topology=replace(
            NETWORK,
            allowed_sources={"sg-ids": group},
            route_tables=(table,),
            prefix_lists=lists,
        ),
    )

    attachments, topology = look_up(ec2, MIRROR)

    assert topology.prefix_lists == lists
    assert find_warnings(MIRROR, attachments, topology) == []


class PrefixListNetwork(FakeNetwork):
    """Looks up prefix lists twice: those of groups, and those of routes."""

    def find_prefix_lists(self, list_ids):
        self.calls.pop("prefix_lists", None)
        return super().find_prefix_lists(list_ids)


def test_nics_that_are_on_no_instance_are_looked_up_as_well():
    """Only if there are any: most are found with their instances."""
    ec2 = FakeNetwork({A: (SOURCE, WEB)}, {B: TARGET})

    attachments, _ = look_up(ec2, MIRROR)

    assert ec2.calls["nics"] == {B}
    assert attachments.nics == {A: SOURCE, B: TARGET}
    assert attachments.instances == {A: WEB}


def test_instances_are_known_though_the_other_nics_can_not_be_looked_up():
    """A target on a stopped instance is reported all the same."""
    ec2 = FakeNetwork({A: (SOURCE, WEB)}, {B: TARGET}, forbidden={"nics"})

    attachments, _ = look_up(ec2, MIRROR)

    assert isinstance(attachments.nics, Unchecked)
    assert attachments.instances == {A: WEB}


FAR = {
    "allowed_sources": "whether UDP 4789",
    "acls": "whether the network ACL",
    "route_tables": "whether a route leads",
    "peerings": "whether a route leads",
}
BALANCING = {
    "balancer_nics": "whether UDP 4789",
    "listeners": f"whether {ARN} listens",
    "healthy": f"whether a target of {ARN}",
}


@pytest.mark.parametrize("failure", ["forbidden", "broken"])
@pytest.mark.parametrize(
    ("mirror", "name", "what"),
    [
        *((MIRROR, *each) for each in FAR.items()),
        *((TO_BALANCER, *each) for each in BALANCING.items()),
    ],
)
def test_a_look_up_that_fails_leaves_one_thing_unchecked(mirror, name, what, failure):
    """The note has the missing permission, or EC2's error; nothing else is lost."""
    ec2 = network(FAR_TARGET, **{failure: {name}})

    attachments, topology = look_up(ec2, mirror)

    (note,) = find_warnings(mirror, attachments, topology)
    assert note.startswith(f"not checked: {what}")
    reason = f"ec2:{name} is not allowed" if failure == "forbidden" else "InternalError"
    assert reason in note


def test_without_attachments_nothing_else_is_looked_up():
    """What lies between unknown NICs is unknown."""
    ec2 = network(forbidden={"attached", "nics"})

    attachments, topology = look_up(ec2, MIRROR)

    assert isinstance(attachments.nics, Unchecked)
    assert isinstance(attachments.instances, Unchecked)
    assert topology == Topology()
    assert set(ec2.calls) == {"attached", "nics"}


@pytest.mark.parametrize("failing", ["groups", "routes"])
def test_prefix_lists_are_unchecked_if_one_look_up_of_them_fails(failing):
    """Some entries may be missing then."""
    table = replace(MAIN_TABLE, routes=(Route("pl-2", "pcx-1"),))
    group = AllowedSources(prefix_list_ids=frozenset({"pl-1"}))
    topology = replace(
        NETWORK,
        allowed_sources={"sg-ids": group} if failing == "groups" else {},
        route_tables=(table,) if failing == "routes" else (),
    )

    _, found = look_up(network(FAR_TARGET, topology, broken={"prefix_lists"}), MIRROR)

    assert isinstance(found.prefix_lists, Unchecked)
