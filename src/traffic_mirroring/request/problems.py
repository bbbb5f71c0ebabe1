"""
The problems of a request in words.

Owns the wording of pydantic's errors: one line each, with the path
(`actions[0].actionParams.filterRules[1].direction`), the value and what is allowed.
Must not know the models: it reads names and words from the one it gets.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import NoReturn, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from traffic_mirroring.errors import InvalidRequest, NotAllowed
from traffic_mirroring.request.values import AtMost, Value

MAX_LISTED = 100
_MAX_SHOWN = 80
_ALLOWED = {
    "model_type": "an object",
    "model_attributes_type": "an object",
    "tuple_type": "a list",
    "dict_type": "an object of text to text",
    "string_type": "text",
    "string_unicode": "Unicode",
}

_MISPLACED = "is not a field of the action; it belongs in actionParams"

_KEY_STEP = "[key]"
"""Pydantic's last step in the path of an invalid key; the step before is the key."""

Path = Sequence[Union[str, int]]


class ProblemList:
    """Collects the problems of a request: 100 in words, the others only counted."""

    def __init__(self) -> None:
        self._listed: list[str] = []
        self._unlisted = 0

    def add(self, problem: str) -> None:
        """Add a problem in words."""
        if len(self._listed) < MAX_LISTED:
            self._listed.append(problem)
        else:
            self._unlisted += 1

    def add_errors(
        self, model: type[BaseModel], index: int, error: ValidationError
    ) -> None:
        """Add the validation errors of the action at an index."""
        room = MAX_LISTED - len(self._listed)
        if not room:  # then words would be wasted on a hostile request
            self._unlisted += error.error_count()
            return
        errors = without_consequences(model, error.errors(include_url=False))
        self._listed += [describe(model, index, each) for each in errors[:room]]
        self._unlisted += len(errors[room:])

    def raise_if_any(self) -> None:
        """Raise InvalidRequest if there are problems."""
        if self._listed:
            raise InvalidRequest(self._listed, self._unlisted)

    def fail(self, problem: str) -> NoReturn:
        """Add the last problem, and raise InvalidRequest."""
        self.add(problem)
        raise InvalidRequest(self._listed, self._unlisted)


def describe(model: type[BaseModel], index: int, details: ErrorDetails) -> str:
    """Return the line for one validation error of the action at an index."""
    location, given = details["loc"], details["input"]
    if location[-2:] == (given, _KEY_STEP):
        location = location[:-1]
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
    return invalid(path, given, _ALLOWED.get(details["type"], details["msg"]))


def invalid(path: str, given: object, allowed: str) -> str:
    """Return the line for a value that isn't allowed."""
    return f"{path}: {shown(given)}; allowed: {allowed}"


def shown(value: object) -> str:
    """Return a value as JSON text, cut to 80 characters."""
    text = ""
    for chunk in json.JSONEncoder().iterencode(value):
        text += chunk
        if len(text) > _MAX_SHOWN:
            return f"{text[:_MAX_SHOWN]}..."
    return text


def unknown(name: str, known: Iterable[str]) -> str:
    """Describe an unknown field, with the nearest of the known names."""
    names = list(known)
    near = _nearest(name, names)
    hint = f"did you mean {near}? " if near else ""
    allowed = f"allowed: {', '.join(names)}"
    return f"is unknown; {hint}{allowed}"


def _nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like another; None if none is like it."""
    lower = {candidate.lower(): candidate for candidate in known}
    given = name[:_MAX_SHOWN].lower()
    near = get_close_matches(given, lower, n=1)
    near += [each for each in lower if given and each.startswith(given)]
    return lower[near[0]] if near else None


def without_consequences(
    model: type[BaseModel], errors: Sequence[ErrorDetails]
) -> list[ErrorDetails]:
    """
    Leave out that a field is missing if another key of the object explains it.

    The key may be the field's name misspelt, or belong into the missing object.
    """
    missing = {each["loc"][:-1] for each in errors if _solutions(each)}
    unknown_names: dict[Path, list[str]] = defaultdict(list)
    for each in errors:
        owner = each["loc"][:-1]
        if each["type"] == "extra_forbidden" and owner in missing:
            unknown_names[owner].append(str(each["loc"][-1]))
    meant = {
        owner: _meant(_fields(_owner(model, (*owner, ""))), names[:MAX_LISTED])
        for owner, names in unknown_names.items()
    }
    return [
        each
        for each in errors
        if _solutions(each).isdisjoint(meant.get(each["loc"][:-1], ()))
    ]


def _solutions(details: ErrorDetails) -> set[str]:
    """Return the fields of which one is missing; none for other errors."""
    if details["type"] == "missing":
        return {str(details["loc"][-1])}
    error = details.get("ctx", {}).get("error")
    return {*error.any_of} if isinstance(error, NotAllowed) else set()


def _meant(known: Mapping[str, FieldInfo], names: Iterable[str]) -> set[str | None]:
    """Return the fields that were probably meant by unknown names."""
    params = _params(known)
    return {
        "actionParams" if name in params else _nearest(name, known) for name in names
    }


def _about_field(owner: type[BaseModel], details: ErrorDetails) -> str:
    """Describe a field that is unknown, missing or too long."""
    known, name = _fields(owner), str(details["loc"][-1])
    if details["type"] == "extra_forbidden":
        return unknown(name, known) if name not in _params(known) else _MISPLACED
    missing = details["type"] == "missing"
    what = "is missing" if missing else f"{details['ctx']['actual_length']} given"
    allowed = owner.__name__ if name == "type" else allowed_in(known[name])
    return f"{what}; allowed: {allowed or 'an object'}"


def _params(known: Mapping[str, FieldInfo]) -> Mapping[str, FieldInfo]:
    """Return the fields of an action's actionParams, if it has any."""
    params = known.get("actionParams")
    return _fields(next(_models(params.annotation))) if params else {}


def allowed_in(field: FieldInfo) -> str | None:
    """Return the words for what a field allows, if it has its own."""
    words = (each for each in field.metadata if isinstance(each, (Value, AtMost)))
    return next((each.allowed for each in words), None)


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
        elif re.fullmatch(r"[A-Za-z_]\w*", part, re.ASCII):
            name = part if len(part) <= _MAX_SHOWN else f"{part[:_MAX_SHOWN]}..."
            text += f".{name}" if text else name
        else:
            text += f"[{shown(part)}]"
    return text
