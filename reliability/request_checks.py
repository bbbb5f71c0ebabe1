"""
What must be true of every request text, whatever it contains.

Owns the invariants of the request parsers, for fuzzing and for the replay of its
corpus. Must not know how the texts are found.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Callable

from traffic_mirroring.errors import InvalidRequest
from traffic_mirroring.models import (
    CreateAction,
    Filter,
    FilterId,
    Session,
    SessionId,
    SessionNumber,
    Target,
    TargetId,
)
from traffic_mirroring.request.mirrors import action_params
from traffic_mirroring.request.parsing import (
    parse_cleanup,
    parse_create,
    parse_get,
    parse_remove,
    render,
)
from traffic_mirroring.request.problems import MAX_LISTED
from traffic_mirroring.results import ActionResult

MAX_PROBLEM = 1_000
"""The longest line for one problem, in characters."""

PARSERS: dict[str, Callable[[str], Sequence[Any]]] = {
    "CreateTrafficMirroring": parse_create,
    "RemoveTrafficMirroring": parse_remove,
    "GetTrafficMirroring": lambda text: [parse_get(text)],
    "CleanupNetwork": lambda text: [parse_cleanup(text)],
}
"""The parser of each type of action."""


def check_request(text: str) -> list[str]:
    """
    Give a text to all parsers; return the types of action that accept it.

    Raises AssertionError if an invariant is broken, or the error that escaped.
    """
    accepted = []
    for kind, parse in PARSERS.items():
        try:
            actions = parse(text)
        except InvalidRequest as error:
            _check_rejection(error)
        else:
            accepted.append(kind)
            for action in actions:
                _check_action(kind, action)
    return accepted


def _check_rejection(error: InvalidRequest) -> None:
    """Check that a message is short printable ASCII, one line for each problem."""
    assert 1 <= len(error.problems) <= MAX_LISTED, "number of problems"
    assert len(str(error).split("\n")) <= MAX_LISTED + 2, "number of lines"
    for line in str(error).split("\n"):
        assert line.isascii(), "not ASCII"
        assert line.isprintable(), "control characters"
        assert len(line) <= MAX_PROBLEM, f"a line of {len(line)} characters"


def _check_action(kind: str, action: Any) -> None:
    """Check that an action can be encoded, and that its id is echoed unchanged."""
    assert json.loads(json.dumps(asdict(action)))["action_id"] == action.action_id
    answer = render([ActionResult(kind, action.action_id)])
    assert answer.replace("\n", "").isprintable(), "control characters"
    assert answer.isascii(), "not ASCII"
    (result,) = json.loads(answer)["driverResponse"]["actionResults"]
    assert result["actionId"] == action.action_id, "another actionId"
    if isinstance(action, CreateAction):
        _check_listed(kind, action)


def _check_listed(kind: str, action: CreateAction) -> None:
    """Check that GetTrafficMirroring's form of the mirror requests the same mirror."""
    listed = json.dumps({"type": kind, "actionParams": _listed(action)})
    (again,) = parse_create(f'{{"driverRequest": {{"actions": [{listed}]}}}}')
    assert isinstance(again, CreateAction)
    assert again.mirror == action.mirror, "another mirror"
    assert again.description == action.description, "another description"
    assert again.tags == action.tags, "other tags"


def _listed(action: CreateAction) -> dict[str, object]:
    mirror = action.mirror
    target_id, filter_id = TargetId("tmt-0"), FilterId("tmf-0")
    session = Session(
        SessionId("tms-0"),
        mirror.source_nic_id,
        target_id,
        filter_id,
        action.session_number or SessionNumber(1),
        action.tags,
        mirror.packet_length,
        mirror.virtual_network_id,
        description=action.description,
    )
    target = Target(target_id, mirror.destination, {})
    return action_params(
        session, target, Filter(filter_id, {}, mirror.rules, mirror.network_services)
    )
