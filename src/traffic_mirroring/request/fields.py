"""
The single values that a request may hold, read strictly.

Each function takes what JSON gave and returns the value, or raises NotAllowed with
what would have been allowed. It knows nothing of where in a request the value stands.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar, cast

from traffic_mirroring.errors import NotAllowed
from traffic_mirroring.models import (
    Destination,
    Direction,
    NetworkService,
    NicId,
    RuleAction,
    SessionId,
    SessionNumber,
)
from traffic_mirroring.request.protocols import NUMBERS
from traffic_mirroring.tags import OWN_KEYS

T = TypeVar("T")

_BLANKS = " \t\r\n"


class Bounds(NamedTuple):
    """The lowest and the highest of the numbers that a field takes."""

    lowest: int
    highest: int

    def __str__(self) -> str:
        return f"{self.lowest} to {self.highest}"


PORTS = Bounds(0, 65535)
PROTOCOLS = Bounds(0, 255)
SESSION_NUMBERS = Bounds(1, 32766)
PACKET_LENGTHS = Bounds(1, 8500)
VIRTUAL_NETWORK_IDS = Bounds(1, 16777215)

NIC_ID = "eni- and 8 to 17 hexadecimal digits"
BALANCER_ARN = (
    "a network load balancer's ARN, arn:aws:elasticloadbalancing:...:loadbalancer/net/"
    "..."
)
ENDPOINT_ID = "vpce- and 8 to 17 hexadecimal digits"
SESSION_ID = "tms- and up to 17 hexadecimal digits"
CIDR = "an IPv4 or IPv6 address, alone or with /prefix"
DIRECTION = "ingress or egress"
RULE_ACTION = "accept or reject"
PROTOCOL = f"an IANA protocol name, {PROTOCOLS}, or all, any, -1 for every protocol"
PORT = str(PORTS)
SESSION_NUMBER = f"{SESSION_NUMBERS}, or nothing to have it allocated"
PACKET_LENGTH = str(PACKET_LENGTHS)
VIRTUAL_NETWORK_ID = str(VIRTUAL_NETWORK_IDS)
NETWORK_SERVICE = "amazon-dns"
DESCRIPTION = "text of up to 255 characters without control characters"
TAG_KEY = "1 to 127 characters without control characters, not beginning with aws:"
TAG_VALUE = "text of up to 256 characters without control characters"

NIC_ID_PATTERN = "eni-[0-9a-f]{8,17}"
BALANCER_ARN_PATTERN = (
    "arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:"
    "loadbalancer/net/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}"
)
ENDPOINT_ID_PATTERN = "vpce-[0-9a-f]{8,17}"
SESSION_ID_PATTERN = "tms-[0-9a-f]{1,17}"


def whole_number(bounds: Bounds, allowed: str) -> Callable[[object], int]:
    """Return a reader of JSON integers and of their text in ASCII digits."""
    longest = len(str(bounds.highest))

    def read(value: object) -> int:
        if isinstance(value, str):
            text = value.strip(_BLANKS)
            digits = text.lstrip("0") or text[-1:]
            if re.fullmatch("[0-9]+", text) and len(digits) <= longest:
                value = int(digits)
        if type(value) is int and bounds.lowest <= value <= bounds.highest:
            return value
        raise NotAllowed(allowed)

    return read


port = whole_number(PORTS, PORT)
packet_length = whole_number(PACKET_LENGTHS, PACKET_LENGTH)
virtual_network_id = whole_number(VIRTUAL_NETWORK_IDS, VIRTUAL_NETWORK_ID)
_session_number = whole_number(SESSION_NUMBERS, SESSION_NUMBER)
_protocol_number = whole_number(PROTOCOLS, PROTOCOL)


def or_empty(read: Callable[[object], T]) -> Callable[[object], T | None]:
    """Return a reader that takes an empty text, and absence, for None."""

    def read_or_none(value: object) -> T | None:
        empty = value is None or (isinstance(value, str) and not value.strip(_BLANKS))
        return None if empty else read(value)

    return read_or_none


def session_number(value: object) -> SessionNumber:
    """Read the number of a traffic mirror session."""
    return SessionNumber(_session_number(value))


def nic_id(value: object) -> NicId:
    """Read the id of an EC2 network interface."""
    return NicId(Destination(_id(value, NIC_ID_PATTERN, NIC_ID)))


def balancer_arn(value: object) -> Destination:
    """Read the ARN of a network load balancer."""
    return Destination(_id(value, BALANCER_ARN_PATTERN, BALANCER_ARN))


def endpoint_id(value: object) -> Destination:
    """Read the id of a gateway load balancer endpoint."""
    return Destination(_id(value, ENDPOINT_ID_PATTERN, ENDPOINT_ID))


def session_id(value: object) -> SessionId:
    """Read the id of a traffic mirror session."""
    return SessionId(_id(value, SESSION_ID_PATTERN, SESSION_ID))


def _id(value: object, pattern: str, allowed: str) -> str:
    if isinstance(value, str) and re.fullmatch(pattern, value.strip(_BLANKS)):
        return value.strip(_BLANKS)
    raise NotAllowed(allowed)


def direction(value: object) -> Direction:
    """Read a direction, in any case."""
    if isinstance(value, str) and value.lower() in ("ingress", "egress"):
        return cast(Direction, value.lower())
    raise NotAllowed(DIRECTION)


def rule_action(value: object) -> RuleAction:
    """Read what a rule does with a packet, in any case."""
    if isinstance(value, str) and value.lower() in ("accept", "reject"):
        return cast(RuleAction, value.lower())
    raise NotAllowed(RULE_ACTION)


def network_service(value: object) -> NetworkService:
    """Read the name of a service of AWS whose traffic is mirrored too."""
    if value == NETWORK_SERVICE:
        return "amazon-dns"
    raise NotAllowed(NETWORK_SERVICE)


def protocol(value: object) -> int | None:
    """Read a protocol's number or name in any case; None is every protocol."""
    name = value.strip(_BLANKS) if isinstance(value, str) else value
    if name == "-1" or (type(name) is int and name == -1):
        return None
    if isinstance(value, str) and value.lower() in ("all", "any"):
        return None
    if isinstance(value, str) and value.lower() in NUMBERS:
        return NUMBERS[value.lower()]
    return _protocol_number(value)


def cidr(value: object) -> str:
    """Read an address or a network; host bits are cleared, the text is canonical."""
    if not isinstance(value, str) or not re.fullmatch(
        r"[0-9A-Fa-f:.]+(/[0-9]{1,3})?", value
    ):
        raise NotAllowed(CIDR)
    try:
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError as error:
        raise NotAllowed(CIDR) from error


def description(value: object) -> str:
    """Read the description of a session or a rule."""
    return _text(value, 0, 255, DESCRIPTION)


def tag_key(value: object) -> str:
    """Read the key of a tag."""
    key = _text(value, 1, 127, TAG_KEY)
    if key.lower().startswith("aws:"):
        raise NotAllowed(TAG_KEY)
    if key in OWN_KEYS:
        raise NotAllowed(f"any key but the sandbox's own: {', '.join(OWN_KEYS)}")
    return key


def tag_value(value: object) -> str:
    """Read the value of a tag."""
    return _text(value, 0, 256, TAG_VALUE)


def _text(value: object, shortest: int, longest: int, allowed: str) -> str:
    """Read text as it is, without what EC2's XML could not carry."""
    if (
        isinstance(value, str)
        and shortest <= len(value) <= longest
        and not re.search("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]", value)
    ):
        return value
    raise NotAllowed(allowed)
