"""Sends the IPv4 packets that standard input has in hexadecimal, one per line."""

from __future__ import annotations

import socket
import sys


def main() -> None:
    """Send the packets with their own headers."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as sender:
        for line in sys.stdin:
            packet = bytes.fromhex(line)
            destination = socket.inet_ntoa(packet[16:20])
            sender.sendto(packet, (destination, 0))


if __name__ == "__main__":
    main()
