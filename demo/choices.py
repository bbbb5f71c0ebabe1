"""
Choosing packets that show what filter rules accept, and what they don't.

Owns: a packet for which a rule decides, and one that it doesn't match, for rules of any
family, protocol and ports. Must not know: scapy, how packets are sent and shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address
from random import Random
from typing import Any

from demo.rules import (
    EGRESS,
    EVERY_PORT,
    INGRESS,
    TCP,
    UDP,
    Filter,
    Flow,
    Rule,
    is_mirrored,
)
from emulator.ec2.packets.flows import Address, Network

METADATA = IPv4Address("169.254.169.254")
RESOLVER = IPv4Address("169.254.169.253")
PING = {4: 1, 6: 58}
"""The protocol of a ping, by family."""

_PEERS = [ip_address(each) for each in ("192.168.0.7", "203.0.113.7", "2001:db8::7")]
_OWN_IPV6 = IPv6Address("2001:db8:1::4")
_SOURCE_PORT, _DESTINATION_PORT = 50123, 443
_PROTOCOLS = (TCP, UDP, 1, 58, 47)
_UNASSIGNED = range(148, 253)
# In IPv6 these numbers are headers before the protocol.
_IPV6_HEADERS = {0, 43, 44, 60}
_TRIES = 300


def choose_flows(filters: Sequence[Filter], nic: Address) -> list[Flow]:
    """Return packets past a NIC for every rule of its filters, each once."""
    flows: list[Flow] = []
    for each in filters:
        for rule in each.rules:
            matching = _choose_matching(rule, each, nic)
            flows += [*matching, _choose_other(rule, filters, nic, matching)]
        if each.mirrors_dns:
            flows.append(Flow(EGRESS, UDP, nic, RESOLVER, _SOURCE_PORT, 53))
    # Whatever the rules are: one packet that AWS mirrors for none.
    flows.append(Flow(EGRESS, TCP, nic, METADATA, _SOURCE_PORT, 80))
    return list(dict.fromkeys(flows))


def _choose_matching(rule: Rule, own: Filter, nic: Address) -> list[Flow]:
    """Return the packet for which the rule decides, if there can be one."""
    found: list[Flow] = []
    for flow in _flows_of(rule, own.rules, nic):
        if not found:
            found = [flow]
        if own.decide(flow) is rule and not flow.service:
            return [flow]
        if own.decide(found[0]) is not rule and own.decide(flow) is rule:
            found = [flow]
    return found


def _choose_other(
    rule: Rule, filters: Sequence[Filter], nic: Address, matching: Sequence[Flow]
) -> Flow:
    """Return a packet that differs in one thing, so that the rule doesn't match."""
    near = matching[0] if matching else _any_flow(rule, nic)
    others = [
        flow
        for flow in _neighbors(near, rule)
        if flow.source != flow.destination and not rule.matches(flow)
    ]
    return min(others, key=lambda flow: is_mirrored(flow, filters))


def _neighbors(flow: Flow, rule: Rule) -> Iterator[Flow]:
    if flow.has_ports:
        for port in _edges(rule.destination_ports):
            yield replace(flow, destination_port=port)
        for port in _edges(rule.source_ports):
            yield replace(flow, source_port=port)
    for address in _outside(rule.source):
        yield replace(flow, source=address)
    for address in _outside(rule.destination):
        yield replace(flow, destination=address)
    for protocol in (TCP, UDP, PING[flow.own.version]):
        ports = (_SOURCE_PORT, _DESTINATION_PORT) if protocol in (TCP, UDP) else (0, 0)
        yield replace(
            flow, protocol=protocol, source_port=ports[0], destination_port=ports[1]
        )
    yield flow.reversed()


def _any_flow(rule: Rule, nic: Address) -> Flow:
    """Return a TCP packet in the rule's direction and family."""
    peer, own = _peers(rule.source.version)[0], _own(rule.source.version, nic)
    if rule.direction == INGRESS:
        return Flow(INGRESS, TCP, peer, own, _SOURCE_PORT, _DESTINATION_PORT)
    return Flow(EGRESS, TCP, own, peer, _SOURCE_PORT, _DESTINATION_PORT)


def _flows_of(rule: Rule, rules: Sequence[Rule], nic: Address) -> Iterator[Flow]:
    """Yield packets inside of a rule, at the edges of the earlier rules, too."""
    earlier = [each for each in rules if each.number < rule.number]
    version = rule.source.version
    ends = [_own(version, nic)], _peers(version)
    destinations, sources = ends if rule.direction == INGRESS else ends[::-1]
    addresses = [
        _inside(rule.source, sources, [each.source for each in earlier]),
        _inside(rule.destination, destinations, [each.destination for each in earlier]),
    ]
    ports = [
        _ports(rule.source_ports, _SOURCE_PORT, earlier),
        _ports(rule.destination_ports, _DESTINATION_PORT, earlier),
    ]
    for protocol in _protocols(rule, earlier):
        axes = [*addresses, *(ports if protocol in (TCP, UDP) else ([0], [0]))]
        for source, destination, *pair in _combinations(axes):
            if source != destination:
                yield Flow(rule.direction, protocol, source, destination, *pair)


def _combinations(axes: Sequence[Sequence[Any]]) -> Iterator[list[Any]]:
    """Yield the first value of all, then changes of one value, then of any."""
    first = [axis[0] for axis in axes]
    yield first
    for index, axis in enumerate(axes):
        for value in axis[1:]:
            yield [*first[:index], value, *first[index + 1 :]]
    picker = Random(0)  # noqa: S311 - no secret
    for _ in range(_TRIES):
        yield [picker.choice(axis) for axis in axes]


def _protocols(rule: Rule, earlier: Iterable[Rule]) -> list[int]:
    if rule.protocol:
        chosen = [rule.protocol]
    else:
        named = {each.protocol for each in earlier}
        chosen = [*_PROTOCOLS, *(each for each in _UNASSIGNED if each not in named)][:6]
    return [
        each for each in chosen if rule.source.version == 4 or each not in _IPV6_HEADERS
    ]


def _inside(
    network: Network, preferred: Iterable[Address], others: Iterable[Network]
) -> list[Address]:
    """Return addresses of a network: those preferred, and those next to the others."""
    first = network[1] if network.num_addresses > 2 else network[0]
    candidates = [*preferred, first, network[-1]]
    for other in others:
        if other.version == network.version:
            candidates += _outside(other)
    return list(dict.fromkeys(each for each in candidates if each in network))


def _outside(network: Network) -> list[Address]:
    """Return the addresses next to a network, which may be outside of it."""
    peers = [each for each in _peers(network.version) if each not in network]
    edges = [int(network[0]) - 1, int(network[-1]) + 1]
    kind = type(network[0])
    return peers + [kind(edge) for edge in edges if 0 < edge < 2**network.max_prefixlen]


def _ports(ports: range, usual: int, rules: Iterable[Rule]) -> list[int]:
    candidates = [usual, 8080, ports[0], ports[-1], ports[len(ports) // 2]]
    for rule in rules:
        candidates += [*_edges(rule.source_ports), *_edges(rule.destination_ports)]
    return list(dict.fromkeys(port for port in candidates if port in ports))


def _edges(ports: range) -> list[int]:
    return [each for each in (ports[0] - 1, ports[-1] + 1) if each in EVERY_PORT]


def _peers(version: int) -> list[Address]:
    return [each for each in _PEERS if each.version == version]


def _own(version: int, nic: Address) -> Address:
    return nic if version == nic.version else _OWN_IPV6
