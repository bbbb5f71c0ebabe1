"""
What a filter or a security group sees of a packet, and AWS's own services among flows.

Traffic with those services is special: what of it is mirrored at all is no filter
rule's to say. NTP and DHCP are told by their ports, whoever is at the other end; that
AWS tells them so is a guess, and a strict one.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

TCP, UDP = 6, 17
PROTOCOLS_WITH_PORTS = (TCP, UDP)
AMAZON_DNS = "amazon-dns"


@dataclass(frozen=True)
class Flow:
    """A packet's five-tuple; other protocols, and later fragments, have no ports."""

    protocol: int
    source: Address
    destination: Address
    source_port: int | None = None
    destination_port: int | None = None

    def turned(self) -> Flow:
        """Return the flow of the answers."""
        return Flow(
            self.protocol,
            self.destination,
            self.source,
            self.destination_port,
            self.source_port,
        )


@dataclass(frozen=True)
class _Service:
    """A service by its end of a flow; None: any address, protocol or port."""

    name: str
    addresses: Set[Address] | None = None
    protocols: Set[int] | None = None
    ports: Set[int] | None = None

    def is_at(self, protocol: int, address: Address, port: int | None) -> bool:
        """Tell whether this end of a flow is the service's."""
        return (
            (self.addresses is None or address in self.addresses)
            and (self.protocols is None or protocol in self.protocols)
            and (self.ports is None or port in self.ports)
        )


def _addresses(*texts: str) -> frozenset[Address]:
    return frozenset(ip_address(text) for text in texts)


RESOLVERS = _addresses("169.254.169.253", "fd00:ec2::253")
"""The resolver's addresses in every VPC; each VPC has one more of its own."""

_NEVER_MIRRORED = (
    _Service("DHCP", protocols={UDP}, ports={67, 68, 546, 547}),
    _Service("NTP", protocols={UDP}, ports={123}),
    _Service("instance metadata", _addresses("169.254.169.254", "fd00:ec2::254")),
    _Service("Windows activation", _addresses("169.254.169.250", "169.254.169.251")),
)


def find_service(flow: Flow, resolvers: Set[Address]) -> str | None:
    """Name the service of AWS's that a packet goes to or comes from."""
    dns = _Service(AMAZON_DNS, resolvers, protocols={*PROTOCOLS_WITH_PORTS}, ports={53})
    ends = [
        (flow.protocol, flow.source, flow.source_port),
        (flow.protocol, flow.destination, flow.destination_port),
    ]
    for service in (*_NEVER_MIRRORED, dns):
        if any(service.is_at(*end) for end in ends):
            return service.name
    return None
