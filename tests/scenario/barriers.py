"""
Concurrent calls: hooks for the emulators, and a count.

The `before_call` hooks make calls wait for each other.
"""

from __future__ import annotations

from collections import Counter
from threading import Barrier, Lock

_TIMEOUT = 20


class CallSteps:
    """
    Hold the calls of each step until all calls of the step have arrived.

    So a command that ends with `are_right` needs no more dependent steps than these,
    and makes exactly these calls.
    """

    def __init__(self, *steps):
        self._steps = [
            (Counter(operations), Barrier(len(operations), timeout=_TIMEOUT))
            for operations in steps
        ]
        self._unexpected = []
        self._lock = Lock()

    @property
    def are_right(self) -> bool:
        """Whether each step had all of its calls, and there were no others."""
        if self._unexpected:
            return False
        return not any(left.total() or it.broken for left, it in self._steps)

    def __call__(self, operation, _writes=True):
        barrier = self._barrier_of(operation)
        if barrier:
            barrier.wait()

    def _barrier_of(self, operation):
        with self._lock:
            for left, barrier in self._steps:
                if left[operation]:
                    left[operation] -= 1
                    return barrier
            self._unexpected.append(operation)
            return None


def hold_first_calls(operation, count):
    """Return a hook that holds the first calls of an operation for each other."""
    barrier, places = Barrier(count, timeout=_TIMEOUT), iter(range(count))

    def hold(name, _writes):
        if name == operation and next(places, None) is not None:
            barrier.wait()

    return hold


def max_concurrency(calls):
    """Return the largest number of calls that ran at the same time."""
    events = sorted(
        [(call.started, 1) for call in calls] + [(call.ended, -1) for call in calls]
    )
    now = most = 0
    for _, change in events:
        now += change
        most = max(most, now)
    return most
