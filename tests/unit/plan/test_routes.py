"""Whether a subnet's routes lead to a NIC in another VPC."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.plan.two_nics import (
    FAR_TARGET,
    MAIN_TABLE,
    NETWORK,
    NOT_ALLOWED,
    PEERING,
    SOURCE,
    TARGET,
)
from traffic_mirroring.plan.routes import are_peered, find_route_problem
from traffic_mirroring.topology import Peering, Route, RouteTable, Unchecked


def with_routes(*routes, **changes):
    """Return NETWORK with these routes in the main table, besides the local one."""
    table = replace(MAIN_TABLE, routes=(MAIN_TABLE.routes[0], *routes))
    return replace(NETWORK, route_tables=(table,), **changes)


def to(via, destination="10.9.0.0/16", **more):
    """Return a route."""
    return Route(destination, via, **more)


PEERED = to("pcx-1")
LISTED = to("pcx-1", "pl-1")


@pytest.mark.parametrize(
    "topology",
    [
        NETWORK,
        with_routes(to("nat-1", "0.0.0.0/0"), to("nat-1", "10.0.0.0/8"), PEERED),
        with_routes(to("igw-1"), to("pcx-1", "10.9.0.5/32")),
        with_routes(to("igw-1", "0.0.0.0/0"), to("pcx-1", "10.9.3.4/16")),
        with_routes(LISTED, prefix_lists={"pl-1": frozenset({"10.9.0.0/16"})}),
        with_routes(
            LISTED,
            to("igw-1", "10.8.0.0/13"),
            prefix_lists={"pl-1": frozenset({"192.168.0.0/16", "10.9.0.0/24"})},
        ),
        with_routes(to("tgw-1"), transit_gateways={"tgw-1": {"vpc-1", "vpc-2"}}),
        with_routes(
            LISTED,
            PEERED,
            prefix_lists={"pl-1": frozenset({"10.9.0.0/16"})},
        ),
        with_routes(
            to("igw-1", "pl-1"),
            PEERED,
            prefix_lists={"pl-1": frozenset({"10.9.0.0/16"})},
        ),
        with_routes(
            PEERED,
            to("igw-1", "pl-1"),
            prefix_lists={"pl-1": frozenset({"10.9.0.0/16"})},
        ),
        with_routes(
            LISTED,
            to("pcx-1", "pl-2"),
            prefix_lists=dict.fromkeys(["pl-1", "pl-2"], frozenset({"10.9.0.0/16"})),
        ),
        with_routes(to("igw-1", "pl-gone"), PEERED),
    ],
)
def test_a_route_that_leads_to_the_targets_vpc_is_no_problem(topology):
    """The longest prefix decides, whether by CIDR or by prefix list."""
    assert find_route_problem(SOURCE, FAR_TARGET, topology) is None


@pytest.mark.parametrize(
    ("topology", "problem"),
    [
        (with_routes(), "rtb-1 has no route to 10.9.0.5"),
        (
            with_routes(LISTED, prefix_lists={"pl-1": frozenset({"10.8.0.0/16"})}),
            "no route",
        ),
        (with_routes(to("pcx-1", active=False)), "which is a blackhole"),
        (
            with_routes(PEERED, peerings={"pcx-1": replace(PEERING, active=False)}),
            "to pcx-1, which does not lead to vpc-2",
        ),
        (
            with_routes(
                PEERED,
                peerings={"pcx-1": Peering(frozenset({"vpc-1", "vpc-3"}), True)},
            ),
            "does not lead to vpc-2",
        ),
        (with_routes(PEERED, to("igw-1", "10.9.0.0/24")), "(10.9.0.0/24) to igw-1"),
        (with_routes(to("local", "10.9.0.0/16"), to("pcx-1", "10.0.0.0/8")), "local"),
        (
            with_routes(
                to("igw-1", "pl-1"), PEERED, prefix_lists={"pl-1": {"10.9.0.5/32"}}
            ),
            "(pl-1) to igw-1",
        ),
        (
            with_routes(to("tgw-1"), transit_gateways={"tgw-1": {"vpc-1", "vpc-3"}}),
            "to tgw-1, which does not lead to vpc-2",
        ),
    ],
)
def test_a_route_that_leads_elsewhere_is_a_problem(topology, problem):
    """The text names the table, the route and what it leads to."""
    assert problem in find_route_problem(SOURCE, FAR_TARGET, topology)


@pytest.mark.parametrize(
    ("topology", "reason"),
    [
        (replace(NETWORK, route_tables=NOT_ALLOWED), "ec2:Look is not allowed"),
        (replace(NETWORK, peerings=NOT_ALLOWED), "ec2:Look is not allowed"),
        (replace(NETWORK, peerings={}), "pcx-1 can't be seen"),
        (with_routes(to("tgw-1"), transit_gateways=NOT_ALLOWED), "ec2:Look"),
        (with_routes(to("tgw-1")), "the attachments of tgw-1 can't be seen"),
        (with_routes(PEERED, LISTED, prefix_lists=NOT_ALLOWED), "ec2:Look"),
        (with_routes(to("eni-1")), "eni-1 may send packets anywhere"),
        (with_routes(to("vpce-1")), "vpce-1 may send packets anywhere"),
        (replace(NETWORK, route_tables=()), "the route table of subnet-1 can't be"),
    ],
)
def test_what_can_not_be_seen_is_unchecked(topology, reason):
    """Nothing is claimed about a route that can't be followed."""
    found = find_route_problem(SOURCE, FAR_TARGET, topology)

    assert isinstance(found, Unchecked)
    assert reason in found.reason


def test_a_subnets_own_table_replaces_the_main_one():
    """The main table of another VPC does not matter either."""
    own = RouteTable("rtb-2", "vpc-1", False, frozenset({"subnet-1"}), ())
    other = replace(MAIN_TABLE, id="rtb-3", vpc_id="vpc-3", routes=())

    with_own = replace(NETWORK, route_tables=(MAIN_TABLE, own))
    with_other = replace(NETWORK, route_tables=(other, MAIN_TABLE))

    problem = find_route_problem(SOURCE, FAR_TARGET, with_own)
    assert problem == "rtb-2 has no route to 10.9.0.5"
    assert find_route_problem(SOURCE, FAR_TARGET, with_other) is None


def test_within_a_vpc_no_route_is_needed():
    """Every table has a local route."""
    assert find_route_problem(SOURCE, TARGET, replace(NETWORK, route_tables=())) is None


@pytest.mark.parametrize(
    ("peerings", "peered"),
    [
        ({"pcx-1": PEERING}, True),
        ({"pcx-1": replace(PEERING, active=False)}, False),
        ({"pcx-1": replace(PEERING, vpcs=frozenset({"vpc-1", "vpc-3"}))}, False),
        (NOT_ALLOWED, True),
    ],
)
def test_two_vpcs_are_peered_by_an_active_connection(peerings, peered):
    """What can't be looked up is not held against them."""
    topology = replace(NETWORK, peerings=peerings)

    assert are_peered(SOURCE, FAR_TARGET, topology) is peered
