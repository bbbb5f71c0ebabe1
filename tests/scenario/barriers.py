"""`before_call` hooks for the emulators that make calls wait for each other."""

from __future__ import annotations

from threading import Barrier

_TIMEOUT = 20


class CallBarriers:
    """Hold the calls of each group until all calls of the group have arrived."""

    def __init__(self, *groups):
        self._barriers = [
            (operations, Barrier(size, timeout=_TIMEOUT), iter(range(size)))
            for operations, size in groups
        ]

    @property
    def is_broken(self) -> bool:
        """Whether a group timed out because calls were missing."""
        return any(barrier.broken for _, barrier, _ in self._barriers)

    def __call__(self, operation, _writes=True):
        for operations, barrier, places in self._barriers:
            if operation in operations and next(places, None) is not None:
                barrier.wait()


def hold_first_calls(operation, count):
    """Return a hook that holds the first calls of an operation for each other."""
    barrier, places = Barrier(count, timeout=_TIMEOUT), iter(range(count))

    def hold(name, _writes):
        if name == operation and next(places, None) is not None:
            barrier.wait()

    return hold
