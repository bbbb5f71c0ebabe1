"""Messages about a long command."""

import logging

import pytest

from traffic_mirroring.sandbox.progress import Progress


class Output:
    """The sandbox's output."""

    def __init__(self, error=None):
        self.messages = []
        self._error = error

    def WriteMessageToReservationOutput(self, reservationId, message):  # noqa: N802, N803 - the API's
        assert reservationId == "res-1"
        if self._error:
            raise self._error
        self.messages.append(message)


def told(total, output=None):
    """Do `total` things; return what the sandbox heard of them."""
    output = output or Output()
    progress = Progress(output, "res-1", logging.getLogger("tests"))
    progress.start("Making", total)
    for _ in range(total):
        progress.step()
    return output.messages


@pytest.mark.parametrize("few", [0, 1, 5])
def test_a_few_things_are_done_without_a_word(few):
    """Nobody could read it before it is over."""
    assert told(few) == []


def test_many_things_are_told_by_quarters():
    """The console shows ten messages; these are five."""
    assert told(100) == [f"Making: {done} of 100 done" for done in (0, 25, 50, 75, 100)]


@pytest.mark.parametrize("total", [6, 7, 11, 500])
def test_however_many_there_are_the_messages_stay_few(total):
    """The last of them says that all is done."""
    messages = told(total)

    assert len(messages) <= 5
    assert messages[-1] == f"Making: {total} of {total} done"


def test_a_message_that_can_not_be_written_stops_nothing():
    """The command goes on."""
    assert told(20, Output(RuntimeError("no"))) == []
