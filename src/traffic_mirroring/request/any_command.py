"""
Requests of any command: the types of the actions say which one it is.

Owns the choice of the command. Must not know what a command does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Union

from traffic_mirroring.models import (
    CleanupAction,
    CreateAction,
    GetAction,
    NamedAction,
    RemoveAction,
)
from traffic_mirroring.request import parsing
from traffic_mirroring.request.document import parse_actions
from traffic_mirroring.request.problems import ProblemList, invalid

Action = Union[CreateAction, NamedAction, RemoveAction, GetAction, CleanupAction]

_PARSERS: Mapping[str, Callable[[str], Sequence[Action]]] = {
    "CreateTrafficMirroring": parsing.parse_create,
    "RemoveTrafficMirroring": parsing.parse_remove,
    "GetTrafficMirroring": lambda text: [parsing.parse_get(text)],
    "cleanupNetwork": lambda text: [parsing.parse_cleanup(text)],
}
"""The parsers of the commands by the type of their actions."""

_MAX_COMPARED = 100
"""How many actions, and characters of a type, are compared with the known types."""


def parse_any(text: str) -> Sequence[Action]:
    """
    Parse a request as its command does; a known type decides, or else a similar one.

    Raises InvalidRequest with all problems of the request.
    """
    problems = ProblemList()
    actions = parse_actions(text, problems)
    # A key in another case is a problem for the parser, but shows the command.
    objects = [
        {key.lower(): value for key, value in each.items()}
        for each in actions[:_MAX_COMPARED]
        if isinstance(each, dict)
    ]
    name = _find_type([each.get("type") for each in objects])
    if not name and any("actionparams" in each for each in objects):
        name = "CreateTrafficMirroring"
    if name:
        return _PARSERS[name](text)
    if not objects:
        problems.fail(invalid("actions[0]", actions[0], "an object"))
    path, allowed, given = (
        "actions[0].type",
        ", ".join(_PARSERS),
        objects[0].get("type"),
    )
    if given is None:
        problems.fail(f"{path}: is missing; allowed: {allowed}")
    return problems.fail(invalid(path, given, allowed))


def _find_type(given: Sequence[object]) -> str | None:
    names = {name.lower(): name for name in _PARSERS}
    for cutoff in (1.0, 0.6):
        for each in given:
            if isinstance(each, str):
                lower = each[:_MAX_COMPARED].lower()
                for near in get_close_matches(lower, names, n=1, cutoff=cutoff):
                    return names[near]
    return None
