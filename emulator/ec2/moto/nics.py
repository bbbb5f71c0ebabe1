"""
Network interfaces in moto's state, with their VPCs and security groups.

Owns: reading them as packets need them. Must not know: packets, mirroring.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from typing import Any

from moto.ec2.models import ec2_backends

from emulator.ec2.packets.flows import RESOLVERS, Address, Network
from emulator.ec2.packets.nics import GroupRule, VirtualNic


class MotoNics:
    """The interfaces of an account and region, read again with each call."""

    def __init__(self, account: str, region: str) -> None:
        self._place = account, region

    @property
    def _backend(self) -> Any:
        account, region = self._place
        return ec2_backends[account][region]

    def find(self, interface_id: str) -> VirtualNic | None:
        """Return an interface by its id."""
        eni = self._backend.enis.get(interface_id)
        return self._nic(eni) if eni else None

    def find_by_address(self, address: Address) -> list[VirtualNic]:
        """Return the interfaces with this address, in all VPCs."""
        enis = self._backend.enis.values()
        return [self._nic(eni) for eni in enis if address in _addresses(eni)]

    def are_connected(self, vpc: str, other: str) -> bool:
        """Return whether the VPCs are the same or peered."""
        peerings = self._backend.vpc_pcxs.values()
        return vpc == other or any(
            {peering.vpc.id, peering.peer_vpc.id} == {vpc, other}
            and peering._status.code == "active"
            for peering in peerings
        )

    def _nic(self, eni: Any) -> VirtualNic:
        vpc = self._backend.get_vpc(eni.subnet.vpc_id)
        own_resolver = ip_network(vpc.cidr_block).network_address + 2
        return VirtualNic(
            id=eni.id,
            mac=eni.mac_address,
            vpc=vpc.id,
            addresses=tuple(_addresses(eni)),
            resolvers=RESOLVERS | {own_resolver},
            running=eni.instance is not None and eni.instance.state == "running",
            rules=tuple(self._rules(eni)),
        )

    def _rules(self, eni: Any) -> Iterator[GroupRule]:
        for group in eni.group_set:
            for direction in ("ingress", "egress"):
                for rule in getattr(group, f"{direction}_rules"):
                    yield GroupRule(
                        direction,
                        rule.ip_protocol,
                        tuple(self._networks(rule)),
                        rule.from_port,
                        rule.to_port,
                    )

    def _networks(self, rule: Any) -> Iterator[Network]:
        """Yield the networks of a rule: by CIDR, prefix list and security group."""
        for cidr in (rule.cidr_ipv4, rule.cidr_ipv6):
            if cidr:
                yield ip_network(cidr)
        listed = self._backend.managed_prefix_lists.get(rule.prefix_list_id)
        if listed:
            for entry in listed.entries.get(listed.version, ()):
                yield ip_network(entry["Cidr"])
        group_id = rule.source_group.get("GroupId")
        for eni in self._backend.enis.values() if group_id else ():
            if any(group.id == group_id for group in eni.group_set):
                yield from map(ip_network, _addresses(eni))


def _addresses(eni: Any) -> list[Address]:
    """Return an interface's private addresses, the primary one first."""
    others = [each["PrivateIpAddress"] for each in eni.private_ip_addresses]
    texts = [eni.private_ip_address, *others, *eni.ipv6_addresses]
    return [ip_address(text) for text in dict.fromkeys(texts) if text]
