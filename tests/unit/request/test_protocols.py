"""The table of protocol names."""

import socket

import pytest

from traffic_mirroring.request.protocols import NUMBERS


@pytest.mark.parametrize(
    ("name", "number"),
    [("ipv6-opts", 60), ("cftp", 62), ("sctp", 132), ("ethernet", 143), ("homa", 146)],
)
def test_names_stand_at_their_numbers(name, number):
    """The counted part of the table ends at 60, the rest says its numbers."""
    assert number == NUMBERS[name]


def test_the_table_agrees_with_the_operating_systems_constants():
    """What both know under one name has one number."""
    called_otherwise = {"ipv4", "ipip"}  # IP itself, and 4 on Linux
    shared = {
        name: getattr(socket, f"IPPROTO_{name.upper()}")
        for name in NUMBERS
        if name not in called_otherwise and hasattr(socket, f"IPPROTO_{name.upper()}")
    }

    assert shared.keys() >= {"icmp", "tcp", "udp"}
    assert shared == {name: NUMBERS[name] for name in shared}
