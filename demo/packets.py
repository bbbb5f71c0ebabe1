"""
The packets that the demo sends, and tables of them and of their copies.

Owns: the bytes of the packets, and how they are shown. Must not know: sessions, which
rule accepts which packet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from rich.markup import escape
from rich.table import Table
from rich.tree import Tree
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6
from scapy.layers.l2 import Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import NoPayload, Packet, Raw

from demo.choices import PING, choose_flows
from demo.rules import TCP as TCP_NUMBER
from demo.rules import Filter, Flow, is_mirrored
from demo.tables import make_table
from emulator.ec2 import Delivery

CLIENT, STRANGER = "192.168.0.7", "192.168.1.7"
METADATA = "169.254.169.254"
ETHERNET_HEADER = 14
WIDE = 40
PAYLOAD = b"GET / HTTP/1.1\r\nHost: web\r\n\r\n"


@dataclass(frozen=True)
class DemoPacket:
    """
    A packet to send; `expected`: to be mirrored.

    `router_for` is the address on the interface's side if it isn't the interface's own.
    """

    packet: IP | IPv6
    expected: bool
    direction: str | None = None
    router_for: str | None = None


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


def packets_for_rules(filters: Sequence[Filter], nic: str) -> list[DemoPacket]:
    """Return packets that each rule accepts and doesn't accept, past an interface."""
    address = ip_address(nic)
    return [
        DemoPacket(
            make_packet(flow),
            is_mirrored(flow, filters),
            flow.direction,
            None if flow.own == address else str(flow.own),
        )
        for flow in choose_flows(filters, address)
    ]


def make_packet(flow: Flow) -> Any:
    """Return the packet of a flow, IP or IPv6."""
    family, field = (IP, "proto") if flow.own.version == 4 else (IPv6, "nh")
    head: Any = family(src=str(flow.source), dst=str(flow.destination))
    if flow.has_ports:
        kind: Any = TCP if flow.protocol == TCP_NUMBER else UDP
        ports = kind(sport=flow.source_port, dport=flow.destination_port)
        return head / ports / PAYLOAD
    if flow.protocol == PING[flow.own.version]:
        return head / (ICMP() if family is IP else ICMPv6EchoRequest())
    setattr(head, field, flow.protocol)
    return head / Raw(PAYLOAD)


def packet_table(sent: list[SentPacket]) -> Table:
    """Return a table of packets and what happened to each."""
    table = make_table("Packet", "Direction", "What decides", "Copy")
    texts = [_describe_packet(each.packet.packet) for each in sent]
    table.columns[0].no_wrap = max(map(len, texts), default=0) <= WIDE
    for text, each in zip(texts, sent, strict=True):
        delivery = each.delivery
        table.add_row(
            escape(text),
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


def _describe_packet(packet: IP | IPv6) -> str:
    layer = packet.payload
    if isinstance(layer, TCP | UDP):
        source, destination = (
            f"[{end}]" if isinstance(packet, IPv6) else end
            for end in (packet.src, packet.dst)
        )
        return f"{layer.name} {source}:{layer.sport} > {destination}:{layer.dport}"
    number = packet.proto if isinstance(packet, IP) else packet.nh
    name = f"protocol {number}" if isinstance(layer, Raw) else layer.name
    return f"{name} {packet.src} > {packet.dst}"


def _describe_layer(layer: Packet) -> str:
    if isinstance(layer, IP | IPv6 | Ether):
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
