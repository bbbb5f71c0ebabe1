"""
Requests from JSON text to actions, and results from objects to JSON text.

Owns the frame around the actions, and collects every problem of a request before it
raises. Must not let the text select code: it is plain JSON, checked against shapes.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any, NoReturn

import jsonpickle
from pydantic import ValidationError

from traffic_mirroring.errors import InvalidRequest
from traffic_mirroring.models import (
    ActionResult,
    CleanupAction,
    CreateAction,
    RemoveAction,
)
from traffic_mirroring.request.problems import describe, shown
from traffic_mirroring.request.shapes import (
    CleanupNetwork,
    CreateTrafficMirroring,
    RemoveTrafficMirroring,
)


def parse_create(text: str) -> tuple[CreateAction, ...]:
    """
    Parse a request of CreateTrafficMirroring.

    Raises InvalidRequest with all problems of the request.
    """
    problems: list[str] = []
    shapes = _parse_actions(_actions(text), CreateTrafficMirroring, problems)
    actions = {index: shape.to_action() for index, shape in shapes.items()}
    problems.extend(_number_clashes(actions))
    if problems:
        raise InvalidRequest(problems)
    return tuple(actions.values())


def parse_remove(text: str) -> tuple[RemoveAction, ...]:
    """
    Parse a request of RemoveTrafficMirroring.

    Raises InvalidRequest with all problems of the request.
    """
    problems: list[str] = []
    shapes = _parse_actions(_actions(text), RemoveTrafficMirroring, problems)
    if problems:
        raise InvalidRequest(problems)
    return tuple(shape.to_action() for shape in shapes.values())


def parse_cleanup(text: str) -> CleanupAction:
    """
    Parse a request of CleanupSandboxInfra, which has exactly one action.

    Raises InvalidRequest with all problems of the request.
    """
    problems: list[str] = []
    actions = _actions(text)
    shapes = _parse_actions(actions, CleanupNetwork, problems)
    if len(actions) > 1:
        problems.append(f"actions: {len(actions)} actions; allowed: one")
    if problems:
        raise InvalidRequest(problems)
    action: CleanupAction = shapes[0].to_action()
    return action


def render(results: Iterable[ActionResult]) -> str:
    """
    Return the command's answer: JSON with one result per action, in their order.

    It is indented, because CloudShell Portal shows it to users.
    """
    rendered = [_result(result) for result in results]
    answer = {"driverResponse": {"actionResults": rendered}}
    return str(jsonpickle.encode(answer, unpicklable=False, keys=True, indent=2))


def _result(result: ActionResult) -> dict[str, object]:
    fields: dict[str, object] = {
        "type": result.type,
        "actionId": result.action_id,
        "success": result.success,
        "infoMessage": result.info,
        "errorMessage": result.error,
    }
    if result.session_id is not None:
        fields["sessionId"] = result.session_id
    return fields


def _parse_actions(
    actions: list[object], shape: Any, problems: list[str]
) -> dict[int, Any]:
    """Return the valid actions by index, and add the problems of the others."""
    read = {}
    for index, action in enumerate(actions):
        try:
            read[index] = shape.model_validate(action)
        except ValidationError as error:
            for details in error.errors(include_url=False):
                problems.append(describe(shape, index, details))
    return read


def _actions(text: str) -> list[object]:
    root = _member(_parse_json(text), "driverRequest", "the request")
    actions = _member(root, "actions", "driverRequest")
    if not isinstance(actions, list) or not actions:
        _refuse(f"actions: {shown(actions)}; allowed: a list of at least one action")
    return list(actions)


def _member(parent: object, key: str, name: str) -> object:
    if not isinstance(parent, dict):
        _refuse(f"{name}: {shown(parent)}; allowed: an object with {key}")
    if parent.get(key) is None:
        near = get_close_matches(key, parent, n=1)
        hint = f", which has {shown(near[0])}" if near and near[0] != key else ""
        _refuse(f"{key}: is missing in {name}{hint}")
    return parent[key]


def _parse_json(text: str) -> object:
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_constant=_refuse_constant
        )
    except RecursionError as error:
        raise InvalidRequest(["the request: is nested too deeply"]) from error
    except (TypeError, ValueError) as error:
        raise InvalidRequest([f"the request: is not JSON: {error}"]) from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"{shown(twice)} appears twice in one object")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _refuse(problem: str) -> NoReturn:
    raise InvalidRequest([problem])


def _number_clashes(actions: dict[int, CreateAction]) -> Iterator[str]:
    taken: dict[tuple[str, int], tuple[int, CreateAction]] = {}
    for index, action in actions.items():
        if action.session_number is None:
            continue
        place = (action.mirror.source_nic_id, action.session_number)
        first, other = taken.setdefault(place, (index, action))
        if other.mirror != action.mirror:
            yield (
                f"actions[{index}].actionParams.sessionNumber: {action.session_number} "
                f"is taken on {action.mirror.source_nic_id} by actions[{first}]; "
                "allowed: another number, or empty to allocate one"
            )
