"""Threads, bounded."""

import threading

import pytest

from traffic_mirroring.workers import Workers


def test_every_item_is_worked_on_and_results_keep_their_order():
    """The results stand in the order of the items."""
    with Workers(4) as workers:
        assert workers.map_actions(lambda item: item * 2, range(50)) == [
            item * 2 for item in range(50)
        ]


def test_actions_meet_side_by_side():
    """As many as the width run at one time."""
    meeting = threading.Barrier(4, timeout=10)

    with Workers(4) as workers:
        assert len(workers.map_actions(lambda _: meeting.wait(), range(4))) == 4


def test_no_more_than_the_width_run_at_once():
    """The width is a bound, whatever there is to do."""
    running, most, lock = [0], [0], threading.Lock()

    def work(_):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        threading.Event().wait(0.001)
        with lock:
            running[0] -= 1

    with Workers(3) as workers:
        workers.map_actions(work, range(60))

    assert most[0] <= 3


def test_all_actions_may_use_calls_at_once():
    """An action that waits for its calls blocks nobody, whatever the width."""
    with Workers(2) as workers:

        def action(item):
            return sum(workers.gather(*[lambda: item] * 5))

        assert workers.map_actions(action, range(20)) == [5 * n for n in range(20)]


def test_a_failing_call_is_raised_when_the_others_have_ended():
    """Nothing goes on behind the back of what is done about the failure."""
    ended = []

    def fail():
        raise KeyError

    with Workers(2) as workers:
        with pytest.raises(KeyError):
            workers.gather(fail, lambda: ended.append(1), lambda: ended.append(2))

        assert sorted(ended) == [1, 2]


def test_what_was_begun_meanwhile_has_ended_with_the_block():
    """Also where the block fails."""
    ended = []
    gate = threading.Event()

    def call():
        gate.wait(10)
        ended.append(True)

    def block(workers):
        with workers.in_background(call):
            gate.set()
            raise KeyError

    with Workers(1) as workers:
        with pytest.raises(KeyError):
            block(workers)

        assert ended == [True]
