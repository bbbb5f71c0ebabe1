"""
The kinds of values in a request: ids, numbers, words, texts, and the limits of lists.

Owns, for each kind, how a value is read, the words for what is allowed, and the JSON
Schema. Must not know which fields a request has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from traffic_mirroring.errors import NotAllowed

Schema = dict[str, Any]

BLANKS = " \t\r\n"
"""The characters that are trimmed: JSON's own white space."""


@dataclass(frozen=True, eq=False)
class Value:
    """
    A pydantic annotation: the reader, the words and the JSON Schema of a field.

    `read` returns the value or raises NotAllowed with `allowed`, which describes the
    valid values. The JSON Schema accepts every value that `read` accepts.
    """

    read: Callable[[object], object]
    allowed: str
    schema: Schema

    def __get_pydantic_core_schema__(self, *_: object) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, *_: object) -> Schema:
        return {"description": self.allowed, **self.schema}


def form(pattern: str, allowed: str) -> Value:
    """Return text that matches a regular expression; it is trimmed."""

    def read(value: object) -> str:
        if isinstance(value, str) and re.fullmatch(pattern, value.strip(BLANKS)):
            return value.strip(BLANKS)
        raise NotAllowed(allowed)

    return Value(read, allowed, trimmed(pattern))


def number(lowest: int, highest: int, more_allowed: str = "") -> Value:
    """Return a number: a JSON integer, or text of ASCII digits, which is trimmed."""
    longest = len(str(highest))
    allowed = f"{lowest} to {highest}{more_allowed}"

    def read(value: object) -> int:
        if isinstance(value, str):
            text = value.strip(BLANKS)
            digits = text.lstrip("0") or "0"
            if re.fullmatch("[0-9]+", text) and len(digits) <= longest:
                value = int(digits)
        if type(value) is int and lowest <= value <= highest:
            return value
        raise NotAllowed(allowed)

    zero = "|0+" if lowest == 0 else ""
    integer = {"type": "integer", "minimum": lowest, "maximum": highest}
    digits = trimmed(f"(0*[1-9][0-9]{{0,{longest - 1}}}{zero})")
    return Value(read, allowed, {"anyOf": [integer, digits]})


def word(*words: str) -> Value:
    """Return one of some words, in any case; it is trimmed."""
    allowed = " or ".join(words)

    def read(value: object) -> str:
        if isinstance(value, str) and value.strip(BLANKS).lower() in words:
            return value.strip(BLANKS).lower()
        raise NotAllowed(allowed)

    any_case = trimmed(f"({'|'.join(map(case_insensitive, words))})")
    return Value(read, allowed, {"anyOf": [{"enum": list(words)}, any_case]})


def flag() -> Value:
    """Return true or false: JSON's own, or text in any case, which is trimmed."""
    words = word("true", "false")

    def read(value: object) -> bool:
        if isinstance(value, bool):
            return value
        if not isinstance(value, str):
            raise NotAllowed(allowed)
        return words.read(value) == "true"

    allowed = words.allowed
    choices = [{"type": "boolean"}, *words.schema["anyOf"]]
    return Value(read, allowed, {"anyOf": choices})


def text(shortest: int, longest: int, allowed: str) -> Value:
    """Return text of a length that is allowed, without characters that XML refuses."""

    def read(value: object) -> str:
        if (
            isinstance(value, str)
            and shortest <= len(value) <= longest
            and not re.search("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]", value)
        ):
            return value
        raise NotAllowed(allowed)

    schema = matching(f"[^\\u0000-\\u001f]{{{shortest},{longest}}}")
    return Value(read, allowed, schema)


def or_blank(value: Value) -> Value:
    """Return the value, or None for absence and for empty or blank text."""

    def read(given: object) -> object:
        blank = isinstance(given, str) and not given.strip(BLANKS)
        return None if blank or given is None else value.read(given)

    choices = value.schema.get("anyOf", [value.schema])
    return Value(read, value.allowed, {"anyOf": [*choices, BLANK]})


def without_nulls(value: Any) -> Any:
    """Drop the members of an object that are null, which means absent."""
    if isinstance(value, Mapping):
        return {key: item for key, item in value.items() if item is not None}
    return value


@dataclass(frozen=True)
class AtMost:
    """
    A pydantic annotation: the limit of a list or an object, and the words for it.

    One that is too long is rejected before its items are read.
    """

    limit: int
    allowed: str

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        items = handler(source)
        return core_schema.no_info_before_validator_function(self._check, items)

    def _check(self, given: object) -> object:
        # It drops nulls itself: pydantic 2.7 runs only one BeforeValidator of a field.
        items = without_nulls(given)
        if isinstance(items, (list, dict)) and len(items) > self.limit:
            length = {"actual_length": len(items)}
            raise PydanticCustomError("too_long", "too long", length)
        return items


def matching(pattern: str) -> Schema:
    """Return the schema of text that matches a regular expression as a whole."""
    return {"type": "string", "pattern": f"^{pattern}$"}


BLANK = matching(r"[ \t\r\n]*")


def trimmed(pattern: str) -> Schema:
    """Return the schema of text that matches once it is trimmed."""
    return matching(rf"[ \t\r\n]*{pattern}[ \t\r\n]*")


def case_insensitive(name: str) -> str:
    """Return a pattern for letters, since JSON Schema's patterns have no flags."""
    return "".join(f"[{letter}{letter.upper()}]" for letter in name.lower())
