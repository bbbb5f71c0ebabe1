"""A token bucket, as EC2 limits how often an account may call."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True)
class Throttle:
    """So many writes at once, and so many a second after that; reads are free."""

    burst: int
    per_second: float


class Bucket:
    """Safe between threads; every test may bring its own clock."""

    def __init__(
        self, throttle: Throttle, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._throttle = throttle
        self._clock = clock
        self._tokens = float(throttle.burst)
        self._last = clock()
        self._lock = Lock()

    def take(self) -> bool:
        """Take a token; False where there is none, as of now."""
        with self._lock:
            now = self._clock()
            refill = (now - self._last) * self._throttle.per_second
            self._tokens = min(self._throttle.burst, self._tokens + refill)
            self._last = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
