"""The messages of errors that have parts."""

import pytest

from traffic_mirroring.errors import InvalidRequest


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
