"""Whether mirrored packets arrive: routes, network ACLs and security groups."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.plan.two_nics import (
    BALANCER_NIC,
    FAR_TARGET,
    NETWORK,
    NOT_ALLOWED,
    PEERING,
    SOURCE,
    TARGET,
    B,
)
from traffic_mirroring.plan.delivery import Leg, find_losses
from traffic_mirroring.topology import AclEntry, AllowedSources, NetworkAcl

LEG = Leg(SOURCE, TARGET, B)
FAR_LEG = Leg(SOURCE, FAR_TARGET, B)


def with_group(**sources):
    """Return NETWORK with the target's group allowing these sources."""
    sets = {name: frozenset(values) for name, values in sources.items()}
    return replace(NETWORK, allowed_sources={"sg-ids": AllowedSources(**sets)})


def with_acl(*entries):
    """Return NETWORK with the entries (number, CIDR, allows) in the target's ACL."""
    acl = NetworkAcl("acl-9", tuple(AclEntry(*entry) for entry in entries))
    return replace(NETWORK, acls={"subnet-2": acl})


def note_on(leg, topology):
    """Return the only note, or an empty text."""
    notes = list(find_losses(leg, topology))
    assert len(notes) <= 1
    return "".join(notes)


@pytest.mark.parametrize("leg", [LEG, FAR_LEG])
def test_a_path_without_obstacles_has_no_notes(leg):
    """Nothing is said about packets that arrive."""
    assert list(find_losses(leg, NETWORK)) == []


@pytest.mark.parametrize(
    ("topology", "named"),
    [
        (with_group(), "4789 of eni-0000000b is not open to 10.0.0.4"),
        (with_group(cidrs={"10.0.1.0/24", "192.168.0.0/16"}), "(sg-ids)"),
        (with_group(cidrs={"10.0.0.4/32"}), ""),
        (with_group(cidrs={"10.0.0.9/24"}), ""),
        (with_group(cidrs={"0.0.0.0/0"}), ""),
        (with_group(group_ids={"sg-web"}), ""),
        (with_group(group_ids={"sg-ids"}), "not open"),
        (with_group(prefix_list_ids={"pl-1"}), "not open"),
        (
            replace(
                with_group(prefix_list_ids={"pl-1"}),
                prefix_lists={"pl-1": frozenset({"10.0.0.0/16"})},
            ),
            "",
        ),
        (
            replace(
                with_group(cidrs={"10.0.0.4/32"}, prefix_list_ids={"pl-1", "pl-2"}),
                prefix_lists={"pl-1": frozenset({"10.1.0.0/16"}), "pl-2": frozenset()},
            ),
            "",
        ),
        (
            replace(with_group(prefix_list_ids={"pl-1"}), prefix_lists=NOT_ALLOWED),
            "not checked: whether UDP 4789 of eni-0000000b is open to eni-0000000a (",
        ),
        (replace(with_group(cidrs={"10.0.0.0/8"}), prefix_lists=NOT_ALLOWED), ""),
        (replace(with_group(), prefix_lists=NOT_ALLOWED), "not open"),
        (replace(NETWORK, allowed_sources=NOT_ALLOWED), "ec2:Look is not allowed"),
        (replace(NETWORK, allowed_sources={}), "not open"),
    ],
)
def test_a_closed_security_group_loses_packets(topology, named):
    """UDP 4789 must be open for the source's address in one of the target's groups."""
    note = note_on(LEG, topology)

    assert named in note
    assert bool(note) == bool(named)


def test_a_load_balancer_without_groups_accepts_everything():
    """Only those that were created with a group have any."""
    leg = replace(LEG, target=BALANCER_NIC)

    assert note_on(leg, replace(NETWORK, allowed_sources={})) == ""


@pytest.mark.parametrize("peered", [True, False])
def test_a_group_of_another_vpc_stands_for_its_nics_if_the_vpcs_are_peered(peered):
    """Behind a transit gateway, or without a connection, it allows none of them."""
    topology = replace(
        with_group(group_ids={"sg-web"}),
        peerings={"pcx-1": replace(PEERING, active=peered)},
    )

    notes = " ".join(find_losses(FAR_LEG, topology))

    assert ("not open" in notes) == (not peered)


@pytest.mark.parametrize(
    ("topology", "named"),
    [
        (with_acl((100, "0.0.0.0/0", True)), ""),
        (with_acl((32767, "0.0.0.0/0", False)), "network ACL acl-9 of subnet-2"),
        (with_acl(), "denies UDP 4789 from 10.0.0.4"),
        (with_acl((10, "10.0.1.0/24", True)), "denies"),
        (with_acl((20, "10.0.0.0/8", True), (10, "10.0.0.0/24", False)), "denies"),
        (with_acl((10, "10.0.0.0/24", True), (20, "10.0.0.0/8", False)), ""),
        (replace(NETWORK, acls=NOT_ALLOWED), "ec2:Look is not allowed"),
        (
            replace(NETWORK, acls={}),
            "not checked: whether the network ACL of eni-0000000b allows UDP 4789 "
            "(that of subnet-2 can't be seen)",
        ),
    ],
)
def test_a_network_acl_is_evaluated_in_the_order_of_its_numbers(topology, named):
    """The first entry that contains the source's address decides."""
    note = note_on(LEG, topology)

    assert named in note
    assert bool(note) == bool(named)


def test_within_a_subnet_no_network_acl_applies():
    """AWS evaluates it where packets enter or leave the subnet."""
    leg = replace(LEG, target=replace(TARGET, subnet_id="subnet-1"))

    assert note_on(leg, with_acl()) == ""


def test_a_missing_route_is_named():
    """The note has both ends, the table and what to do."""
    note = note_on(FAR_LEG, replace(NETWORK, peerings={"pcx-1": PEERING}))
    assert note == ""

    broken = {"pcx-1": replace(PEERING, active=False)}
    note = note_on(FAR_LEG, replace(NETWORK, peerings=broken))

    assert "from eni-0000000a in vpc-1 to eni-0000000b in vpc-2" in note
    assert "route table rtb-1 routes 10.9.0.5 (10.9.0.0/16) to pcx-1" in note


def test_routes_that_can_not_be_seen_are_unchecked():
    """The mirror may work."""
    note = note_on(FAR_LEG, replace(NETWORK, route_tables=NOT_ALLOWED))

    assert note.startswith("not checked: whether a route leads from eni-0000000a")
