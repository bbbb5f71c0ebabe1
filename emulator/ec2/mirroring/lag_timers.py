"""
Timers that run out after a number of requests and a time.

Owns: one timer per id. Must not know: what lags.
"""

from __future__ import annotations

from collections.abc import Callable

from emulator.ec2.settings import Lag


class LagTimers:
    """One timer per id; ids without a timer have run out."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        # id -> the requests left, and when the time is over
        self._running: dict[str, tuple[int, float]] = {}

    def start(self, record_id: str, lag: Lag) -> None:
        """Start the timer of an id again."""
        self._running.pop(record_id, None)
        if lag.requests or lag.seconds:
            self._running[record_id] = lag.requests, self._clock() + lag.seconds

    def is_running(self, record_id: str) -> bool:
        """Return whether the timer still runs, without counting a request."""
        left, end = self._running.get(record_id, (0, 0.0))
        if left > 0 or (record_id in self._running and self._clock() < end):
            return True
        self._running.pop(record_id, None)
        return False

    def count(self, record_id: str) -> bool:
        """Count a request; return False if the timer had run out before."""
        running = self.is_running(record_id)
        if running:
            left, end = self._running[record_id]
            self._running[record_id] = max(left - 1, 0), end
        return running
