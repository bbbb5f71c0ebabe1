"""
Which command makes the AWS calls of a thread.

Owns a context variable, because botocore's hooks, which all commands of a client share,
have no parameter for it. Must not know AWS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from traffic_mirroring.errors import Cancelled


@dataclass(frozen=True, eq=False)
class CurrentCommand:
    """A command; `check_cancelled` raises Cancelled if the user has cancelled it."""

    check_cancelled: Callable[[], None]

    @property
    def is_cancelled(self) -> bool:
        """Whether the user has cancelled the command."""
        try:
            self.check_cancelled()
        except Cancelled:
            return True
        return False


_NONE = CurrentCommand(lambda: None)
_current: ContextVar[CurrentCommand] = ContextVar("command", default=_NONE)


def current_command() -> CurrentCommand:
    """Return the command of the block, by default one that can't be cancelled."""
    return _current.get()


@contextmanager
def calls_of_command(check_cancelled: Callable[[], None]) -> Iterator[None]:
    """Make the calls in the block, and in its workers, the calls of one command."""
    token = _current.set(CurrentCommand(check_cancelled))
    try:
        yield
    finally:
        _current.reset(token)
