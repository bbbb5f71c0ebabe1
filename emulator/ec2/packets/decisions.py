"""
Which session mirrors a packet, and why.

Owns: the evaluation of filters and rules. Must not know: interfaces, bytes.

The sessions of a source are evaluated in the order of their numbers. The first one
whose filter accepts the packet mirrors it; the others are not evaluated. In a filter,
the rules of the packet's direction are evaluated in the order of their numbers. The
first one that matches decides; a packet that matches no rule is rejected.

AWS doesn't document what happens to packets without visible ports, such as fragments
after the first. Here they don't match a rule with ports.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

from emulator.ec2.mirroring.records import (
    AMAZON_DNS,
    Filter,
    PortRange,
    Rule,
    Session,
)
from emulator.ec2.mirroring.state import RegionState
from emulator.ec2.packets.flows import Address, Flow


@dataclass(frozen=True)
class Packet:
    """A packet at an interface; `direction` is ingress or egress."""

    flow: Flow
    direction: str
    service: str | None = None
    """The AWS service that sends or receives it."""


@dataclass(frozen=True)
class Decision:
    """The decision of one session; `rule` is the matching one, if any."""

    session: Session
    accepted: bool
    reason: str
    rule: Rule | None = None


@dataclass(frozen=True)
class Copy:
    """A mirrored packet; `data` starts with the outer IP header."""

    session_id: str
    target_interface_id: str
    data: bytes
    lost: str | None = None
    """Why it did not arrive; None: it arrived."""

    @property
    def arrived(self) -> bool:
        """Whether the target received it."""
        return self.lost is None


@dataclass(frozen=True)
class Delivery:
    """What happened to a packet at one interface, and why it was mirrored or not."""

    interface_id: str
    direction: str
    reason: str
    passed: bool = True
    """Whether the packet passed the interface."""
    decisions: tuple[Decision, ...] = ()
    """Of the evaluated sessions, in order; only the last one can have accepted."""
    copy: Copy | None = None


def evaluate_sessions(
    state: RegionState, interface_id: str, packet: Packet
) -> list[Decision]:
    """Return the decisions of a source's sessions, up to the first that accepts."""
    sessions = state.sessions.find_by("network_interface_id", interface_id)
    decisions: list[Decision] = []
    for session in sorted(sessions, key=lambda each: each.number):
        mirror_filter = state.filters.get(session.filter_id)
        rules = state.rules.find_by("filter_id", mirror_filter.id)
        decisions.append(evaluate_filter(session, mirror_filter, rules, packet))
        if decisions[-1].accepted:
            break
    return decisions


def evaluate_filter(
    session: Session, mirror_filter: Filter, rules: list[Rule], packet: Packet
) -> Decision:
    """Return the decision of a session's filter."""
    if packet.service == AMAZON_DNS:
        accepted = AMAZON_DNS in mirror_filter.network_services
        reason = f"the filter {'has' if accepted else 'lacks'} {AMAZON_DNS}"
        return Decision(session, accepted, reason)
    if packet.service is not None:
        return Decision(session, False, f"{packet.service} is never mirrored")
    for rule in sorted(rules, key=lambda each: each.number):
        if matches(rule, packet):
            reason = f"rule {rule.number} {rule.action}s"
            return Decision(session, rule.action == "accept", reason, rule)
    return Decision(session, False, "no rule matches")


def matches(rule: Rule, packet: Packet) -> bool:
    """Return whether a rule matches the packet."""
    flow = packet.flow
    return (
        rule.direction == packet.direction
        and rule.protocol in (None, flow.protocol)
        and _is_in(flow.source, rule.source_cidr)
        and _is_in(flow.destination, rule.destination_cidr)
        and _includes(rule.source_ports, flow.source_port)
        and _includes(rule.destination_ports, flow.destination_port)
    )


def _is_in(address: Address, cidr: str) -> bool:
    return address in ip_network(cidr)


def _includes(ports: PortRange | None, port: int | None) -> bool:
    return ports is None or (port is not None and ports.first <= port <= ports.last)
