"""A request of any command is parsed as its own command parses it."""

from __future__ import annotations

import pytest

from tests.bad_requests import BAD_CREATES, BAD_REMOVES
from tests.request_texts import create_action, remove_action, request
from tests.valid_requests import VALID_CREATES, VALID_REMOVES
from traffic_mirroring.errors import InvalidRequest
from traffic_mirroring.models import CleanupAction, GetAction
from traffic_mirroring.request.any_command import parse_any
from traffic_mirroring.request.parsing import parse_create, parse_remove

TYPES = (
    "CreateTrafficMirroring, RemoveTrafficMirroring, GetTrafficMirroring, "
    "cleanupNetwork"
)


def problems(parse, text):
    """Return the lines of the error with which a request is rejected."""
    with pytest.raises(InvalidRequest) as error:
        parse(text)
    return error.value.lines


@pytest.mark.parametrize(
    ("parse", "table", "others"),
    [
        (parse_create, BAD_CREATES, set()),
        (parse_remove, BAD_REMOVES, {"type of another command"}),
    ],
)
def test_the_problems_are_those_of_the_command(parse, table, others):
    """`others` is for another command."""
    differing = {
        name for name, (text, _) in table.items() if is_valid_or_differs(parse, text)
    }

    assert differing == others


def is_valid_or_differs(parse, text):
    """Return whether the request is valid, or has other problems than the command's."""
    try:
        parse_any(text)
    except InvalidRequest as error:
        return error.lines != problems(parse, text)
    return True


@pytest.mark.parametrize(
    ("parse", "table"), [(parse_create, VALID_CREATES), (parse_remove, VALID_REMOVES)]
)
def test_the_actions_are_those_of_the_command(parse, table):
    """The type of the actions distinguishes Create and Remove."""
    for text, _ in table.values():
        assert parse_any(text) == parse(text)


def test_lists_and_cleanups_are_parsed():
    """In either case of the first letter."""
    assert parse_any(request({"type": "getTrafficMirroring"})) == [GetAction("")]
    assert parse_any(request({"type": "CleanupNetwork"})) == [CleanupAction("")]


def test_a_known_type_decides_before_a_similar_one():
    """So the other action is the problem."""
    misspelt = {**create_action(), "type": "CreateTrafficMiroring"}

    assert problems(parse_any, request(misspelt, remove_action(sessionId="tms-0"))) == (
        'actions[0].type: "CreateTrafficMiroring"; allowed: RemoveTrafficMirroring',
    )


@pytest.mark.parametrize(
    ("action", "problem"),
    [
        ({}, f"actions[0].type: is missing; allowed: {TYPES}"),
        ({"type": "x"}, f'actions[0].type: "x"; allowed: {TYPES}'),
        ({"type": 5}, f"actions[0].type: 5; allowed: {TYPES}"),
        ([], "actions[0]: []; allowed: an object"),
    ],
)
def test_an_action_of_no_command_is_a_problem(action, problem):
    """All types are allowed."""
    assert problems(parse_any, request(action)) == (problem,)
