"""Progress messages of long commands."""

import logging

import pytest

from traffic_mirroring.sandbox.progress import Progress


class Output:
    """The sandbox's output console."""

    def __init__(self, error=None):
        self.messages = []
        self._error = error

    def WriteMessageToReservationOutput(self, reservationId, message):  # noqa: N802, N803 - the API's
        assert reservationId == "res-1"
        if self._error:
            raise self._error
        self.messages.append(message)


def messages_of(total, output=None):
    """Run a task of `total` parts; return the messages about it."""
    output = output or Output()
    progress = Progress(output, "res-1", logging.getLogger("tests"))
    progress.start("Making", total)
    for _ in range(total):
        progress.step()
    return output.messages


@pytest.mark.parametrize("few", [0, 1, 5])
def test_tasks_of_five_parts_or_fewer_are_silent(few):
    """They end before a message could be read."""
    assert messages_of(few) == []


def test_long_tasks_are_reported_by_quarters():
    """The console shows ten messages; these are five."""
    assert messages_of(100) == [
        f"Making: {done} of 100 done" for done in (0, 25, 50, 75, 100)
    ]


@pytest.mark.parametrize("total", [6, 7, 11, 500])
def test_there_are_at_most_five_messages(total):
    """The last one reports all parts as done."""
    messages = messages_of(total)

    assert len(messages) <= 5
    assert messages[-1] == f"Making: {total} of {total} done"


def test_a_message_that_cannot_be_written_is_ignored():
    """The command goes on."""
    assert messages_of(20, Output(RuntimeError("no"))) == []
