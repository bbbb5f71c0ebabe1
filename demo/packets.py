"""
The packets that the demo sends, and tables of them and of their copies.

Owns: which packets are sent, and how they are shown. Must not know: sessions, rules.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.markup import escape
from rich.table import Table
from rich.tree import Tree
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import NoPayload, Packet, Raw

from demo.tables import make_table
from emulator.ec2 import Delivery

CLIENT, STRANGER = "192.168.0.7", "192.168.1.7"
METADATA, RESOLVER = "169.254.169.254", "169.254.169.253"
ETHERNET_HEADER = 14
PAYLOAD = b"GET / HTTP/1.1\r\nHost: web\r\n\r\n"


@dataclass(frozen=True)
class DemoPacket:
    """A packet to send; `expected`: to be mirrored, None if unknown."""

    packet: IP
    expected: bool | None = None


@dataclass(frozen=True)
class SentPacket:
    """A packet that was sent, and what happened to it at an interface."""

    packet: DemoPacket
    delivery: Delivery

    @property
    def target(self) -> str:
        """The interface that should receive the copy; empty without a copy."""
        copy = self.delivery.copy
        return copy.target_interface_id if copy else ""

    @property
    def mirrored(self) -> bool:
        """Whether a copy arrived."""
        return self.delivery.copy is not None and self.delivery.copy.arrived

    @property
    def as_expected(self) -> bool:
        """Whether a copy arrived if, and only if, it was expected."""
        if self.packet.expected is None:
            return self.delivery.copy is None or self.mirrored
        return self.mirrored is self.packet.expected


def packets_for_demo_rule(web: str) -> list[DemoPacket]:
    """Return packets of which the rules of the demo's mirror accept the first two."""
    return [
        DemoPacket(_tcp(CLIENT, web, 50123, 443) / PAYLOAD, expected=True),
        DemoPacket(_tcp(web, CLIENT, 443, 50123), expected=True),
        DemoPacket(_tcp(CLIENT, web, 50123, 80) / PAYLOAD, expected=False),
        DemoPacket(_tcp(STRANGER, web, 50123, 443) / PAYLOAD, expected=False),
        DemoPacket(_udp(CLIENT, web, 50123, 443), expected=False),
        DemoPacket(_tcp(web, METADATA, 4000, 80), expected=False),
    ]


def packets_for_any_rules(nic: str) -> list[DemoPacket]:
    """Return packets of the usual kinds, for a mirror with unknown rules."""
    return [
        DemoPacket(_tcp(CLIENT, nic, 50123, 443) / PAYLOAD),
        DemoPacket(_tcp(nic, CLIENT, 443, 50123)),
        DemoPacket(_udp(CLIENT, nic, 40000, 53)),
        DemoPacket(_udp(nic, RESOLVER, 40000, 53)),
        DemoPacket(IP(src=CLIENT, dst=nic) / ICMP()),
        DemoPacket(IP(src=nic, dst=CLIENT) / ICMP(type="echo-reply")),
    ]


def packet_table(sent: list[SentPacket]) -> Table:
    """Return a table of packets and what happened to each."""
    table = make_table("Packet", "Direction", "What decides", "Copy")
    table.columns[0].no_wrap = True
    for each in sent:
        delivery = each.delivery
        table.add_row(
            _describe_packet(each.packet.packet),
            delivery.direction,
            delivery.reason,
            _describe_copy(delivery),
            style="green" if each.mirrored else "",
        )
    return table


def copy_tree(data: bytes) -> Tree:
    """Return the layers of a copy as the target receives it."""
    tree = branch = Tree(f"[bold]{len(data)} bytes")
    layer: Packet = IP(data)
    while not isinstance(layer, NoPayload):
        branch = branch.add(escape(_describe_layer(layer)))
        layer = layer.payload
    return tree


def inner_packet(data: bytes) -> bytes:
    """Return the mirrored packet in a copy, or its beginning if the copy is short."""
    return bytes(IP(data)[VXLAN].payload)[ETHERNET_HEADER:]


def _tcp(source: str, destination: str, sport: int, dport: int) -> IP:
    return IP(src=source, dst=destination) / TCP(sport=sport, dport=dport)


def _udp(source: str, destination: str, sport: int, dport: int) -> IP:
    return IP(src=source, dst=destination) / UDP(sport=sport, dport=dport)


def _describe_packet(packet: IP) -> str:
    layer = packet.payload
    if isinstance(layer, TCP | UDP):
        ends = f"{packet.src}:{layer.sport} > {packet.dst}:{layer.dport}"
    else:
        ends = f"{packet.src} > {packet.dst}"
    return f"{layer.name} {ends}"


def _describe_layer(layer: Packet) -> str:
    if isinstance(layer, IP | Ether):
        return f"{layer.name} {layer.src} to {layer.dst}"
    if isinstance(layer, TCP | UDP):
        return f"{layer.name} port {layer.sport} to {layer.dport}"
    if isinstance(layer, VXLAN):
        return f"VXLAN network {layer.vni}"
    return repr(layer.load) if isinstance(layer, Raw) else str(layer.name)


def _describe_copy(delivery: Delivery) -> str:
    copy = delivery.copy
    if copy is None:
        return "none"
    if not copy.arrived:
        return f"lost: {copy.lost}"
    return f"{len(copy.data)} bytes"
