"""How long throttled calls wait, on a fake clock."""

from __future__ import annotations

import pytest

from tests.unit.aws.clock import FakeClock
from traffic_mirroring.aws.current_command import calls_of_command
from traffic_mirroring.aws.throttling import Throttling
from traffic_mirroring.errors import Cancelled

PATIENCE = 20.0
CREATE, DELETE, DESCRIBE = "CreateFilter", "DeleteFilter", "DescribeFilters"


@pytest.fixture
def clock():
    """Return a clock that sleeping advances."""
    return FakeClock()


@pytest.fixture
def throttling(clock):
    """Return the queues of all actions."""
    return Throttling(PATIENCE, clock, clock.sleep)


def fail(throttling, action=CREATE, answer=lambda: None):
    """Make a call that EC2 always throttles; return how often it was sent."""
    sent = 1
    had_turn = throttling.wait_before_call(action)
    answer()
    while throttling.wait_after_throttled(action, had_turn=had_turn):
        had_turn = True
        sent += 1
        answer()
    return sent


def cancelled():
    """Be a command that the user has cancelled."""
    raise Cancelled


class CancelledLater:
    """A command that the user cancels at some time."""

    is_cancelled = False

    def cancel(self):
        self.is_cancelled = True

    def __call__(self):
        if self.is_cancelled:
            raise Cancelled


def test_a_call_does_not_wait_if_nothing_is_throttled(clock, throttling):
    """Neither before the first throttled call nor soon after the last one."""
    assert not throttling.wait_before_call(CREATE)
    throttling.wait_after_throttled(CREATE, had_turn=False)
    throttling.record_served(CREATE)
    clock.now += 3
    before = clock.now

    assert not throttling.wait_before_call(CREATE)
    assert clock.now == before


def test_a_call_waits_behind_throttled_ones(clock, throttling):
    """It would only be throttled itself; calls of other actions don't wait."""
    throttling.wait_after_throttled(CREATE, had_turn=False)
    before = clock.now

    assert not throttling.wait_before_call(DELETE)
    assert clock.now == before
    assert throttling.wait_before_call(CREATE)
    assert clock.now == pytest.approx(before + 0.2, abs=0.02)


def test_a_call_that_is_always_throttled_is_given_up(clock, throttling):
    """After the patience, and it has not been sent too often."""
    before = clock.now

    sent = fail(throttling)

    assert PATIENCE < clock.now - before < PATIENCE + 2
    assert 10 < sent < 60


def test_after_one_call_was_given_up_others_fail_at_once(clock, throttling):
    """They are sent, and fail if EC2 throttles them."""
    fail(throttling)
    before = clock.now

    assert [fail(throttling) for _ in range(3)] == [1, 1, 1]
    assert clock.now == before


def test_a_call_waits_as_long_as_others_of_its_action_are_served(clock, throttling):
    """EC2 refuses calls at random if more are sent than it serves."""
    begin = clock.now
    throttling.wait_after_throttled(CREATE, had_turn=False)
    while clock.now < begin + 10 * PATIENCE:
        assert throttling.wait_after_throttled(CREATE, had_turn=True)
        throttling.record_served(CREATE)


def test_some_time_after_a_failure_calls_are_patient_again(clock, throttling):
    """Throttling may have ended meanwhile."""
    fail(throttling)
    clock.now += 11

    assert fail(throttling) > 10


@pytest.mark.parametrize("latency", [1, 3, 9])
def test_throttled_answers_may_be_slow(clock, throttling, latency):
    """A call that EC2 always throttles is given up all the same, and others at once."""
    begin = clock.now

    sent = [fail(throttling, answer=lambda: clock.sleep(latency)) for _ in range(4)]

    assert sent[1:] == [1, 1, 1]
    assert clock.now - begin < PATIENCE + 5 * latency


@pytest.mark.parametrize(("action", "seconds"), [(CREATE, 0), (DELETE, 3)])
def test_a_cancelled_command_gives_up_sooner(clock, throttling, action, seconds):
    """It creates nothing any more, and its rollback doesn't wait long."""
    begin = clock.now
    user = CancelledLater()
    clock.at[begin + 1] = user.cancel
    with calls_of_command(user):
        fail(throttling, action)

    assert clock.now - begin == pytest.approx(max(seconds, 1), abs=1)


def test_a_throttled_create_call_of_a_cancelled_command_is_given_up(clock, throttling):
    """At once; a delete, which the rollback needs, is sent again."""
    begin = clock.now
    with calls_of_command(cancelled):
        assert not throttling.wait_after_throttled(CREATE, had_turn=False)
        assert clock.now == begin
        assert throttling.wait_after_throttled(DELETE, had_turn=False)


def test_a_create_call_of_a_cancelled_command_is_not_sent(throttling):
    """Cancellation is noticed while the call waits for its turn."""
    throttling.wait_after_throttled(CREATE, had_turn=False)

    with calls_of_command(cancelled), pytest.raises(Cancelled):
        throttling.wait_before_call(CREATE)


def test_a_delete_of_a_cancelled_command_is_sent(throttling):
    """The rollback must not be cancelled."""
    throttling.wait_after_throttled(DELETE, had_turn=False)

    with calls_of_command(cancelled):
        assert throttling.wait_before_call(DELETE)


def test_a_call_of_a_small_command_goes_first(clock, throttling):
    """Although a large command has two calls in the queue already."""

    class Turn(Exception):
        """The small command's call may be sent."""

    def call_of_another_command():
        with calls_of_command(lambda: None):
            if throttling.wait_before_call(CREATE):
                raise Turn

    def second_call():
        clock.at[clock.now] = call_of_another_command
        throttling.wait_before_call(CREATE)

    throttling.wait_after_throttled(CREATE, had_turn=False)
    clock.at[clock.now] = second_call
    with calls_of_command(lambda: None), pytest.raises(Turn):
        throttling.wait_before_call(CREATE)


def test_reads_wait_less_than_writes(clock, throttling):
    """EC2 serves four times as many."""
    before = clock.now
    throttling.wait_after_throttled(DESCRIBE, had_turn=False)

    assert clock.now - before == pytest.approx(0.05, abs=0.02)
