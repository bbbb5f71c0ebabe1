"""
Interfaces as packets see them: addresses, and what their security groups let pass.

A flow that a group lets pass has answers that pass too, whatever the groups say of
them; who remembers the flows is not here. A group's rule for some types of ICMP only
lets no ICMP pass here, which is stricter than AWS.
"""

from __future__ import annotations

from dataclasses import dataclass

from emulator.ec2.flows import PROTOCOLS_WITH_PORTS, TCP, UDP, Address, Flow, Network

_PROTOCOLS = {"tcp": TCP, "udp": UDP, "icmp": 1, "icmpv6": 58}
EVERY_PORT = -1


@dataclass(frozen=True)
class GroupRule:
    """A rule of a security group; `networks` are the other end's."""

    direction: str
    protocol: str
    """A name, a number, or -1 for all."""
    networks: tuple[Network, ...]
    first_port: int | None = None
    last_port: int | None = None

    def lets_pass(self, flow: Flow, direction: str) -> bool:
        """Tell whether the rule lets a packet in this direction pass."""
        incoming = direction == "ingress"
        other_end = flow.source if incoming else flow.destination
        return (
            direction == self.direction
            and self._is_for(flow)
            and any(other_end in network for network in self.networks)
        )

    def _is_for(self, flow: Flow) -> bool:
        if self.protocol == "-1":
            return True
        if str(flow.protocol) != str(_PROTOCOLS.get(self.protocol, self.protocol)):
            return False
        if flow.protocol not in PROTOCOLS_WITH_PORTS:
            return self.first_port in (None, EVERY_PORT)
        port = flow.destination_port
        if port is None or self.first_port is None or self.last_port is None:
            return False
        return self.first_port <= port <= self.last_port


@dataclass(frozen=True)
class VirtualNic:
    """A network interface with all that decides on a packet's way through it."""

    id: str
    mac: str
    vpc: str
    addresses: tuple[Address, ...]
    """The primary one first."""
    resolvers: frozenset[Address]
    """Where the VPC's own DNS answers."""
    running: bool
    """Attached to an instance, which runs."""
    rules: tuple[GroupRule, ...]

    def lets_pass(self, flow: Flow, direction: str) -> bool:
        """Tell whether one of the security groups lets a packet pass."""
        return any(rule.lets_pass(flow, direction) for rule in self.rules)
