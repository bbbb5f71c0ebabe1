"""
The single values that a request may hold, read strictly.

Each function takes what JSON gave and returns the value, or raises NotAllowed with
what would have been allowed. It knows nothing of where in a request the value stands.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import TypeVar, cast

from .errors import NotAllowed
from .models import Direction, NicId, SessionId, SessionNumber
from .protocols import NUMBERS

T = TypeVar("T")

_BLANKS = " \t\r\n"

NIC_ID = "eni- and 8 to 17 hexadecimal digits"
SESSION_ID = "tms- and up to 17 hexadecimal digits"
CIDR = "an IPv4 or IPv6 address, alone or with /prefix"
DIRECTION = "ingress or egress"
PROTOCOL = "an IANA protocol name, 0 to 255, or all, any, -1 for every protocol"
SESSION_NUMBER = "1 to 32766, or nothing to have it allocated"


def whole_number(lowest: int, highest: int, allowed: str) -> Callable[[object], int]:
    """Return a reader of JSON integers and of their text in ASCII digits."""
    longest = len(str(highest))

    def read(value: object) -> int:
        if isinstance(value, str):
            text = value.strip(_BLANKS)
            digits = text.lstrip("0") or text[-1:]
            if re.fullmatch("[0-9]+", text) and len(digits) <= longest:
                value = int(digits)
        if type(value) is int and lowest <= value <= highest:
            return value
        raise NotAllowed(allowed)

    return read


port = whole_number(0, 65535, "0 to 65535")
_given_session_number = whole_number(1, 32766, SESSION_NUMBER)
_protocol_number = whole_number(0, 255, PROTOCOL)


def or_empty(read: Callable[[object], T]) -> Callable[[object], T | None]:
    """Return a reader that takes an empty text, and absence, for None."""

    def read_or_none(value: object) -> T | None:
        empty = value is None or (isinstance(value, str) and not value.strip(_BLANKS))
        return None if empty else read(value)

    return read_or_none


def session_number(value: object) -> SessionNumber:
    """Read the number of a traffic mirror session."""
    return SessionNumber(_given_session_number(value))


def nic_id(value: object) -> NicId:
    """Read the id of an EC2 network interface."""
    return NicId(_id(value, "eni-[0-9a-f]{8,17}", NIC_ID))


def session_id(value: object) -> SessionId:
    """Read the id of a traffic mirror session."""
    return SessionId(_id(value, "tms-[0-9a-f]{1,17}", SESSION_ID))


def _id(value: object, pattern: str, allowed: str) -> str:
    if isinstance(value, str) and re.fullmatch(pattern, value.strip(_BLANKS)):
        return value.strip(_BLANKS)
    raise NotAllowed(allowed)


def direction(value: object) -> Direction:
    """Read a direction, in any case."""
    if isinstance(value, str) and value.lower() in ("ingress", "egress"):
        return cast(Direction, value.lower())
    raise NotAllowed(DIRECTION)


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
