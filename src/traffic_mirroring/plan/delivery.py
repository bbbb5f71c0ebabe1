"""
Owns: whether mirrored packets of a source arrive at a NIC: routes, ACLs, groups.

The NIC is the target's, or that of a load balancer that is the target. Must not know:
instances, listeners, clients.
https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-network-access.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from traffic_mirroring.models import Destination
from traffic_mirroring.plan.routes import (
    are_peered,
    find_route_problem,
    is_inside,
)
from traffic_mirroring.topology import (
    VXLAN_PORT,
    AllowedSources,
    NetworkAcl,
    Nic,
    Topology,
    Unchecked,
)


@dataclass(frozen=True)
class Leg:
    """A source and a NIC of its destination."""

    source: Nic
    target: Nic
    destination: Destination


def open_port_check(destination: Destination, source: str) -> str:
    """Return what the checks of security groups find out, for a note."""
    return f"whether UDP {VXLAN_PORT} of {destination} is open to {source}"


def find_losses(leg: Leg, topology: Topology) -> Iterator[str]:
    """Yield warnings of what keeps packets from arriving, and what was not checked."""
    for note in (
        _note_on_routes(leg, topology),
        _note_on_acl(leg, topology),
        _note_on_groups(leg, topology),
    ):
        if note:
            yield note


def _note_on_routes(leg: Leg, topology: Topology) -> str | None:
    source, target = leg.source, leg.target
    problem = find_route_problem(source, target, topology)
    if problem is None:
        return None
    between = f"{source.id} in {source.vpc_id} to {leg.destination} in {target.vpc_id}"
    if isinstance(problem, Unchecked):
        return problem.note(f"whether a route leads from {between}")
    return (
        f"warning: no route leads from {between}: route table {problem}, so nothing "
        f"arrives: route {target.address} to a peering connection or transit gateway "
        "of the two VPCs"
    )


def _note_on_acl(leg: Leg, topology: Topology) -> str | None:
    source, target = leg.source, leg.target
    if source.subnet_id == target.subnet_id:
        return None  # AWS applies ACLs at the border of a subnet only.
    what = f"whether the network ACL of {leg.destination} allows UDP {VXLAN_PORT}"
    if isinstance(topology.acls, Unchecked):
        return topology.acls.note(what)
    acl = topology.acls.get(target.subnet_id)
    if acl is None:
        return Unchecked(f"that of {target.subnet_id} can't be seen").note(what)
    if _allows(acl, source.address):
        return None
    return (
        f"warning: network ACL {acl.id} of {target.subnet_id}, the subnet of "
        f"{leg.destination}, denies UDP {VXLAN_PORT} from {source.address}, the "
        f"address of {source.id}, so nothing arrives: allow it by an inbound "
        "rule of a lower number"
    )


def _allows(acl: NetworkAcl, address: str) -> bool:
    for entry in sorted(acl.entries, key=lambda each: each.number):
        if is_inside(address, entry.cidr):
            return entry.allows
    return False


def _note_on_groups(leg: Leg, topology: Topology) -> str | None:
    source, group_ids = leg.source, leg.target.group_ids
    if not group_ids:
        return None  # A load balancer may have none, and then accepts everything.
    what = open_port_check(leg.destination, source.id)
    if isinstance(topology.allowed_sources, Unchecked):
        return topology.allowed_sources.note(what)
    allowed_sources = [
        topology.allowed_sources[group_id]
        for group_id in group_ids
        if group_id in topology.allowed_sources
    ]
    if any(_lets_in(allowed, leg, topology) for allowed in allowed_sources):
        return None
    if isinstance(topology.prefix_lists, Unchecked) and any(
        allowed.prefix_list_ids for allowed in allowed_sources
    ):
        return topology.prefix_lists.note(what)
    return (
        f"warning: UDP {VXLAN_PORT} of {leg.destination} is not open to "
        f"{source.address}, the address of {source.id}, in its security groups "
        f"({', '.join(sorted(group_ids))}), so nothing arrives: open it in one of them"
    )


def _lets_in(allowed: AllowedSources, leg: Leg, topology: Topology) -> bool:
    cidrs = set(allowed.cidrs)
    if not isinstance(topology.prefix_lists, Unchecked):
        for list_id in allowed.prefix_list_ids:
            cidrs |= topology.prefix_lists.get(list_id, frozenset())
    if any(is_inside(leg.source.address, cidr) for cidr in cidrs):
        return True
    # A referenced group means its NICs in the same VPC and in peered ones.
    near = leg.source.vpc_id == leg.target.vpc_id
    return bool(allowed.group_ids & leg.source.group_ids) and (
        near or are_peered(leg.source, leg.target, topology)
    )
