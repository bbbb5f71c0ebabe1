"""
Owns: the undo stack, what a command has created so far and how to delete it.

An undo is added in the statement after the create, so only what the command created
can be undone.
Must not know: AWS, CloudShell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging import Logger

from traffic_mirroring.errors import CallFailed, CallUnanswered, user_message


class Rollback:
    """The undos of one mirror or target, run newest first."""

    def __init__(self, log: Logger) -> None:
        self._log = log
        self._undos: list[tuple[str, Callable[[], object]]] = []

    def add(self, name: str, undo: Callable[[], object]) -> None:
        """Register the undo of what was just created; the user sees the name."""
        self._undos.append((name, undo))

    @contextmanager
    def if_unanswered(self, name: str, undo: Callable[[], object]) -> Iterator[None]:
        """Register the undo if the call in the block raises CallUnanswered."""
        try:
            yield
        except CallUnanswered:
            self.add(f"{name}, if it was created", undo)
            raise

    def keep(self) -> None:
        """Forget all undos."""
        self._undos.clear()

    def undo(self) -> tuple[str, ...]:
        """
        Run all undos; return the names of those that failed, with the reason.

        An undo that fails is logged and stops no other.
        """
        leftovers = []
        while self._undos:
            name, undo = self._undos.pop()
            try:
                undo()
            except Exception as error:
                self._log.exception("Could not undo: %s", name)
                leftovers.append(f"{name} ({_reason(error)})")
        return tuple(leftovers)


def _reason(error: Exception) -> str:
    return error.reason if isinstance(error, CallFailed) else user_message(error)
