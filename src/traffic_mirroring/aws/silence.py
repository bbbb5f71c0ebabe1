"""
Whether an AWS service has stopped answering.

Must not know botocore or threads; callers pass the time, in seconds.
"""

from __future__ import annotations

_LONG = 50.0
"""Silence after which no timeout is retried: nearly two attempts of 30 seconds."""

_HOPELESS_SECONDS = 10.0
"""How long after the last timeout of a long silence calls are not even sent."""


class Silence:
    """The time from the first call without an answer; not thread-safe."""

    def __init__(self) -> None:
        self._since = self._last = float("-inf")

    def record_timeout(self, sent: float, now: float) -> None:
        """Note that a call that was sent at `sent` has timed out."""
        if sent > self._last + _HOPELESS_SECONDS:
            self._since = sent
        self._since = min(self._since, sent)
        self._last = now

    @property
    def is_long(self) -> bool:
        """Whether it makes no sense to send a call again."""
        return self._last - self._since >= _LONG

    def is_hopeless(self, now: float) -> bool:
        """Return whether it makes no sense to send a call at all."""
        return self.is_long and now - self._last < _HOPELESS_SECONDS
