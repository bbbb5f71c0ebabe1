"""The queue of throttled calls, against simulated token buckets and without waiting."""

from __future__ import annotations

import heapq
from collections import defaultdict
from itertools import count

import pytest

from traffic_mirroring.aws.throttle_queue import ThrottleQueue

LATENCY = 0.05
THREADS = 16


class Bucket:
    """EC2's token bucket of one action."""

    def __init__(self, burst, per_second):
        self.burst, self.per_second = burst, per_second
        self._tokens, self._last = burst, 0.0

    def take(self, now):
        refill = (now - self._last) * self.per_second
        self._tokens = min(self.burst, self._tokens + refill)
        self._last = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Simulation:
    """
    Processes that make calls of one action from many threads, in simulated time.

    Each is a list of commands: when they start, and how many calls they make.
    """

    def __init__(self, bucket, *processes):
        self.bucket = bucket
        self.ended = defaultdict(list)
        self.throttled = 0
        self._events = []
        self._ids = count()
        for number, commands in enumerate(processes):
            queue = ThrottleQueue(first_rate=5)
            for start, calls in commands:
                command = (number, start)
                left = [calls]
                for _ in range(min(THREADS, calls)):
                    self._at(start, self._begin, queue, command, left)
        while self._events:
            now, _, step, details = heapq.heappop(self._events)
            step(now, *details)

    def seconds(self, process=0, start=0.0):
        """Return how long a command took."""
        return max(self.ended[process, start]) - start

    def _at(self, time, step, *details):
        heapq.heappush(self._events, (time, next(self._ids), step, details))

    def _begin(self, now, queue, command, left):
        if left[0]:
            left[0] -= 1
            if queue.is_active(now):
                self._wait(now, queue, queue.join(command), left)
            else:
                self._send(now, queue, command, left, False)

    def _wait(self, now, queue, call, left):
        seconds = queue.seconds_to_wait(call, now)
        if seconds:
            self._at(now + min(seconds, 0.5), self._wait, queue, call, left)
        else:
            queue.leave(call)
            self._send(now, queue, call.command, left, True)

    def _send(self, now, *details):
        varying = LATENCY * (1 + next(self._ids) % 7 / 7)
        self._at(now + varying / 2, self._arrive, *details)

    def _arrive(self, now, *details):
        self._at(now + LATENCY / 2, self._answer, *details, self.bucket.take(now))

    def _answer(self, now, queue, command, left, had_turn, served):
        if served:
            queue.record_served()
            self.ended[command].append(now)
            self._begin(now, queue, command, left)
        else:
            self.throttled += 1
            queue.record_throttled(now, had_turn=had_turn)
            self._wait(now, queue, queue.join(command), left)


@pytest.mark.parametrize(
    ("processes", "most", "throttled"),
    [
        ([300], 1.02, 0.2),
        ([900], 1.02, 0.2),
        ([150, 150], 1.05, 0.6),
        ([100] * 3, 1.05, 1.2),
    ],
)
def test_the_calls_take_little_longer_than_the_limit_demands(
    processes, most, throttled
):
    """And few are throttled, also if several processes share the limit."""
    simulation = Simulation(Bucket(50, 5), *[[(0.0, calls)] for calls in processes])

    calls = sum(processes)
    ended = [time for times in simulation.ended.values() for time in times]
    assert len(ended) == calls
    assert max(ended) < most * (calls - 50) / 5
    assert simulation.throttled < calls * throttled


@pytest.mark.parametrize("processes", [2, 3, 4])
def test_no_process_is_throttled_for_long_by_others_that_share_the_limit(processes):
    """Otherwise it would give up."""
    simulation = Simulation(Bucket(50, 5), *[[(0.0, 100)] for _ in range(processes)])

    for ended in simulation.ended.values():
        assert max(after - before for before, after in zip(ended, ended[1:])) < 10


def test_an_account_with_a_higher_limit_can_use_it():
    """The interval adapts to what EC2 serves."""
    simulation = Simulation(Bucket(200, 20), [(0.0, 900)])

    assert simulation.seconds() < 1.05 * (900 - 200) / 20


def test_a_small_command_does_not_wait_for_a_large_one():
    """Its calls have their turn first."""
    simulation = Simulation(Bucket(50, 5), [(0.0, 300), (20.0, 3)])

    assert simulation.seconds(start=20.0) < 1
    assert simulation.seconds() < 1.02 * (303 - 50) / 5


def test_two_large_commands_share_the_turns():
    """The second doesn't wait for the first to end."""
    simulation = Simulation(Bucket(50, 5), [(0.0, 300), (20.0, 100)])

    assert simulation.seconds(start=20.0) < 1.1 * 100 / (5 / 2)


def test_turns_that_no_call_took_are_not_made_up_for():
    """Calls that come together after them are sent one by one."""
    queue = ThrottleQueue(first_rate=5)
    queue.record_throttled(10.0, had_turn=False)
    first = queue.join("command")
    assert not queue.seconds_to_wait(first, 15.0)
    queue.leave(first)

    assert queue.seconds_to_wait(queue.join("command"), 15.0) > 0


def test_a_thread_that_wakes_late_does_not_delay_the_next_turn():
    """The turns are as frequent as the rate."""
    queue = ThrottleQueue(first_rate=5)
    queue.record_throttled(10.0, had_turn=False)
    late, following = queue.join("command"), queue.join("command")
    assert not queue.seconds_to_wait(late, 10.3)
    queue.leave(late)

    assert queue.seconds_to_wait(following, 10.3) < 0.1


def test_nothing_is_left_of_it_soon_after_throttling_has_ended():
    """Calls don't queue any more."""
    queue = ThrottleQueue(first_rate=5)
    queue.record_throttled(10.0, had_turn=False)
    queue.record_served()

    assert queue.is_active(10.9)
    assert not queue.is_active(11.1)


def test_the_time_in_vain_begins_again_after_each_served_call():
    """It is the time since EC2 began to throttle every call."""
    queue = ThrottleQueue(first_rate=5)
    queue.record_throttled(10.0, had_turn=False)
    queue.record_throttled(11.0, had_turn=True)
    assert queue.seconds_in_vain(12.0) == 2.0

    queue.record_served()

    assert queue.seconds_in_vain(12.0) == 0.0


def test_the_time_in_vain_of_an_earlier_command_does_not_count():
    """A call that is throttled long after it waits anew."""
    queue = ThrottleQueue(first_rate=5)
    queue.record_throttled(10.0, had_turn=False)

    queue.record_throttled(100.0, had_turn=False)

    assert queue.seconds_in_vain(101.0) == 1.0
