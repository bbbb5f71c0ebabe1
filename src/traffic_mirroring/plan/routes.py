"""
Owns: whether the route table of a subnet leads to a NIC in another VPC.

Must not know: firewalls, clients. The routing inside a transit gateway is not looked
at, nor what appliances and firewall endpoints do with a packet.
https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from traffic_mirroring.topology import Nic, Route, RouteTable, Topology, Unchecked

_FORWARDERS = ("eni-", "i-", "vpce-", "arn:")
"""What may send packets on to anywhere: appliances, endpoints, core networks."""


def find_route_problem(
    source: Nic, target: Nic, topology: Topology
) -> str | Unchecked | None:
    """
    Return why no packet of the source gets to the target's VPC, starting with a verb.

    The subject is the route table, which the text names.
    """
    if source.vpc_id == target.vpc_id:
        return None
    table = _table_of(source, topology)
    if isinstance(table, Unchecked):
        return table
    found = _longest_match(table, target.address, topology)
    if isinstance(found, Unchecked):
        return found
    if found is None:
        return f"{table.id} has no route to {target.address}"
    route = f"{table.id} routes {target.address} ({found.destination}) to {found.via}"
    if not found.active:
        return f"{route}, which is a blackhole"
    joined = _joins(found.via, frozenset((source.vpc_id, target.vpc_id)), topology)
    if isinstance(joined, Unchecked):
        return joined
    return None if joined else f"{route}, which does not lead to {target.vpc_id}"


def is_inside(address: str, cidr: str) -> bool:
    """Return whether a CIDR, with or without host bits, contains an address."""
    return ip_address(address) in ip_network(cidr, strict=False)


def are_peered(source: Nic, target: Nic, topology: Topology) -> bool:
    """Return whether an active peering joins the two VPCs, as far as is known."""
    if isinstance(topology.peerings, Unchecked):
        return True
    vpcs = frozenset((source.vpc_id, target.vpc_id))
    return any(each.active and each.vpcs == vpcs for each in topology.peerings.values())


def _table_of(source: Nic, topology: Topology) -> RouteTable | Unchecked:
    tables = topology.route_tables
    if isinstance(tables, Unchecked):
        return tables
    by_subnet = [each for each in tables if source.subnet_id in each.subnet_ids]
    main = [each for each in tables if each.is_main and each.vpc_id == source.vpc_id]
    for table in by_subnet + main:
        return table
    return Unchecked(f"the route table of {source.subnet_id} can't be seen")


def _longest_match(
    table: RouteTable, address: str, topology: Topology
) -> Route | Unchecked | None:
    """Return the route with the longest prefix; of equal ones, not a prefix list's."""
    matches: list[tuple[int, bool, Route]] = []
    for route in table.routes:
        is_list = route.destination.startswith("pl-")
        if is_list and isinstance(topology.prefix_lists, Unchecked):
            return topology.prefix_lists
        lengths = [
            ip_network(cidr, strict=False).prefixlen
            for cidr in _cidrs(route, topology)
            if is_inside(address, cidr)
        ]
        if lengths:
            matches.append((max(lengths), not is_list, route))
    return max(matches, key=lambda match: match[:2])[2] if matches else None


def _cidrs(route: Route, topology: Topology) -> Iterator[str]:
    if not route.destination.startswith("pl-"):
        yield route.destination
    elif not isinstance(topology.prefix_lists, Unchecked):
        yield from topology.prefix_lists.get(route.destination, ())


def _joins(via: str, vpcs: frozenset[str], topology: Topology) -> bool | Unchecked:
    """Return whether a route's next hop joins the two VPCs."""
    if via.startswith(_FORWARDERS):
        return Unchecked(f"{via} may send packets anywhere")
    if via.startswith("pcx-"):
        if isinstance(topology.peerings, Unchecked):
            return topology.peerings
        if via not in topology.peerings:
            return Unchecked(f"{via} can't be seen")
        peering = topology.peerings[via]
        return peering.active and peering.vpcs == vpcs
    if via.startswith("tgw-"):
        if isinstance(topology.transit_gateways, Unchecked):
            return topology.transit_gateways
        if via not in topology.transit_gateways:
            return Unchecked(f"the attachments of {via} can't be seen")
        return vpcs <= topology.transit_gateways[via]
    return False
