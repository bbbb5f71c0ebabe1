"""
Sending the demo's packets past a network interface.

Owns: in which VPC they are sent, and the routes that they need.
Must not know: which packets there are, what they show.
"""

from __future__ import annotations

from collections.abc import Iterable

from demo.packets import DemoPacket, SentPacket
from emulator.cloudshell import Nic
from emulator.lab import Lab


def send_packets(lab: Lab, nic: Nic, packets: Iterable[DemoPacket]) -> list[SentPacket]:
    """Send packets; return what happened to them at the interface."""
    subnets = lab.client.describe_subnets(SubnetIds=[nic.subnet_id])
    vpc = subnets["Subnets"][0]["VpcId"]
    sent = []
    for packet in packets:
        if packet.router_for:
            lab.ec2.route(packet.router_for, nic.id)
        sent += [
            SentPacket(packet, delivery)
            for delivery in lab.ec2.send(packet.packet, vpc)
            if delivery.interface_id == nic.id
            and packet.direction in (None, delivery.direction)
        ]
    return sent
