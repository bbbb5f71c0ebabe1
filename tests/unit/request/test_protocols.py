"""Protocols are known by their IANA names and numbers."""

import socket

import pytest

from traffic_mirroring.request.protocols import NUMBERS


@pytest.mark.parametrize(
    ("name", "number"),
    [("ipv6-opts", 60), ("cftp", 62), ("sctp", 132), ("ethernet", 143), ("homa", 146)],
)
def test_a_name_has_its_iana_number(name, number):
    """Names up to 60 are numbered by their order, the others one by one."""
    assert number == NUMBERS[name]


def test_the_table_agrees_with_the_constants_of_the_operating_system():
    """A name that both have has one number."""
    named_differently = {"ipv4", "ipip"}  # Linux: IP itself, and 4
    shared = {
        name: getattr(socket, f"IPPROTO_{name.upper()}")
        for name in NUMBERS
        if name not in named_differently and hasattr(socket, f"IPPROTO_{name.upper()}")
    }

    assert shared.keys() >= {"icmp", "tcp", "udp"}
    assert shared == {name: NUMBERS[name] for name in shared}
