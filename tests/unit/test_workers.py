"""Thread pools of limited size."""

import threading

import pytest

from traffic_mirroring.workers import Workers


def test_results_have_the_order_of_the_items():
    """Whatever the order in which they are ready."""
    with Workers(4) as workers:
        assert workers.map_actions(lambda item: item * 2, range(50)) == [
            item * 2 for item in range(50)
        ]


def test_actions_run_concurrently():
    """As many as `max_concurrency` at once."""
    meeting = threading.Barrier(4, timeout=10)

    with Workers(4) as workers:
        assert len(workers.map_actions(lambda _: meeting.wait(), range(4))) == 4


@pytest.mark.parametrize(
    ("run", "limit"),
    [
        (lambda workers, work: workers.map_actions(lambda _: work(), range(60)), 2),
        (lambda workers, work: workers.gather(*[work] * 60), 3),
    ],
    ids=["actions", "calls"],
)
def test_no_more_than_max_concurrency_run_at_once(run, limit):
    """However many there are; `gather` makes calls in its own thread as well."""
    running, most, lock = [0], [0], threading.Lock()

    def work():
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        threading.Event().wait(0.001)
        with lock:
            running[0] -= 1

    with Workers(2) as workers:
        run(workers, work)

    assert most[0] <= limit


def test_actions_that_wait_for_calls_cannot_deadlock():
    """Calls have a pool of their own."""
    with Workers(2) as workers:

        def action(item):
            return sum(workers.gather(*[lambda: item] * 5))

        assert workers.map_actions(action, range(20)) == [5 * n for n in range(20)]


def test_an_error_is_raised_after_all_calls_have_ended():
    """So a rollback never runs beside them."""
    ended = []

    def fail():
        raise KeyError

    with Workers(2) as workers:
        with pytest.raises(KeyError):
            workers.gather(fail, lambda: ended.append(1), lambda: ended.append(2))

        assert sorted(ended) == [1, 2]


def test_a_background_call_has_ended_when_the_block_ends():
    """Also if the block raises an error."""
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
