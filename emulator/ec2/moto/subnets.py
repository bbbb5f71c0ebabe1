"""
Subnets in moto's state, with their network ACLs and routes.

Owns: reading them as packets need them, and which routes are blackholes. Must not know:
packets, interfaces.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from emulator.ec2.packets.flows import Network
from emulator.ec2.packets.subnets import AclRule, Route, Subnet

_ALL_IPV6 = ip_network("::/0")


def read_subnet(backend: Any, subnet: Any) -> Subnet:
    """Return a subnet of moto's EC2."""
    table = _table_of(backend, subnet)
    return Subnet(
        subnet.id,
        subnet.vpc_id,
        tuple(_acl_rules(backend, subnet.id)),
        tuple(_read_route(backend, route) for route in table.routes),
    )


def are_peered(backend: Any, vpc: str, other: str) -> bool:
    """Return whether an active peering connection joins two VPCs."""
    return any(
        is_active(peering) and _vpcs_of(peering) == {vpc, other}
        for peering in backend.vpc_pcxs.values()
    )


def list_networks(backend: Any, prefix_list_id: str | None) -> Iterator[Network]:
    """Yield the networks of a prefix list; an unknown one has none."""
    listed = backend.managed_prefix_lists.get(prefix_list_id)
    for entry in listed.entries.get(listed.version, ()) if listed else ():
        yield _network(entry["Cidr"])


def next_hops(backend: Any, vpc: str) -> frozenset[str]:
    """Return the active peering connections and transit gateways of a VPC, by id."""
    peerings = [
        each.id
        for each in backend.vpc_pcxs.values()
        if is_active(each) and vpc in _vpcs_of(each)
    ]
    gateways = [
        each for each in backend.transit_gateways if vpc in _attached(backend, each)
    ]
    return frozenset(peerings + gateways)


def _network(cidr: str) -> Network:
    """Return the network of a CIDR; AWS clears its host bits, and moto doesn't."""
    return ip_network(cidr, strict=False)


def is_active(peering: Any) -> bool:
    """Return whether a peering connection was accepted, and not deleted."""
    return bool(peering._status.code == "active")


def _acl_rules(backend: Any, subnet_id: str) -> Iterator[AclRule]:
    for acl in backend.network_acls.values():
        if all(each.subnet_id != subnet_id for each in acl.associations):
            continue
        if acl.default:
            # AWS adds it to a VPC with IPv6 addresses; moto doesn't.
            yield AclRule(101, True, _ALL_IPV6, "-1")
        for entry in acl.entries:
            if not _is_true(entry.egress):
                yield AclRule(
                    int(entry.rule_number),
                    entry.rule_action == "allow",
                    _network(entry.cidr_block or entry.ipv6_cidr_block),
                    str(entry.protocol),
                    _number(entry.port_range_from),
                    _number(entry.port_range_to),
                )


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"


def _number(value: Any) -> int | None:
    return None if value is None else int(value)


def _table_of(backend: Any, subnet: Any) -> Any:
    tables = [
        each for each in backend.route_tables.values() if each.vpc_id == subnet.vpc_id
    ]
    for table in tables:
        if subnet.id in table._associations.values():
            return table
    return next(each for each in tables if each.main_association_id is not None)


def _read_route(backend: Any, route: Any) -> Route:
    listed = route.destination_prefix_list_id
    cidr = route.destination_cidr_block or route.destination_ipv6_cidr_block
    networks = tuple(list_networks(backend, listed)) if listed else (_network(cidr),)
    return Route(networks, _destinations(backend, route), bool(listed))


def _destinations(backend: Any, route: Any) -> frozenset[str]:
    """Return the VPCs that a route leads to."""
    if route.local:
        return frozenset({route.route_table.vpc_id})
    if route.vpc_pcx is not None:
        peering = route.vpc_pcx
        return frozenset(_vpcs_of(peering)) if is_active(peering) else frozenset()
    if route.transit_gateway is not None:
        vpcs = _attached(backend, route.transit_gateway.id)
        return vpcs if route.route_table.vpc_id in vpcs else frozenset()
    return frozenset()


def _vpcs_of(peering: Any) -> set[str]:
    return {peering.vpc.id, peering.peer_vpc.id}


def _attached(backend: Any, gateway_id: str) -> frozenset[str]:
    return frozenset(
        each.resource_id
        for each in backend.transit_gateway_attachments.values()
        if each.transit_gateway_id == gateway_id
        and each.resource_type == "vpc"
        and each.state == "available"
    )
