"""
Packets as bytes: what is read of one, and what a mirrored copy of it looks like.

The one module that knows scapy, whose packets tests and the demo send. A copy is an
Ethernet frame in VXLAN in UDP: from the source's primary address to the target's, port
4789. Of a packet that leaves for, or comes from, no interface here the frame's other
end is the VPC's router, whose hardware address is invented.
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

from emulator.ec2 import flows
from emulator.ec2.flows import Flow
from emulator.ec2.nics import VirtualNic

VXLAN_PORT = 4789
ROUTER_MAC = "02:00:0a:00:00:01"
MAX_PACKET = 9001
_FIRST_DYNAMIC_PORT = 49152


def read_packet(packet: Packet) -> Packet:
    """Return a packet as it is on the wire; ValueError for what can't be sent."""
    if not isinstance(packet, IP | IPv6):
        raise ValueError(f"an IP or IPv6 packet of scapy's is carried, not {packet!r}")
    data = bytes(packet)
    if len(data) > MAX_PACKET:
        raise ValueError(f"no interface sends {len(data)} bytes, {MAX_PACKET} at most")
    return type(packet)(data)


def read_flow(packet: Packet) -> Flow:
    """Read who sends what to whom."""
    last = packet
    while isinstance(last.payload, _IPv6ExtHdr):
        last = last.payload
    protocol = packet.proto if isinstance(packet, IP) else last.nh
    ends = ip_address(packet.src), ip_address(packet.dst)
    if isinstance(last.payload, TCP | UDP):
        return Flow(protocol, *ends, last.payload.sport, last.payload.dport)
    return Flow(protocol, *ends)


def copy_flow(flow: Flow, source: VirtualNic, target: VirtualNic) -> Flow:
    """Return the flow of a packet's copies; all of one flow have one source port."""
    dynamic_ports = 2**16 - _FIRST_DYNAMIC_PORT
    port = _FIRST_DYNAMIC_PORT + crc32(repr(flow).encode()) % dynamic_ports
    return Flow(flows.UDP, source.addresses[0], target.addresses[0], port, VXLAN_PORT)


def frame(packet: Packet, sender: VirtualNic | None, to: VirtualNic | None) -> bytes:
    """Put a packet into an Ethernet frame."""
    ends = [nic.mac if nic else ROUTER_MAC for nic in (sender, to)]
    return bytes(Ether(src=ends[0], dst=ends[1]) / packet)


def encapsulate(inner: bytes, flow: Flow, network_id: int) -> bytes:
    """Make a copy of a frame, or of its beginning, as it comes to the target."""
    outer: Any = IP(src=str(flow.source), dst=str(flow.destination))
    # RFC 7348: no UDP checksum is needed around VXLAN, and zero stands for none.
    outer /= UDP(sport=flow.source_port, dport=flow.destination_port, chksum=0)
    return bytes(outer / VXLAN(vni=network_id) / Raw(inner))
