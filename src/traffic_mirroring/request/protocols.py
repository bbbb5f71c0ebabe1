"""
IP protocols, by name and number.

Owns the table of names, because a slim execution server has no /etc/protocols. Must
not know what a filter rule does with a protocol.
https://www.iana.org/assignments/protocol-numbers
"""

from __future__ import annotations

from traffic_mirroring.errors import NotAllowed
from traffic_mirroring.request.values import BLANKS, Value, number, trimmed

TCP = 6
UDP = 17
IPV6_ICMP = 58

_FIRST_61 = (
    "hopopt icmp igmp ggp ipv4 st tcp cbt egp igp bbn-rcc-mon nvp-ii pup argus emcon "
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

# Not IANA's keywords, but the names in AWS's security groups and in common use.
_USUAL_NAMES = {"icmpv6": IPV6_ICMP, "ospf": 89}

NUMBERS = {
    **{name: number for number, name in enumerate(_FIRST_61)},
    **_OTHERS,
    **_USUAL_NAMES,
}
"""Protocol number by lower-case name."""


def _protocol() -> Value:
    """Return a protocol's number, by name or number; None is every protocol."""
    numbers = number(0, 255)
    allowed = (
        f"an IANA protocol name, {numbers.allowed}, or all, any, -1 for every protocol"
    )

    def read(value: object) -> object:
        name = value.strip(BLANKS) if isinstance(value, str) else value
        if name == "-1" or (type(name) is int and name == -1):
            return None
        if isinstance(value, str) and value.lower() in ("all", "any"):
            return None
        if isinstance(value, str) and value.lower() in NUMBERS:
            return NUMBERS[value.lower()]
        try:
            return numbers.read(value)
        except NotAllowed as error:
            raise NotAllowed(allowed) from error

    usual = ["tcp", "udp", "icmp", "icmpv6"]
    choices = [
        {"enum": ["all", "any", *usual]},
        {"enum": sorted({*NUMBERS} - {*usual})},
        {
            "type": "string",
            "pattern": "[A-Z]",
            "description": "a name with capital letters",
        },
        *numbers.schema["anyOf"],
        {"const": -1},
        trimmed("-1"),
    ]
    return Value(read, allowed, {"anyOf": choices})


PROTOCOL = _protocol()
