"""
Pydantic's validation errors in words.

Owns the wording: one line per problem, with the path
(`actions[0].actionParams.filterRules[1].direction`), the value and what is allowed.
Must not know the models: it reads field names and descriptions from the one it gets.
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
from traffic_mirroring.request.values import Value

_MAX_SHOWN = 80
_ALLOWED = {
    "model_type": "an object",
    "model_attributes_type": "an object",
    "tuple_type": "a list",
    "dict_type": "an object of text to text",
    "string_type": "text",
}

_KEY_STEP = "[key]"  # pydantic's last step in the path of an invalid key

Path = Sequence[Union[str, int]]


def describe(model: type[BaseModel], index: int, details: ErrorDetails) -> str:
    """Return the line for one validation error of the action at an index."""
    location, given = details["loc"], details["input"]
    path = _path(["actions", index, *location])
    if details["type"] in ("missing", "extra_forbidden", "too_long"):
        return f"{path}: {_about_field(_owner(model, location), details)}"
    error = details.get("ctx", {}).get("error")
    if isinstance(error, NotAllowed) and given is None:
        # For an absent field pydantic gives the field's name instead of its alias.
        path = _path(["actions", index, *location[:-1], to_camel(str(location[-1]))])
        return f"{path}: {error.problem}; allowed: {error.allowed}"
    if isinstance(error, NotAllowed):
        problem = f" {error.problem}" if error.problem else ""
        return f"{path}: {shown(given)}{problem}; allowed: {error.allowed}"
    allowed = _ALLOWED.get(details["type"], details["msg"])
    return f"{path}: {shown(given)}; allowed: {allowed}"


def shown(value: object) -> str:
    """Return a value as JSON text, cut to 80 characters."""
    text = json.dumps(value)
    if len(text) <= _MAX_SHOWN:
        return text
    return f"{text[:_MAX_SHOWN]}..."


def _about_field(owner: type[BaseModel], details: ErrorDetails) -> str:
    """Describe a field that is unknown, missing or too long."""
    known, name = _fields(owner), str(details["loc"][-1])
    if details["type"] == "extra_forbidden":
        return f"is unknown; {_nearest(name, known)}"
    missing = details["type"] == "missing"
    what = "is missing" if missing else f"{details['ctx']['actual_length']} given"
    allowed = owner.__name__ if name == "type" else _allowed(known[name])
    return f"{what}; allowed: {allowed}"


def _nearest(name: str, known: Iterable[str]) -> str:
    lower = {candidate.lower(): candidate for candidate in known}
    near = get_close_matches(name.lower(), lower, n=1)
    hint = f"did you mean {lower[near[0]]}? " if near else ""
    return f"{hint}allowed: {', '.join(lower.values())}"


def _allowed(field: FieldInfo) -> str:
    values = (each for each in field.metadata if isinstance(each, Value))
    return next((value.allowed for value in values), str(field.description))


def _owner(model: type[BaseModel], location: Path) -> type[BaseModel]:
    """Return the model of the object that has the last name of the location."""
    for part in location[:-1]:
        if isinstance(part, str):
            model = next(_models(_fields(model)[part].annotation))
    return model


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models within an annotation such as Optional[...] or tuple[...]."""
    # In Python 3.9 tuple[...] is an instance of type, so its origin is asked first.
    if get_origin(annotation):
        for argument in get_args(annotation):
            yield from _models(argument)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields by the names that they have in a request."""
    return {str(field.alias): field for field in model.model_fields.values()}


def _path(parts: Path) -> str:
    text = ""
    for part in parts:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part == _KEY_STEP:
            continue
        elif re.fullmatch(r"[A-Za-z_]\w*", part, re.ASCII):
            text += f".{part}" if text else part
        else:
            text += f"[{shown(part)}]"
    return text
