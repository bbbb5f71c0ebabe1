"""
The five-tuple of a packet, and the AWS services among senders and receivers.

Owns: what filters, security groups and network ACLs compare. Must not know: filters,
interfaces.

Filter rules don't apply to traffic with these services. NTP and DHCP are identified by
their ports, whatever the other address is; this is a guess, stricter than AWS may be.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from emulator.ec2.mirroring.records import AMAZON_DNS, PROTOCOLS_WITH_PORTS, TCP, UDP

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Flow:
    """A five-tuple; protocols other than TCP and UDP, and fragments, have no ports."""

    protocol: int
    source: Address
    destination: Address
    source_port: int | None = None
    destination_port: int | None = None

    def reversed(self) -> Flow:
        """Return the flow of the replies."""
        return Flow(
            self.protocol,
            self.destination,
            self.source,
            self.destination_port,
            self.source_port,
        )


_PROTOCOLS = {"tcp": TCP, "udp": UDP, "icmp": 1, "icmpv6": 58}
EVERY_PORT = -1


def is_covered(
    flow: Flow, protocol: str, first_port: int | None, last_port: int | None
) -> bool:
    """Return whether a firewall rule is for a flow's protocol and destination port."""
    if protocol == "-1":
        return True
    if str(flow.protocol) != str(_PROTOCOLS.get(protocol, protocol)):
        return False
    if flow.protocol not in PROTOCOLS_WITH_PORTS:
        return first_port in (None, EVERY_PORT)
    port = flow.destination_port
    if port is None or first_port is None or last_port is None:
        return False
    return first_port <= port <= last_port


@dataclass(frozen=True)
class _Service:
    """The address, protocol and ports of a service; None: any."""

    name: str
    addresses: Set[Address] | None = None
    protocols: Set[int] | None = None
    ports: Set[int] | None = None

    def is_at(self, protocol: int, address: Address, port: int | None) -> bool:
        """Return whether this end of a flow is the service."""
        return (
            (self.addresses is None or address in self.addresses)
            and (self.protocols is None or protocol in self.protocols)
            and (self.ports is None or port in self.ports)
        )


def _addresses(*texts: str) -> frozenset[Address]:
    return frozenset(ip_address(text) for text in texts)


RESOLVERS = _addresses("169.254.169.253", "fd00:ec2::253")
"""The DNS resolver's addresses in all VPCs; each VPC has one more."""

_NEVER_MIRRORED = (
    _Service("DHCP", protocols={UDP}, ports={67, 68, 546, 547}),
    _Service("NTP", protocols={UDP}, ports={123}),
    _Service("instance metadata", _addresses("169.254.169.254", "fd00:ec2::254")),
    _Service("Windows activation", _addresses("169.254.169.250", "169.254.169.251")),
)


def find_service(flow: Flow, resolvers: Set[Address]) -> str | None:
    """Return the name of the AWS service that sends or receives a packet."""
    dns = _Service(AMAZON_DNS, resolvers, protocols={*PROTOCOLS_WITH_PORTS}, ports={53})
    ends = [
        (flow.protocol, flow.source, flow.source_port),
        (flow.protocol, flow.destination, flow.destination_port),
    ]
    for service in (*_NEVER_MIRRORED, dns):
        if any(service.is_at(*end) for end in ends):
            return service.name
    return None
