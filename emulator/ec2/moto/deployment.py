"""
Instances in a network of their own, created in moto's state without requests.

Owns: the network of a sandbox's Apps. Must not know: CloudShell, mirroring.

Requests for the same take eight times as long, and most tests begin with this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.ec2.models import ec2_backends

_VXLAN_PORT = "4789"


@dataclass(frozen=True)
class DeployedInstance:
    """An instance, and its only network interface."""

    id: str
    subnet_id: str
    interface_id: str
    address: str


def deploy_instances(account: str, region: str, count: int) -> list[DeployedInstance]:
    """
    Run instances of a type that supports mirroring, in a VPC of their own.

    Their security group allows mirrored packets and clients of 192.168.0.0/16.
    """
    backend: Any = ec2_backends[account][region]
    vpc = backend.create_vpc("10.0.0.0/16")
    zone = backend.describe_availability_zones()[0].name
    subnet = backend.create_subnet(vpc.id, "10.0.0.0/20", availability_zone=zone)
    group = backend.create_security_group("sandbox", "The sandbox's Apps", vpc.id)
    _allow(backend, group.id, "10.0.0.0/16", "udp", _VXLAN_PORT)
    _allow(backend, group.id, "192.168.0.0/16", "-1", None)
    reservation = backend.run_instances(
        "ami-12c6146b",
        count,
        b"",
        [],
        instance_type="t3.micro",
        # Otherwise moto looks for the type in a list of hundreds.
        is_instance_type_default=True,
        subnet_id=subnet.id,
        security_group_ids=[group.id],
        hibernation_options={},
        client_token="",
    )
    return [_deployed(each, subnet.id) for each in reservation.instances]


def _allow(
    backend: Any, group_id: str, cidr: str, protocol: str, port: str | None
) -> None:
    backend.authorize_security_group_ingress(
        group_id, protocol, port, port, [{"CidrIp": cidr}]
    )


def _deployed(instance: Any, subnet_id: str) -> DeployedInstance:
    interface = instance.nics[0]
    return DeployedInstance(
        instance.id, subnet_id, interface.id, interface.private_ip_address
    )
