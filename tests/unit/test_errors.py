"""The messages of errors that have parts."""

from itertools import chain

import pytest

from traffic_mirroring.errors import (
    AppRejected,
    CallFailed,
    Ec2Failed,
    InvalidRequest,
    MirrorDrifted,
    NumberTaken,
)


@pytest.mark.parametrize(
    ("problems", "unlisted", "message"),
    [
        (["a"], 0, "The request has 1 problem; nothing was touched:\n- a"),
        (["a", "b"], 0, "The request has 2 problems; nothing was touched:\n- a\n- b"),
        (
            ["a"],
            7,
            "The request has 8 problems; nothing was touched:\n- a\n- and 7 more "
            "problems",
        ),
    ],
)
def test_an_invalid_request_lists_its_problems(problems, unlisted, message):
    """Very many are only counted."""
    error = InvalidRequest(problems, unlisted)

    assert str(error) == message
    assert (error.problems, error.unlisted) == (tuple(problems), unlisted)


@pytest.mark.parametrize(
    ("error", "facts"),
    [
        (
            CallFailed("Creating", OSError("no"), advice="try again"),
            {"action": "Creating", "reason": "no", "advice": "try again"},
        ),
        (
            Ec2Failed("Creating", OSError("no"), code="Denied", request_id="r-1"),
            {"message": "no", "code": "Denied", "request_id": "r-1"},
        ),
        (
            AppRejected("web", "it has no NIC", ["db"]),
            {"name": "web", "reason": "it has no NIC", "apps": ("db",)},
        ),
        (NumberTaken("eni-0a", 5, "tms-1"), {"holder": "tms-1"}),
        (
            MirrorDrifted("tms-1", ["the number is 5"]),
            {"session_id": "tms-1", "differences": ("the number is 5",)},
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_error_has_its_facts_as_attributes_and_in_its_message(error, facts):
    """Code that catches it does not have to parse the message."""
    assert {name: getattr(error, name) for name in facts} == facts
    texts = chain.from_iterable(
        [fact] if isinstance(fact, str) else fact for fact in facts.values()
    )
    assert all(text in str(error) for text in texts)
