"""
The JSON text of a request, down to its list of actions.

Owns JSON, with limits on size and depth, and the objects around the actions. Must not
know what an action contains.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from typing import NoReturn

from traffic_mirroring.errors import InvalidRequest
from traffic_mirroring.request.json_errors import describe_json_error
from traffic_mirroring.request.problems import ProblemList, shown, unknown

MAX_CHARACTERS = 4 * 1024 * 1024
MAX_LEVELS = 50
_MAX_DIGITS = 40
_MAX_KEYS_COMPARED = 100
_BYTE_ORDER_MARK = "\ufeff"
_TOO_DEEP = f"the request: is nested too deeply; allowed: {MAX_LEVELS} levels"


def parse_actions(text: str, problems: ProblemList) -> list[object]:
    """
    Return the actions of a request, not yet validated.

    Adds a problem for each key that differs from driverRequest or actions only in case.
    Raises InvalidRequest if there are no actions.
    """
    root = _member(_parse_json(text), "driverRequest", "the request", problems)
    actions = _member(root, "actions", "driverRequest", problems)
    if not isinstance(actions, list) or not actions:
        allowed = "a list of at least one action"
        problems.fail(f"actions: {shown(actions)}; allowed: {allowed}")
    return list(actions)


def _member(parent: object, key: str, name: str, problems: ProblemList) -> object:
    if not isinstance(parent, dict):
        problems.fail(f"{name}: {shown(parent)}; allowed: an object with {key}")
    if parent.get(key) is None:
        near = get_close_matches(key, islice(parent, _MAX_KEYS_COMPARED), n=1)
        hint = f", which has {shown(near[0])}" if near and near[0] != key else ""
        problems.fail(f"{key}: is missing in {name}{hint}")
    for other, value in parent.items():
        if other != key and other.lower() == key.lower() and value is not None:
            problems.add(f"{other}: {unknown(other, [key])}")
    return parent[key]


def _parse_json(text: str) -> object:
    try:
        value = _load(text)
    except RecursionError as error:
        raise InvalidRequest([_TOO_DEEP]) from error
    except json.JSONDecodeError as error:
        raise _not_json(describe_json_error(error)) from error
    except (TypeError, ValueError) as error:
        raise _not_json(error) from error
    if _is_deeper(value, MAX_LEVELS):
        raise InvalidRequest([_TOO_DEEP])
    return value


def _not_json(why: object) -> InvalidRequest:
    return InvalidRequest([f"the request: is not JSON: {why}"])


def _load(text: str) -> object:
    if len(text) > MAX_CHARACTERS:
        given = f"the request: has {len(text)} characters"
        raise InvalidRequest([f"{given}; allowed: at most {MAX_CHARACTERS} (4 MB)"])
    return json.loads(
        text.removeprefix(_BYTE_ORDER_MARK),
        object_pairs_hook=build_object,
        parse_constant=_reject_constant,
        parse_int=_parse_int,
    )


def build_object(members: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Return the object; raises ValueError if a key appears twice."""
    built: dict[str, object] = {}
    for key, value in members:
        if key in built:
            raise ValueError(f"{shown(key)} appears twice in one object")
        built[key] = value
    return built


def _reject_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _parse_int(digits: str) -> int:
    # The time that int() takes grows with the square of the length.
    if len(digits) > _MAX_DIGITS:
        raise ValueError(f"a number has more than {_MAX_DIGITS} digits")
    return int(digits)


def _is_deeper(value: object, levels: int) -> bool:
    """Return whether lists and objects are nested in more than a number of levels."""
    level = [value]
    for _ in range(levels):
        level = [item for outer in level for item in _items(outer)]
    return any(isinstance(item, (dict, list)) for item in level)


def _items(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()
