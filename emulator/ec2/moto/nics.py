"""
Network interfaces in moto's state, with their VPCs and security groups.

Owns: reading them as packets need them. Must not know: packets, mirroring.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from ipaddress import ip_address, ip_network
from typing import Any

from moto.ec2.models import ec2_backends

from emulator.ec2.moto.balancers import (
    find_load_balancer,
    find_udp_listener,
    healthy_targets,
    nic_description,
)
from emulator.ec2.moto.subnets import are_peered, list_networks, read_subnet
from emulator.ec2.packets.flows import RESOLVERS, Address, Network
from emulator.ec2.packets.nics import GroupRule, VirtualBalancer, VirtualNic


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

    def find_balancer(self, arn: str, port: int) -> VirtualBalancer | None:
        """Return a load balancer, with its listener for a UDP port."""
        found = find_load_balancer(*self._place, arn)
        if found is None:
            return None
        enis = self._backend.enis.values()
        named = [eni for eni in enis if eni.description == nic_description(arn)]
        listener = find_udp_listener(found, port)
        healthy = set(healthy_targets(*self._place, listener)) if listener else ()
        backends = [eni for eni in enis if _is_target(eni, healthy)]
        return VirtualBalancer(
            arn,
            tuple(map(self._nic, named)),
            listener is not None,
            tuple(map(self._nic, backends)),
        )

    def find_endpoint(self, endpoint_id: str) -> VirtualNic | None:
        """
        Return the interface of a Gateway Load Balancer endpoint, with its id.

        moto gives it none; its address here is the last one of its subnet.
        """
        endpoint = self._backend.vpc_end_points.get(endpoint_id)
        if endpoint is None or endpoint.state == "deleted":
            return None
        subnet = self._backend.get_subnet(endpoint.subnet_ids[0])
        return VirtualNic(
            id=endpoint_id,
            mac="02:00:0a:00:00:02",
            subnet=read_subnet(self._backend, subnet),
            addresses=(ip_network(subnet.cidr_block)[-2],),
            resolvers=RESOLVERS,
            running=True,
            rules=(),
            has_groups=False,
        )

    def are_connected(self, vpc: str, other: str) -> bool:
        """Return whether the VPCs are the same or peered."""
        return vpc == other or are_peered(self._backend, vpc, other)

    def _nic(self, eni: Any) -> VirtualNic:
        vpc = self._backend.get_vpc(eni.subnet.vpc_id)
        own_resolver = ip_network(vpc.cidr_block).network_address + 2
        return VirtualNic(
            id=eni.id,
            mac=eni.mac_address,
            subnet=read_subnet(self._backend, eni.subnet),
            addresses=tuple(_addresses(eni)),
            resolvers=RESOLVERS | {own_resolver},
            running=eni.instance is not None and eni.instance.state == "running",
            rules=tuple(self._rules(eni)),
            instance_type=eni.instance.instance_type if eni.instance else None,
            has_groups=bool(eni.group_set),
        )

    def _rules(self, eni: Any) -> Iterator[GroupRule]:
        for group in eni.group_set:
            for direction in ("ingress", "egress"):
                for rule in getattr(group, f"{direction}_rules"):
                    yield GroupRule(
                        direction,
                        rule.ip_protocol,
                        tuple(self._networks(rule, eni)),
                        rule.from_port,
                        rule.to_port,
                    )

    def _networks(self, rule: Any, eni: Any) -> Iterator[Network]:
        """Yield the networks of a rule: by CIDR, prefix list and security group."""
        for cidr in (rule.cidr_ipv4, rule.cidr_ipv6):
            if cidr:
                yield ip_network(cidr)
        yield from list_networks(self._backend, rule.prefix_list_id)
        group_id = rule.source_group.get("GroupId")
        for other in self._backend.enis.values() if group_id else ():
            # A referenced group: its interfaces in the same VPC and in peered ones.
            near = self.are_connected(eni.subnet.vpc_id, other.subnet.vpc_id)
            if near and any(group.id == group_id for group in other.group_set):
                yield from map(ip_network, _addresses(other))


def _is_target(eni: Any, healthy: Collection[str]) -> bool:
    """Return whether a target of a target group, instance or address, is here."""
    instance = eni.instance
    is_primary = instance is not None and eni.device_index == 0
    return (is_primary and instance.id in healthy) or (
        eni.private_ip_address in healthy
    )


def _addresses(eni: Any) -> list[Address]:
    """Return an interface's private addresses, the primary one first."""
    others = [each["PrivateIpAddress"] for each in eni.private_ip_addresses]
    texts = [eni.private_ip_address, *others, *eni.ipv6_addresses]
    return [ip_address(text) for text in dict.fromkeys(texts) if text]
