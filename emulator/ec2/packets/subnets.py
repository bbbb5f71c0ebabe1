"""
Subnets with their network ACLs and routes.

Owns: which packets get into a subnet, and which get from it to another VPC. Must not
know: interfaces, security groups, moto.

A network ACL is evaluated where a packet enters a subnet, not between two interfaces of
one subnet. Guesses: outbound rules don't apply to mirrored copies, as those of security
groups don't, and an ACL rule for certain types of ICMP matches no ICMP. A transit
gateway leads to all VPCs that are attached to it: its own route tables are not
emulated. Middleboxes, such as instances with routes to them, lead nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from emulator.ec2.packets.flows import Address, Flow, Network, is_covered


@dataclass(frozen=True)
class AclRule:
    """An inbound rule of a network ACL; the lowest number that matches decides."""

    number: int
    allows: bool
    network: Network
    protocol: str
    """A number, or -1 for all."""
    first_port: int | None = None
    last_port: int | None = None

    def matches(self, flow: Flow) -> bool:
        """Return whether the rule is for this flow."""
        return flow.source in self.network and is_covered(
            flow, self.protocol, self.first_port, self.last_port
        )


@dataclass(frozen=True)
class Route:
    """A route to the networks of a CIDR or a prefix list."""

    networks: tuple[Network, ...]
    leads_to: frozenset[str]
    """The VPCs that packets can get to; empty: a blackhole."""
    from_prefix_list: bool = False

    def length_for(self, address: Address) -> int | None:
        """Return the length of the longest prefix with the address, if any has it."""
        lengths = [each.prefixlen for each in self.networks if address in each]
        return max(lengths, default=None)


@dataclass(frozen=True)
class Subnet:
    """A subnet with the rules of its network ACL and the routes of its table."""

    id: str
    vpc: str
    acl: tuple[AclRule, ...]
    routes: tuple[Route, ...]

    def admits(self, flow: Flow) -> bool:
        """Return whether the network ACL lets a packet from outside in."""
        matching = [rule for rule in self.acl if rule.matches(flow)]
        first = min(matching, key=lambda rule: rule.number, default=None)
        return first is not None and first.allows

    def reaches(self, address: Address, vpc: str) -> bool:
        """Return whether packets to an address get from here to this VPC."""
        if vpc == self.vpc:
            return True
        # A static route is preferred to an equally long one of a prefix list.
        matching = [
            (length, not route.from_prefix_list, index)
            for index, route in enumerate(self.routes)
            for length in [route.length_for(address)]
            if length is not None
        ]
        return bool(matching) and vpc in self.routes[max(matching)[2]].leads_to
