"""
The parameters of a request, each checked by itself.

Owns: types, ranges and formats. Must not know: how parameters depend on each other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.mirroring.records import PortRange

TEXT_LIMIT = 255


class Params:
    """The parameters of one request, with boto3's names."""

    def __init__(self, operation: str, values: Mapping[str, Any]) -> None:
        self.operation = operation
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def sorted_values(self, without: Collection[str]) -> dict[str, Any]:
        """Return the parameters, sorted by name, without some of them."""
        return {
            name: value
            for name, value in sorted(self._values.items())
            if name not in without
        }

    def flag(self, name: str) -> bool:
        """Return a boolean, False if absent."""
        return bool(self._values.get(name, False))

    def optional(self, name: str) -> str | None:
        """Return a text, None if absent."""
        value = self._values.get(name)
        return None if value is None else str(value)

    def required(self, name: str) -> str:
        """Return a text; raises Ec2Error if it is absent or empty."""
        value = self.optional(name)
        if not value:
            raise ec2_error(Refusal.PARAMETER_MISSING, name=name)
        return value

    def description(self) -> str | None:
        """Return the Description, None if absent."""
        value = self.optional("Description")
        if value is not None and len(value) > TEXT_LIMIT:
            raise ec2_error(Refusal.TEXT_TOO_LONG, name="Description", limit=TEXT_LIMIT)
        return value

    def choice(self, name: str, choices: Collection[str]) -> str | None:
        """Return one of the choices, None if absent."""
        value = self.optional(name)
        if value is not None:
            _check_choice(name, value, choices)
        return value

    def choices(self, name: str, choices: Collection[str]) -> list[str]:
        """Return a list of choices, empty if absent."""
        values = self.items(name)
        for value in values:
            _check_choice(name, value, choices)
        return values

    def number(self, name: str, low: int, high: int) -> int | None:
        """Return a number from low to high, None if absent."""
        value = self._values.get(name)
        return None if value is None else _in_range(name, value, low, high)

    def integer(self, name: str) -> int | None:
        """Return a number, None if absent."""
        value = self._values.get(name)
        return None if value is None else int(value)

    def items(self, name: str) -> list[Any]:
        """Return a list, empty if absent."""
        return list(self._values.get(name, []))

    def removals(self, removable: Mapping[str, tuple[str, str]]) -> dict[str, None]:
        """
        Return the attributes that RemoveFields removes, with None as their value.

        `removable` maps a field to its parameter and to the record's attribute. Raises
        Ec2Error if a field is both set and removed.
        """
        removals: dict[str, None] = {}
        for field in self.choices("RemoveFields", removable):
            parameter, attribute = removable[field]
            if parameter in self:
                raise ec2_error(Refusal.SET_AND_REMOVED, name=parameter)
            removals[attribute] = None
        return removals

    def ports(self, name: str) -> PortRange | None:
        """Return a port range within 0 to 65535, None if absent."""
        value = self._values.get(name)
        if value is None:
            return None
        if "FromPort" not in value or "ToPort" not in value:
            raise ec2_error(Refusal.PORT_RANGE_HALF, name=name)
        first, last = (
            _in_range(f"{name}.{end}", value[end], 0, 65535)
            for end in ("FromPort", "ToPort")
        )
        if first > last:
            raise ec2_error(Refusal.PORT_RANGE_REVERSED, name=name)
        return PortRange(first, last)

    def cidr(self, name: str) -> str | None:
        """Return a CIDR without host bits, None if absent."""
        value = self.optional(name)
        if value is None:
            return None
        if "/" not in value:
            reason = "no prefix length"
            raise ec2_error(Refusal.CIDR_INVALID, name=name, value=value, reason=reason)
        try:
            return str(_network(value))
        except ValueError as error:
            raise ec2_error(
                Refusal.CIDR_INVALID, name=name, value=value, reason=error
            ) from error


def _network(value: str) -> IPv4Network | IPv6Network:
    # Python accepts a netmask as prefix length, AWS doesn't.
    length = value.rpartition("/")[2]
    if not (length.isascii() and length.isdecimal()):
        raise ValueError("the prefix length is not a number")
    return ip_network(value, strict=True)


def _check_choice(name: str, value: str, choices: Collection[str]) -> None:
    if value not in choices:
        listed = ", ".join(choices)
        raise ec2_error(Refusal.NOT_A_CHOICE, name=name, choices=listed, value=value)


def _in_range(name: str, value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise ec2_error(
            Refusal.NOT_IN_RANGE, name=name, low=low, high=high, value=value
        )
    return value
