"""
IP protocols, by name and number.

Owns the table of names, because a slim execution server has no /etc/protocols. Must
not know what a filter rule does with a protocol.
https://www.iana.org/assignments/protocol-numbers
"""

from __future__ import annotations

from traffic_mirroring.errors import NotAllowed
from traffic_mirroring.request.values import BLANKS, Value, number

TCP = 6
UDP = 17
IPV6_ICMP = 58

_FIRST_60 = (
    "icmp igmp ggp ipv4 st tcp cbt egp igp bbn-rcc-mon nvp-ii pup argus emcon "
    "xnet chaos udp mux dcn-meas hmp prm xns-idp trunk-1 trunk-2 leaf-1 leaf-2 rdp "
    "irtp iso-tp4 netblt mfe-nsp merit-inp dccp 3pc idpr xtp ddp idpr-cmtp tp++ il "
    "ipv6 sdrp ipv6-route ipv6-frag idrp rsvp gre dsr bna esp ah i-nlsp swipe narp "
    "mobile tlsp skip ipv6-icmp ipv6-nonxt ipv6-opts"
).split()

_OTHERS = {
    "cftp": 62,
    "sat-expak": 64,
    "kryptolan": 65,
    "rvd": 66,
    "ippc": 67,
    "sat-mon": 69,
    "visa": 70,
    "ipcv": 71,
    "cpnx": 72,
    "cphb": 73,
    "wsn": 74,
    "pvp": 75,
    "br-sat-mon": 76,
    "sun-nd": 77,
    "wb-mon": 78,
    "wb-expak": 79,
    "iso-ip": 80,
    "vmtp": 81,
    "secure-vmtp": 82,
    "vines": 83,
    "iptm": 84,
    "nsfnet-igp": 85,
    "dgp": 86,
    "tcf": 87,
    "eigrp": 88,
    "ospfigp": 89,
    "sprite-rpc": 90,
    "larp": 91,
    "mtp": 92,
    "ax.25": 93,
    "ipip": 94,
    "micp": 95,
    "scc-sp": 96,
    "etherip": 97,
    "encap": 98,
    "gmtp": 100,
    "ifmp": 101,
    "pnni": 102,
    "pim": 103,
    "aris": 104,
    "scps": 105,
    "qnx": 106,
    "a/n": 107,
    "ipcomp": 108,
    "snp": 109,
    "compaq-peer": 110,
    "ipx-in-ip": 111,
    "vrrp": 112,
    "pgm": 113,
    "l2tp": 115,
    "ddx": 116,
    "iatp": 117,
    "stp": 118,
    "srp": 119,
    "uti": 120,
    "smp": 121,
    "sm": 122,
    "ptp": 123,
    "isis over ipv4": 124,
    "fire": 125,
    "crtp": 126,
    "crudp": 127,
    "sscopmce": 128,
    "iplt": 129,
    "sps": 130,
    "pipe": 131,
    "sctp": 132,
    "fc": 133,
    "rsvp-e2e-ignore": 134,
    "mobility header": 135,
    "udplite": 136,
    "mpls-in-ip": 137,
    "manet": 138,
    "hip": 139,
    "shim6": 140,
    "wesp": 141,
    "rohc": 142,
    "ethernet": 143,
    "aggfrag": 144,
    "nsh": 145,
    "homa": 146,
}

# Names in the /etc/protocols of Debian and Red Hat, or of AWS's security groups.
_ALIASES = {
    "icmpv6": IPV6_ICMP,
    "ip-encap": 4,
    "ipencap": 4,
    "ipsec-ah": 51,
    "ipsec-esp": 50,
    "isis": 124,
    "mobility-header": 135,
    "ospf": 89,
    "rspf": 73,
}

NUMBERS = {
    **{name: number for number, name in enumerate(_FIRST_60, start=1)},
    **_OTHERS,
    **_ALIASES,
}
"""Protocol numbers by lower-case name, without 0."""

_NAMES = {number: name for name, number in reversed(NUMBERS.items())}
"""The first name of each number in the table, so that no alias is used."""

_EVERY_PROTOCOL = ("all", "any", "-1", -1)
_ZERO = ("hopopt", "ip", 0)
"""IANA's HOPOPT. Some tools mean every protocol; AWS's behavior is unknown."""

_USUAL = ["tcp", "udp", "icmp", "icmpv6"]


def _protocol() -> Value:
    """Return a protocol's number, by name or number; None is every protocol."""
    numbers = number(1, 255)
    allowed = (
        f"an IANA protocol name, {numbers.allowed}, or all, any, -1 for every protocol"
    )

    def read(value: object) -> object:
        name = _normalize(value)
        if name in _EVERY_PROTOCOL:
            return None
        if name in _ZERO:
            raise NotAllowed(
                "all for every protocol, or a protocol's name or number",
                "may mean every protocol or only HOPOPT",
            )
        try:
            return numbers.read(NUMBERS.get(str(name), value))
        except NotAllowed as error:
            raise NotAllowed(allowed) from error

    choices = [
        {"enum": ["all", "any", *_USUAL]},
        {"enum": sorted({*NUMBERS} - {*_USUAL})},
        {
            "type": "string",
            "pattern": "[A-Z]|^[ \\t\\r\\n]|[ \\t\\r\\n]$",
            "description": "a name with capital letters, or with blanks around it",
        },
        *numbers.schema["anyOf"],
        {"enum": [-1, "-1"]},
    ]
    return Value(read, allowed, {"anyOf": choices})


def in_words(protocol: int | None) -> str | int:
    """Return a protocol as a request has it: by its name, if it has one."""
    return "all" if protocol is None else _NAMES.get(protocol, protocol)


def _normalize(value: object) -> object:
    """Return a name in lower case, or the number of an integer or its text."""
    if not isinstance(value, str):
        return value if type(value) is int else None
    name = value.strip(BLANKS).lower()
    return 0 if name and not name.strip("0") else name


PROTOCOL = _protocol()
