"""
A token bucket, by which EC2 limits the request rate of an account.

Owns: how many tokens there are. Must not know: which requests need one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True)
class Throttle:
    """The size of a bucket, and how many tokens a second are added to it."""

    burst: int
    per_second: float


class TokenBucket:
    """A bucket that is full at first; thread-safe. Tests may pass their own clock."""

    def __init__(
        self, throttle: Throttle, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._throttle = throttle
        self._clock = clock
        self._tokens = float(throttle.burst)
        self._last = clock()
        self._lock = Lock()

    def take(self) -> bool:
        """Take a token; return False if there is none."""
        with self._lock:
            now = self._clock()
            refill = (now - self._last) * self._throttle.per_second
            self._tokens = min(self._throttle.burst, self._tokens + refill)
            self._last = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
