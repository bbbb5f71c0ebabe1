"""Sends packets through an App's NIC and reads the copies that a target receives."""

from __future__ import annotations

from scapy.layers.inet import IP
from scapy.layers.inet6 import IPv6
from scapy.layers.vxlan import VXLAN

from tests.scenario.ec2_resources import (
    describe_nic,
)

CLIENT, CLIENT_6 = "192.168.0.7", "2001:db8:9::7"
OWN_6 = "2001:db8::5"


class Traffic:
    """Packets to and from the App web, whose security group allows all traffic."""

    def __init__(self, world) -> None:
        self._world = world
        nic = describe_nic(world, "web")
        self.address, self._vpc = nic["PrivateIpAddress"], nic["VpcId"]
        world.client.assign_ipv6_addresses(
            NetworkInterfaceId=nic["NetworkInterfaceId"], Ipv6Addresses=[OWN_6]
        )
        everything = {
            "IpProtocol": "-1",
            "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
            "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
        }
        group = world.client.create_security_group(
            GroupName="open", Description="-", VpcId=nic["VpcId"]
        )["GroupId"]
        world.client.authorize_security_group_ingress(
            GroupId=group, IpPermissions=[everything]
        )
        everything_6 = {**everything, "IpRanges": []}
        world.client.authorize_security_group_egress(
            GroupId=group, IpPermissions=[everything_6]
        )
        world.client.modify_network_interface_attribute(
            NetworkInterfaceId=nic["NetworkInterfaceId"], Groups=[group]
        )

    def inbound(self, layer, source=CLIENT):
        """Return a packet that is sent to web."""
        if ":" in source:
            return IPv6(src=source, dst=OWN_6) / layer
        return IP(src=source, dst=self.address) / layer

    def outbound(self, layer, destination=CLIENT):
        """Return a packet that web sends."""
        if ":" in destination:
            return IPv6(src=OWN_6, dst=destination) / layer
        return IP(src=self.address, dst=destination) / layer

    def copies(self, packet, target="capture"):
        """Send a packet; return the copies that an App or NIC receives."""
        nic = target if target.startswith("eni-") else self._world.nic(target)
        ec2 = self._world.ec2
        before = len(ec2.received_by(nic))
        ec2.send(packet, self._vpc)
        return [IP(data) for data in ec2.received_by(nic)[before:]]

    def is_mirrored(self, packet, target="capture"):
        """Return whether a packet is mirrored to an App or NIC, once and unchanged."""
        copies = self.copies(packet, target)
        inner = [bytes(copy[VXLAN].payload.payload) for copy in copies]
        assert inner in ([], [bytes(packet)])
        return inner != []
