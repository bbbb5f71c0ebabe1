"""
Network interfaces with their addresses and security groups.

Owns: which packets security groups allow. Must not know: which flows are replies, moto.

A rule for certain types of ICMP allows no ICMP at all here, which is stricter than AWS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from emulator.ec2.packets.flows import Address, Flow, Network, is_covered
from emulator.ec2.packets.subnets import Subnet


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
            and is_covered(flow, self.protocol, self.first_port, self.last_port)
            and any(other_end in network for network in self.networks)
        )


@dataclass(frozen=True)
class VirtualNic:
    """A network interface with everything that decides which packets pass it."""

    id: str
    mac: str
    subnet: Subnet
    addresses: tuple[Address, ...]
    """The primary one first."""
    resolvers: frozenset[Address]
    """Addresses of the VPC's DNS resolver."""
    running: bool
    """Whether it is attached to a running instance."""
    rules: tuple[GroupRule, ...]
    instance_type: str | None = None
    has_groups: bool = True

    @property
    def vpc(self) -> str:
        """The VPC that it is in."""
        return self.subnet.vpc

    def allows(self, flow: Flow, direction: str) -> bool:
        """Return whether one of the security groups, if it has any, allows a flow."""
        return not self.has_groups or any(
            rule.allows(flow, direction) for rule in self.rules
        )


@dataclass(frozen=True)
class VirtualBalancer:
    """A network load balancer, with an interface in each of its subnets."""

    arn: str
    nics: tuple[VirtualNic, ...]
    listens: bool
    """Whether it has a UDP listener for mirrored packets."""
    backends: tuple[VirtualNic, ...]
    """The interfaces of the healthy targets that the listener forwards to."""


class Nics(Protocol):
    """The network interfaces of an account and region."""

    def find(self, interface_id: str) -> VirtualNic | None:
        """Return an interface by its id."""

    def find_by_address(self, address: Address) -> list[VirtualNic]:
        """Return the interfaces with this address, in all VPCs."""

    def find_balancer(self, arn: str, port: int) -> VirtualBalancer | None:
        """Return a load balancer, with its listener for a UDP port."""

    def find_endpoint(self, endpoint_id: str) -> VirtualNic | None:
        """Return the interface of a Gateway Load Balancer endpoint, with its id."""

    def are_connected(self, vpc: str, other: str) -> bool:
        """Return whether the VPCs are the same or peered."""
