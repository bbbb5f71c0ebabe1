"""
Ctrl-C and SIGTERM, which must not cut a call to EC2 in two.

Owns: that a run was interrupted. Must not know: what it does.

An exception in the middle of a create call would lose the id of what was created.
Signals are therefore noted, and each call starts with a check.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """The run was interrupted; the text names the signal."""


class Interruption:
    """Whether the run is to end."""

    def __init__(self) -> None:
        self._reason: str | None = None

    def request(self, reason: str) -> None:
        """Let the next check raise; raises nothing itself."""
        self._reason = self._reason or reason

    def check(self) -> None:
        """Raise Interrupted if the run is to end."""
        if self._reason is not None:
            raise Interrupted(self._reason)

    @contextmanager
    def by_signals(self) -> Iterator[None]:
        """Note the signals while the block runs."""
        before = {each: signal.getsignal(each) for each in SIGNALS}
        for each in SIGNALS:
            signal.signal(each, lambda number, _: self.request(_name(number)))
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def _name(number: int) -> str:
    return signal.Signals(number).name
