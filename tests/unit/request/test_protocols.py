"""Protocols are known by their IANA names and numbers."""

import socket

import pytest

from traffic_mirroring.errors import NotAllowed
from traffic_mirroring.request.protocols import NUMBERS, PROTOCOL


@pytest.mark.parametrize(
    ("name", "number"),
    [("ipv6-opts", 60), ("cftp", 62), ("sctp", 132), ("ethernet", 143), ("homa", 146)],
)
def test_a_name_has_its_iana_number(name, number):
    """Names up to 60 are numbered by their order, the others one by one."""
    assert number == NUMBERS[name]


@pytest.mark.parametrize(
    ("alias", "number"),
    [
        ("IP-ENCAP", 4),
        ("ipencap", 4),
        ("IPSEC-ESP", 50),
        ("IPSEC-AH", 51),
        ("IPv6-ICMP", 58),
        ("icmpv6", 58),
        ("rspf", 73),
        ("CPHB", 73),
        ("ospf", 89),
        ("OSPFIGP", 89),
        ("isis", 124),
        ("Mobility-Header", 135),
    ],
)
def test_an_alias_of_etc_protocols_is_read(alias, number):
    """Requests that were written for the stock AWS shell have these names."""
    assert PROTOCOL.read(alias) == number


def test_every_number_from_1_to_255_is_read():
    """As an integer and as text."""
    numbers = list(range(1, 256))

    assert [PROTOCOL.read(number) for number in numbers] == numbers
    assert [PROTOCOL.read(str(number)) for number in numbers] == numbers


@pytest.mark.parametrize("zero", [0, "0", " 000 ", "hopopt", "HOPOPT", "ip", " IP "])
def test_zero_is_rejected_with_the_advice_to_use_all(zero):
    """Some mean every protocol by it, and it is unknown what AWS means."""
    with pytest.raises(NotAllowed, match="all for every protocol") as error:
        PROTOCOL.read(zero)

    assert error.value.problem == "may mean every protocol or only HOPOPT"


@pytest.mark.parametrize(
    "given",
    [256, "256", -2, "-2", "", " ", "*", "tpc", 6.0, True, False, None, ["tcp"]],
)
def test_any_other_value_is_rejected(given):
    """The error says which values are valid."""
    with pytest.raises(NotAllowed) as error:
        PROTOCOL.read(given)

    assert error.value.allowed == (
        "an IANA protocol name, 1 to 255, or all, any, -1 for every protocol"
    )


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
