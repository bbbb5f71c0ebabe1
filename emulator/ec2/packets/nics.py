"""
Network interfaces with their addresses and security groups.

Owns: which packets security groups allow. Must not know: which flows are replies, moto.

A rule for certain types of ICMP allows no ICMP at all here, which is stricter than AWS.
"""

from __future__ import annotations

from dataclasses import dataclass

from emulator.ec2.mirroring.records import PROTOCOLS_WITH_PORTS, TCP, UDP
from emulator.ec2.packets.flows import Address, Flow, Network

_PROTOCOLS = {"tcp": TCP, "udp": UDP, "icmp": 1, "icmpv6": 58}
EVERY_PORT = -1


@dataclass(frozen=True)
class GroupRule:
    """A rule of a security group; `networks` contain the other end of a flow."""

    direction: str
    protocol: str
    """A name, a number, or -1 for all."""
    networks: tuple[Network, ...]
    first_port: int | None = None
    last_port: int | None = None

    def allows(self, flow: Flow, direction: str) -> bool:
        """Return whether the rule allows a flow in this direction."""
        incoming = direction == "ingress"
        other_end = flow.source if incoming else flow.destination
        return (
            direction == self.direction
            and self._applies_to(flow)
            and any(other_end in network for network in self.networks)
        )

    def _applies_to(self, flow: Flow) -> bool:
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
    """A network interface with everything that decides which packets pass it."""

    id: str
    mac: str
    vpc: str
    addresses: tuple[Address, ...]
    """The primary one first."""
    resolvers: frozenset[Address]
    """Addresses of the VPC's DNS resolver."""
    running: bool
    """Whether it is attached to a running instance."""
    rules: tuple[GroupRule, ...]

    def allows(self, flow: Flow, direction: str) -> bool:
        """Return whether one of the security groups allows a flow."""
        return any(rule.allows(flow, direction) for rule in self.rules)
