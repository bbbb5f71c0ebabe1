"""
The queue of one EC2 action's calls while EC2 throttles them.

Owns which call is sent next, and when. Must not know botocore or threads; callers pass
the time, in seconds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

_ACTIVE_SECONDS = 1.0
"""How long after EC2 has throttled an action its calls still queue."""

_MEMORY_SECONDS = 10.0
"""How long after that a call that is throttled does not begin to wait anew."""

_SLOWER = 0.8
"""The change of the rate with each throttled call."""

_GROWTH_SECONDS = 5.0
"""
How long the rate takes to grow by the first rate.

It grows by time, so that processes that share a limit converge to equal rates, and none
of them stops trying. About one of six calls is throttled.
"""

_SHORTEST_WAIT = 0.01


@dataclass(eq=False)
class QueuedCall:
    """A call that waits for its turn; `command` identifies who makes it."""

    command: object


class ThrottleQueue:
    """
    Send the calls one by one, just a little faster than EC2 serves them.

    They begin at `first_rate` per second; the rate adapts to what EC2 serves, as other
    processes may use the same limit. Calls of the command that has the fewest in the
    queue go first, so that a small command doesn't wait for a large one.
    Not thread-safe.
    """

    def __init__(self, first_rate: float) -> None:
        self._first_rate = self._rate = first_rate
        self._rate_changed = 0.0
        self._calls: list[QueuedCall] = []
        self._next_turn = 0.0
        self._last_throttled = float("-inf")
        self._in_vain_since: float | None = None

    def is_active(self, now: float) -> bool:
        """Return whether a new call has to queue."""
        return bool(self._calls) or now - self._last_throttled < _ACTIVE_SECONDS

    def record_throttled(self, now: float, *, had_turn: bool) -> None:
        """Note that EC2 throttled a call, which had its turn or didn't queue."""
        if had_turn:
            self._rate, self._rate_changed = self._rate_at(now) * _SLOWER, now
        elif not self.is_active(now):
            self._rate, self._rate_changed = self._first_rate, now
            self._next_turn = now + 1 / self._rate
            if now - self._last_throttled > _MEMORY_SECONDS:
                self._in_vain_since = None
        self._last_throttled = now
        if self._in_vain_since is None:
            self._in_vain_since = now

    def record_served(self) -> None:
        """Note that EC2 served a call."""
        self._in_vain_since = None

    def seconds_in_vain(self, now: float) -> float:
        """Return for how long EC2 has throttled all calls."""
        return 0.0 if self._in_vain_since is None else now - self._in_vain_since

    def join(self, command: object) -> QueuedCall:
        """Add a call of a command."""
        call = QueuedCall(command)
        self._calls.append(call)
        return call

    def leave(self, call: QueuedCall) -> None:
        """Remove a call."""
        self._calls.remove(call)

    def seconds_to_wait(self, call: QueuedCall, now: float) -> float:
        """Return 0 if it is the call's turn, or else when to ask again."""
        seconds = self._next_turn - now
        if seconds > 0 or call is not self._first():
            return max(seconds, _SHORTEST_WAIT)
        interval = 1 / self._rate_at(now)
        # A thread that wakes a little late doesn't delay the turns after its own.
        last_turn = now if seconds < -interval else self._next_turn
        self._next_turn = last_turn + interval
        return 0.0

    def _rate_at(self, now: float) -> float:
        growth = self._first_rate / _GROWTH_SECONDS
        return self._rate + growth * (now - self._rate_changed)

    def _first(self) -> QueuedCall:
        waiting = Counter(call.command for call in self._calls)
        return min(self._calls, key=lambda call: waiting[call.command])
