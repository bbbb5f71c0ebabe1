"""
Requests from JSON text to actions, and results from objects to JSON text.

Owns which actions each command takes, and reports all problems of a request at once.
Must not let the text select code: it is plain JSON, validated by shapes.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonpickle
from jsonpickle.handlers import BaseHandler
from pydantic import ValidationError

from traffic_mirroring.models import (
    AppName,
    CleanupAction,
    CreateAction,
    GetAction,
    NamedAction,
    RemoveAction,
    Session,
)
from traffic_mirroring.request.document import parse_actions
from traffic_mirroring.request.mirrors import listed_mirror
from traffic_mirroring.request.problems import ProblemList, invalid, shown
from traffic_mirroring.request.shapes import (
    CleanupNetwork,
    CreateTrafficMirroring,
    GetTrafficMirroring,
    RemoveTrafficMirroring,
    find_shape,
)
from traffic_mirroring.results import ActionResult, CreateResult, GetResult


def parse_create(text: str) -> tuple[CreateAction | NamedAction, ...]:
    """
    Parse a request of CreateTrafficMirroring.

    Raises InvalidRequest with all problems of the request.
    """
    problems = ProblemList()
    valid = _validate(parse_actions(text, problems), CreateTrafficMirroring, problems)
    actions = {index: action.to_action() for index, action in valid.items()}
    for clash in _number_clashes(actions):
        problems.add(clash)
    problems.raise_if_any()
    return tuple(actions.values())


def parse_remove(text: str) -> tuple[RemoveAction, ...]:
    """
    Parse a request of RemoveTrafficMirroring.

    Raises InvalidRequest with all problems of the request.
    """
    problems = ProblemList()
    valid = _validate(parse_actions(text, problems), RemoveTrafficMirroring, problems)
    problems.raise_if_any()
    return tuple(action.to_action() for action in valid.values())


def parse_get(text: str) -> GetAction:
    """
    Parse a request of GetTrafficMirroring, which has exactly one action.

    Raises InvalidRequest with all problems of the request.
    """
    action: GetAction = _only_action(text, GetTrafficMirroring).to_action()
    return action


def parse_cleanup(text: str) -> CleanupAction:
    """
    Parse a request of CleanupSandboxInfra, which has exactly one action.

    Raises InvalidRequest with all problems of the request.
    """
    action: CleanupAction = _only_action(text, CleanupNetwork).to_action()
    return action


def render(results: Iterable[ActionResult]) -> str:
    """
    Return the command's answer: JSON with one result per action, in their order.

    It is indented, because CloudShell Portal shows it to users.
    """
    rendered = [_result(result) for result in results]
    answer = {"driverResponse": {"actionResults": rendered}}
    plain = _Answer(answer)
    return str(jsonpickle.encode(plain, unpicklable=False, keys=True, indent=2))


@dataclass(frozen=True)
class _Answer:
    content: Mapping[str, object]


class _AnswerHandler(BaseHandler):  # type: ignore[misc]  # jsonpickle has no types
    """Leaves the content alone; jsonpickle would drop a tag whose key begins py/."""

    def flatten(self, answer: _Answer, _data: object) -> Mapping[str, object]:
        """Return what the JSON contains."""
        return answer.content


jsonpickle.handlers.register(_Answer, _AnswerHandler)


def _result(result: ActionResult) -> dict[str, object]:
    fields: dict[str, object] = {
        "type": result.type,
        "actionId": result.action_id,
        "success": result.success,
        "infoMessage": result.info,
        "errorMessage": result.error or "",
    }
    if isinstance(result, CreateResult):
        fields.update(_session(result.session))
    if isinstance(result, GetResult):
        fields["mirrors"] = [listed_mirror(each) for each in result.mirrors]
    return fields


def _session(session: Session | None) -> dict[str, object]:
    if session is None:
        return {"sessionId": ""}
    return {
        "sessionId": session.id,
        "sessionNumber": session.number,
        "virtualNetworkId": session.virtual_network_id,
        "targetId": session.target_id,
        "filterId": session.filter_id,
    }


def _only_action(text: str, model: Any) -> Any:
    """Return the one action of a request."""
    problems = ProblemList()
    actions = parse_actions(text, problems)
    valid = _validate(actions, model, problems)
    if len(actions) > 1:
        problems.add(f"actions: {len(actions)} actions; allowed: one")
    problems.raise_if_any()
    return valid[0]


def _validate(actions: list[Any], model: Any, problems: ProblemList) -> dict[int, Any]:
    """
    Return the valid actions by index, and add the problems of the others.

    Of an action of another command, only its type is a problem.
    """
    valid = {}
    for index, action in enumerate(actions):
        if find_shape(action) not in (None, model):
            path = f"actions[{index}].type"
            problems.add(invalid(path, action["type"], model.__name__))
            continue
        try:
            valid[index] = model.model_validate(action)
        except ValidationError as error:
            problems.add_errors(model, index, error)
    return valid


def _number_clashes(
    actions: Mapping[int, CreateAction | NamedAction],
) -> Iterator[str]:
    taken: dict[tuple[str, int], tuple[int, CreateAction | NamedAction]] = {}
    for index, action in actions.items():
        if action.session_number is None:
            continue
        source = _source(action)
        place = (source, action.session_number)
        first, other = taken.setdefault(place, (index, action))
        if other.mirror != action.mirror:
            yield (
                f"actions[{index}].actionParams.sessionNumber: {action.session_number} "
                f"is taken on {source} by actions[{first}]; "
                "allowed: another number, or empty to allocate one"
            )


def _source(action: CreateAction | NamedAction) -> str:
    """Return the source as the request names it: a NIC's id, or an App's name."""
    if isinstance(action, CreateAction):
        return action.mirror.source_nic_id
    source = action.mirror.source
    return shown(source.name) if isinstance(source, AppName) else source
