"""
The copies that targets received, as a pcap file.

Owns: the file's format. Must not know: sessions, the steps of a demo.
"""

from __future__ import annotations

from pathlib import Path

from scapy.utils import RawPcapWriter

from emulator.lab import Lab

LINKTYPE_RAW = 101
"""Packets that begin with an IP header: https://www.tcpdump.org/linktypes.html."""


def write_pcap(lab: Lab, file: Path) -> int:
    """
    Write all copies, as the IP packets that arrived; return their number.

    Wireshark and tshark open the file. Raises OSError if it can't be written.
    """
    nics = lab.client.describe_network_interfaces()["NetworkInterfaces"]
    endpoints = lab.client.describe_vpc_endpoints()["VpcEndpoints"]
    ends = [
        *(nic["NetworkInterfaceId"] for nic in nics),
        *(endpoint["VpcEndpointId"] for endpoint in endpoints),
    ]
    copies = [copy for end in ends for copy in lab.ec2.received_by(end)]
    with RawPcapWriter(str(file), linktype=LINKTYPE_RAW) as writer:
        writer.write_header(None)
        for copy in copies:
            writer.write_packet(copy)
    return len(copies)
