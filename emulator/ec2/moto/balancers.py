"""
Network load balancers in moto's state, and the interfaces that moto doesn't give them.

Owns: reading them as packets need them, and one interface in each of their subnets.
Must not know: packets, mirroring.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from emulator.ec2.moto.interfaces import give_to_service

_UDP = ("UDP", "TCP_UDP")


def find_load_balancer(account: str, region: str, arn: str) -> Any:
    """Return a load balancer; None: there is no such one."""
    return elbv2_backends[account][region].load_balancers.get(arn)


def find_udp_listener(balancer: Any, port: int) -> Any:
    """Return the listener for a UDP port; None: there is no such one."""
    for listener in balancer.listeners.values():
        if listener.protocol in _UDP and int(listener.port) == port:
            return listener
    return None


def healthy_targets(account: str, region: str, listener: Any) -> Iterator[str]:
    """Yield the healthy targets behind a listener: instance ids or addresses."""
    backend = elbv2_backends[account][region]
    for action in listener.default_actions:
        for arn in backend._get_target_group_arns_from(action_data=action.data):
            for health in backend.describe_target_health(arn, []):
                if health.status == "healthy":
                    yield health.instance_id


def nic_description(arn: str) -> str:
    """Return the description that AWS gives the interfaces of a load balancer."""
    return f"ELB {arn.partition(':loadbalancer/')[2]}"


def update_interfaces(account: str, region: str) -> None:
    """Give every network load balancer its interfaces, and delete those of others."""
    ec2 = ec2_backends[account][region]
    wanted = {
        (nic_description(balancer.arn), subnet.id): balancer
        for balancer in elbv2_backends[account][region].load_balancers.values()
        if balancer.type == "network"
        for subnet in balancer.subnets
    }
    existing = {
        (eni.description, eni.subnet.id): eni
        for eni in ec2.enis.values()
        if eni.description.startswith("ELB net/")
    }
    for place in existing.keys() - wanted.keys():
        del ec2.enis[existing[place].id]
    for (description, subnet_id), balancer in wanted.items():
        eni = existing.get((description, subnet_id))
        if eni is None:
            eni = _create(ec2, ec2.get_subnet(subnet_id), description)
        groups = balancer.security_groups or []
        eni._group_set = [ec2.get_security_group_from_id(each) for each in groups]


def _create(ec2: Any, subnet: Any, description: str) -> Any:
    address = subnet.get_available_subnet_ip(None)
    eni = ec2.create_network_interface(subnet, address, description=description)
    give_to_service(eni.id, "amazon-elb", "network_load_balancer")
    return eni
