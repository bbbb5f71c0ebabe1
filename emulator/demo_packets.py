"""The packets that the demo sends, and how it tells of them and of their copies."""

from __future__ import annotations

from dataclasses import dataclass

from rich.markup import escape
from rich.table import Table
from rich.tree import Tree
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import NoPayload, Packet, Raw

from emulator.demo_tables import make_table
from emulator.ec2 import Passage

CLIENT, STRANGER = "192.168.0.7", "192.168.1.7"
METADATA, RESOLVER = "169.254.169.254", "169.254.169.253"
ETHERNET_HEADER = 14
WORDS = b"GET / HTTP/1.1\r\nHost: web\r\n\r\n"


@dataclass(frozen=True)
class Probe:
    """A packet, and whether its being mirrored was asked for; None: who knows."""

    packet: IP
    asked_for: bool | None = None


@dataclass(frozen=True)
class Seen:
    """A packet that was sent, and what happened to it at an interface."""

    probe: Probe
    passage: Passage

    @property
    def target(self) -> str:
        """The interface that the copy is for; empty: there is no copy."""
        return self.passage.copy.target_interface_id if self.passage.copy else ""

    @property
    def mirrored(self) -> bool:
        """Tell whether a copy arrived."""
        return self.passage.copy is not None and self.passage.copy.arrived

    @property
    def as_asked(self) -> bool:
        """Tell whether a copy arrived if, and only if, it should."""
        if self.probe.asked_for is None:
            return self.passage.copy is None or self.mirrored
        return self.mirrored is self.probe.asked_for


def probes(web: str) -> list[Probe]:
    """Make packets around the one rule of the demo's mirror: one is as it says."""
    return [
        Probe(_tcp(CLIENT, web, 50123, 443) / WORDS, asked_for=True),
        Probe(_tcp(CLIENT, web, 49999, 443) / WORDS, asked_for=False),
        Probe(_tcp(STRANGER, web, 50123, 443) / WORDS, asked_for=False),
        Probe(_udp(CLIENT, web, 50123, 443), asked_for=False),
        Probe(_tcp(web, CLIENT, 443, 50123), asked_for=False),
        Probe(_tcp(web, METADATA, 4000, 80), asked_for=False),
    ]


def any_probes(nic: str) -> list[Probe]:
    """Make packets of the usual kinds, for a mirror of which nothing is known."""
    return [
        Probe(_tcp(CLIENT, nic, 50123, 443) / WORDS),
        Probe(_tcp(nic, CLIENT, 443, 50123)),
        Probe(_udp(CLIENT, nic, 40000, 53)),
        Probe(_udp(nic, RESOLVER, 40000, 53)),
        Probe(IP(src=CLIENT, dst=nic) / ICMP()),
        Probe(IP(src=nic, dst=CLIENT) / ICMP(type="echo-reply")),
    ]


def packet_table(sent: list[Seen]) -> Table:
    """Return the packets with what became of each."""
    table = make_table("Packet", "Direction", "What decides", "Copy")
    table.columns[0].no_wrap = True
    for seen in sent:
        passage = seen.passage
        table.add_row(
            _in_words(seen.probe.packet),
            passage.direction,
            passage.reason,
            _copy_in_words(passage),
            style="green" if seen.mirrored else "",
        )
    return table


def copy_tree(data: bytes) -> Tree:
    """Return a copy, as the target reads it from the wire, layer by layer."""
    tree = branch = Tree(f"[bold]{len(data)} bytes")
    layer: Packet = IP(data)
    while not isinstance(layer, NoPayload):
        branch = branch.add(escape(_layer_in_words(layer)))
        layer = layer.payload
    return tree


def inner_packet(data: bytes) -> bytes:
    """Return the packet that was mirrored, or what is left of it in a short copy."""
    return bytes(IP(data)[VXLAN].payload)[ETHERNET_HEADER:]


def _tcp(source: str, destination: str, sport: int, dport: int) -> IP:
    return IP(src=source, dst=destination) / TCP(sport=sport, dport=dport)


def _udp(source: str, destination: str, sport: int, dport: int) -> IP:
    return IP(src=source, dst=destination) / UDP(sport=sport, dport=dport)


def _in_words(packet: IP) -> str:
    layer = packet.payload
    if isinstance(layer, TCP | UDP):
        ends = f"{packet.src}:{layer.sport} > {packet.dst}:{layer.dport}"
    else:
        ends = f"{packet.src} > {packet.dst}"
    return f"{layer.name} {ends}"


def _layer_in_words(layer: Packet) -> str:
    if isinstance(layer, IP | Ether):
        return f"{layer.name} {layer.src} to {layer.dst}"
    if isinstance(layer, TCP | UDP):
        return f"{layer.name} port {layer.sport} to {layer.dport}"
    if isinstance(layer, VXLAN):
        return f"VXLAN network {layer.vni}"
    return repr(layer.load) if isinstance(layer, Raw) else str(layer.name)


def _copy_in_words(passage: Passage) -> str:
    copy = passage.copy
    if copy is None:
        return "none"
    if not copy.arrived:
        return f"lost: {copy.lost}"
    return f"{len(copy.data)} bytes"
