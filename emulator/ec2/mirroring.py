"""
Which session mirrors a packet, and why: filters and rules as AWS evaluates them.

A source's sessions are tried in the order of their numbers, and the first whose filter
accepts the packet mirrors it, once. In a filter the rules of the packet's direction are
tried in the order of theirs; the first that matches decides, and what none matches is
not accepted.

AWS says nothing of packets whose ports can't be seen, such as fragments after the
first. Here a rule with ports doesn't match them.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

from emulator.ec2.flows import AMAZON_DNS, Address, Flow
from emulator.ec2.records import Filter, PortRange, Rule, Session
from emulator.ec2.world import World


@dataclass(frozen=True)
class Crossing:
    """A packet as it comes through an interface: `direction` is ingress or egress."""

    flow: Flow
    direction: str
    service: str | None = None
    """The service of AWS's that it goes to or comes from."""


@dataclass(frozen=True)
class Decision:
    """What one session makes of a packet; `rule` is the one that decided, if any."""

    session: Session
    accepted: bool
    reason: str
    rule: Rule | None = None


@dataclass(frozen=True)
class Copy:
    """A mirrored packet on its way: `data` begins with the outer IP header."""

    session_id: str
    target_interface_id: str
    data: bytes
    lost: str = ""
    """Why it didn't arrive; empty: it did."""

    @property
    def arrived(self) -> bool:
        """Tell whether the target has it."""
        return not self.lost


@dataclass(frozen=True)
class Passage:
    """What happened to a packet at one interface: why it was mirrored, or wasn't."""

    interface_id: str
    direction: str
    reason: str
    passed: bool = True
    """Whether the packet came through at all."""
    decisions: tuple[Decision, ...] = ()
    """Of the sessions that were asked, in their order; only the last can accept."""
    copy: Copy | None = None


def decide(world: World, interface_id: str, crossing: Crossing) -> list[Decision]:
    """Ask the sessions of a source one after the other, until one accepts."""
    sessions = world.sessions.having("network_interface_id", interface_id)
    decisions: list[Decision] = []
    for session in sorted(sessions, key=lambda each: each.number):
        mirror_filter = world.filters.get(session.filter_id)
        rules = world.rules.having("filter_id", mirror_filter.id)
        decisions.append(ask(session, mirror_filter, rules, crossing))
        if decisions[-1].accepted:
            break
    return decisions


def ask(
    session: Session, mirror_filter: Filter, rules: list[Rule], crossing: Crossing
) -> Decision:
    """Say what a session's filter makes of a packet."""
    if crossing.service == AMAZON_DNS:
        accepted = AMAZON_DNS in mirror_filter.network_services
        reason = f"the filter {'has' if accepted else 'lacks'} {AMAZON_DNS}"
        return Decision(session, accepted, reason)
    if crossing.service is not None:
        return Decision(session, False, f"{crossing.service} is never mirrored")
    for rule in sorted(rules, key=lambda each: each.number):
        if matches(rule, crossing):
            reason = f"rule {rule.number} {rule.action}s"
            return Decision(session, rule.action == "accept", reason, rule)
    return Decision(session, False, "no rule matches")


def matches(rule: Rule, crossing: Crossing) -> bool:
    """Tell whether a rule is about such a packet."""
    flow = crossing.flow
    return (
        rule.direction == crossing.direction
        and rule.protocol in (None, flow.protocol)
        and _is_in(flow.source, rule.source_cidr)
        and _is_in(flow.destination, rule.destination_cidr)
        and _has(rule.source_ports, flow.source_port)
        and _has(rule.destination_ports, flow.destination_port)
    )


def _is_in(address: Address, cidr: str) -> bool:
    return address in ip_network(cidr)


def _has(ports: PortRange | None, port: int | None) -> bool:
    return ports is None or (port is not None and ports.first <= port <= ports.last)
