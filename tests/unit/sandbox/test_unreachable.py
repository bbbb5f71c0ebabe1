"""Retries while CloudShell can't be reached, without waiting for it."""

import pytest
from urllib3.exceptions import ProtocolError

from traffic_mirroring.sandbox.unreachable import retry_unreachable


@pytest.fixture
def waits(monkeypatch):
    """Return the seconds that are waited between attempts, by time.sleep."""
    waits = []
    monkeypatch.setattr("time.sleep", waits.append)
    return waits


def failing(*errors):
    """Return a call that raises the errors one after the other, and then succeeds."""
    left = [*errors]

    def call():
        if left:
            raise left.pop(0)
        return "answer"

    return call


def test_a_call_without_an_answer_is_tried_three_times(waits):
    """With a second in between; the last error is raised unchanged."""
    lost = [ProtocolError(f"lost {number}") for number in (1, 2, 3)]

    assert retry_unreachable(failing(*lost[:2])) == "answer"
    with pytest.raises(ProtocolError, match="lost 3"):
        retry_unreachable(failing(*lost))
    assert waits == [1, 1, 1, 1]


def test_an_answer_is_final(waits):
    """Another attempt would have the same one."""
    with pytest.raises(RuntimeError, match="no"):
        retry_unreachable(failing(RuntimeError("no")))
    assert waits == []
