"""Protocols are known by their IANA names and numbers."""

import socket

import pytest
from jsonschema import Draft202012Validator

from traffic_mirroring.errors import NotAllowed
from traffic_mirroring.request.protocols import NUMBERS, PROTOCOL


@pytest.mark.parametrize(
    ("name", "number"),
    [("ipv6-opts", 60), ("cftp", 62), ("sctp", 132), ("ethernet", 143), ("homa", 146)],
)
def test_a_name_has_its_iana_number(name, number):
    """Names up to 60 are numbered by their order, the others one by one."""
    assert number == NUMBERS[name]


DEBIAN = """
icmp 1 ICMP, igmp 2 IGMP, ggp 3 GGP, ipencap 4 IP-ENCAP, st 5 ST, tcp 6 TCP, egp 8 EGP,
igp 9 IGP, pup 12 PUP, udp 17 UDP, hmp 20 HMP, xns-idp 22 XNS-IDP, rdp 27 RDP,
iso-tp4 29 ISO-TP4, dccp 33 DCCP, xtp 36 XTP, ddp 37 DDP, idpr-cmtp 38 IDPR-CMTP,
ipv6 41 IPv6, ipv6-route 43 IPv6-Route, ipv6-frag 44 IPv6-Frag, idrp 45 IDRP,
rsvp 46 RSVP, gre 47 GRE, esp 50 IPSEC-ESP, ah 51 IPSEC-AH, skip 57 SKIP,
ipv6-icmp 58 IPv6-ICMP, ipv6-nonxt 59 IPv6-NoNxt, ipv6-opts 60 IPv6-Opts, rspf 73 CPHB,
vmtp 81 VMTP, eigrp 88 EIGRP, ospf 89 OSPFIGP, ax.25 93 AX.25, ipip 94 IPIP,
etherip 97 ETHERIP, encap 98 ENCAP, pim 103 PIM, ipcomp 108 IPCOMP, vrrp 112 VRRP,
l2tp 115 L2TP, isis 124 ISIS, sctp 132 SCTP, fc 133 FC,
mobility-header 135 Mobility-Header, udplite 136 UDPLite, mpls-in-ip 137 MPLS-in-IP,
manet 138 MANET, hip 139 HIP, shim6 140 Shim6, wesp 141 WESP, rohc 142 ROHC,
ethernet 143 Ethernet
"""
"""The names, numbers and aliases in Debian's /etc/protocols, without 0."""


@pytest.mark.parametrize("line", DEBIAN.replace("\n", " ").split(","))
def test_a_name_of_etc_protocols_and_its_alias_are_read(line):
    """Requests that were written for the stock AWS shell have these names."""
    name, number, alias = line.split()

    assert PROTOCOL.read(name) == PROTOCOL.read(alias) == int(number)


def test_the_name_in_aws_security_groups_is_read():
    """IANA calls it ipv6-icmp."""
    assert PROTOCOL.read("icmpv6") == 58


def test_no_two_names_of_iana_have_one_number():
    """Only the aliases do."""
    aliases = {"icmpv6", "ip-encap", "ipencap", "ipsec-ah", "ipsec-esp", "isis"}
    aliases |= {"mobility-header", "ospf", "rspf"}
    numbers = [NUMBERS[name] for name in NUMBERS.keys() - aliases]

    assert len(set(numbers)) == len(numbers)


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
    [
        *(256, "256", -2, "-2", "", " ", "*", "tpc", "\u00a0tcp", 6.0, True, False),
        *(None, ["tcp"]),
    ],
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


@pytest.mark.parametrize(
    ("given", "valid"),
    [
        *[(name, True) for name in ("tcp", "ax.25", "TCP", " udp", "all", "any")],
        *[(number, True) for number in (1, 255, "6", -1, "-1")],
        *[(wrong, False) for wrong in ("tpc", "", "*", 0, 256, -2, None, True)],
    ],
)
def test_the_schema_accepts_what_is_read(given, valid):
    """Names in any case and with blanks, and numbers as integers or text."""
    assert Draft202012Validator(PROTOCOL.schema).is_valid(given) is valid
