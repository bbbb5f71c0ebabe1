"""
What is wrong in an action, in words: pydantic's findings as lines with their paths.

A line holds the path as `actions[0].actionParams.filterRules[1].direction`, the value
and what is allowed. It knows no shape but the one that it is given.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from traffic_mirroring.errors import NotAllowed

_MAX_SHOWN = 80
_ALLOWED = {
    "model_type": "an object",
    "model_attributes_type": "an object",
    "tuple_type": "a list",
    "dict_type": "an object of text to text",
    "string_type": "text",
}

_A_KEY = "[key]"  # pydantic's last step of a path to an object's key

Path = Sequence[Union[str, int]]


def describe(shape: type[BaseModel], index: int, details: ErrorDetails) -> str:
    """Return the line for one finding in the action of that index."""
    location, given = details["loc"], details["input"]
    path = _path(["actions", index, *location])
    if details["type"] in ("missing", "extra_forbidden", "too_long"):
        return f"{path}: {_about_field(_owner(shape, location), details)}"
    error = details.get("ctx", {}).get("error")
    if isinstance(error, NotAllowed) and given is None:
        # Absent, and then pydantic names the field and not its alias.
        path = _path(["actions", index, *location[:-1], to_camel(str(location[-1]))])
        return f"{path}: {error.problem}; allowed: {error.allowed}"
    if isinstance(error, NotAllowed):
        problem = f" {error.problem}" if error.problem else ""
        return f"{path}: {shown(given)}{problem}; allowed: {error.allowed}"
    allowed = _ALLOWED.get(details["type"], details["msg"])
    return f"{path}: {shown(given)}; allowed: {allowed}"


def shown(value: object) -> str:
    """Return a value as JSON writes it, cut to what is enough to recognize it."""
    text = json.dumps(value)
    if len(text) <= _MAX_SHOWN:
        return text
    return f"{text[:_MAX_SHOWN]}..."


def _about_field(owner: type[BaseModel], details: ErrorDetails) -> str:
    """Say that a field is unknown or missing, or holds too many items."""
    known, name = _fields(owner), str(details["loc"][-1])
    if details["type"] == "extra_forbidden":
        return f"is unknown; {_nearest(name, known)}"
    missing = details["type"] == "missing"
    what = "is missing" if missing else f"{details['ctx']['actual_length']} given"
    allowed = owner.__name__ if name == "type" else known[name].description
    return f"{what}; allowed: {allowed}"


def _nearest(name: str, known: Iterable[str]) -> str:
    lower = {candidate.lower(): candidate for candidate in known}
    near = get_close_matches(name.lower(), lower, n=1)
    hint = f"did you mean {lower[near[0]]}? " if near else ""
    return f"{hint}allowed: {', '.join(lower.values())}"


def _owner(shape: type[BaseModel], location: Path) -> type[BaseModel]:
    """Return the shape that holds the last name of the location."""
    for part in location[:-1]:
        if isinstance(part, str):
            shape = next(_shapes(_fields(shape)[part].annotation))
    return shape


def _shapes(annotation: object) -> Iterator[type[BaseModel]]:
    # Python 3.9 takes tuple[...] for a type, but not for a class.
    if get_origin(annotation):
        for argument in get_args(annotation):
            yield from _shapes(argument)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation


def _fields(shape: type[BaseModel]) -> dict[str, FieldInfo]:
    return {str(field.alias): field for field in shape.model_fields.values()}


def _path(parts: Path) -> str:
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part == _A_KEY:
            continue
        elif re.fullmatch(r"[A-Za-z_]\w*", part, re.ASCII):
            text += f".{part}" if text else part
        else:
            text += f"[{shown(part)}]"
    return text
