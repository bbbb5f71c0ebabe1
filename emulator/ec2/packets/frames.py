"""
Packets as bytes: reading their flow, and encapsulating mirrored copies.

Owns: the formats of Ethernet, IP, UDP and VXLAN, by scapy.
Must not know: sessions, who sends or receives what.

A copy is an Ethernet frame in VXLAN in UDP, from the source's primary address to the
target's, port 4789. If an end of the packet has no interface here, the frame has the
invented MAC address of the VPC's router in its place.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any
from zlib import crc32

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6, _IPv6ExtHdr
from scapy.layers.l2 import Ether
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Raw

from emulator.ec2.mirroring.records import UDP as UDP_PROTOCOL
from emulator.ec2.packets.flows import Flow
from emulator.ec2.packets.nics import VirtualNic

VXLAN_PORT = 4789
ROUTER_MAC = "02:00:0a:00:00:01"
MAX_PACKET = 9001
_FIRST_DYNAMIC_PORT = 49152

IpPacket = IP | IPv6


def read_packet(packet: Packet) -> IpPacket:
    """Return a packet with all fields as on the wire; raises ValueError."""
    if not isinstance(packet, IP | IPv6):
        raise ValueError(f"only scapy's IP and IPv6 packets can be sent: {packet!r}")
    data = bytes(packet)
    if len(data) > MAX_PACKET:
        raise ValueError(
            f"the packet has {len(data)} bytes, and an interface sends {MAX_PACKET} "
            "at most"
        )
    return type(packet)(data)


def read_flow(packet: IpPacket) -> Flow:
    """Return the five-tuple of a packet."""
    last: Packet = packet
    while isinstance(last.payload, _IPv6ExtHdr):
        last = last.payload
    protocol = packet.proto if isinstance(packet, IP) else last.nh
    ends = ip_address(packet.src), ip_address(packet.dst)
    if isinstance(last.payload, TCP | UDP):
        return Flow(protocol, *ends, last.payload.sport, last.payload.dport)
    return Flow(protocol, *ends)


def copy_flow(flow: Flow, source: VirtualNic, target: VirtualNic) -> Flow:
    """Return the flow of a packet's copies; equal flows get equal source ports."""
    dynamic_ports = 2**16 - _FIRST_DYNAMIC_PORT
    port = _FIRST_DYNAMIC_PORT + crc32(repr(flow).encode()) % dynamic_ports
    ends = source.addresses[0], target.addresses[0]
    return Flow(UDP_PROTOCOL, *ends, port, VXLAN_PORT)


def make_frame(
    packet: IpPacket, sender: VirtualNic | None, receiver: VirtualNic | None
) -> bytes:
    """Return the Ethernet frame of a packet."""
    source, destination = (nic.mac if nic else ROUTER_MAC for nic in (sender, receiver))
    return bytes(Ether(src=source, dst=destination) / packet)


def encapsulate(inner: bytes, flow: Flow, network_id: int) -> bytes:
    """Return the copy of a frame, or of its beginning, as the target receives it."""
    outer: Any = IP(src=str(flow.source), dst=str(flow.destination))
    # RFC 7348: the UDP checksum of VXLAN may be zero, which means none.
    outer /= UDP(sport=flow.source_port, dport=flow.destination_port, chksum=0)
    return bytes(outer / VXLAN(vni=network_id) / Raw(inner))
