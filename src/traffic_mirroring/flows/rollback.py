"""
The undo stack: what a command has made so far, and how to unmake it.

It knows no AWS and no CloudShell. An undo is added in the statement after what it
undoes, so only what was made here can ever be undone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging import Logger

from traffic_mirroring.errors import Ec2Unanswered


class Rollback:
    """
    Undo everything added, newest first, unless `keep` was called.

    One undo that fails doesn't stop the others and never replaces the error that led
    here: it is logged, and named in `leftovers`.
    """

    def __init__(self, log: Logger) -> None:
        self.leftovers: list[str] = []
        self._log = log
        self._undos: list[tuple[str, Callable[[], object]]] = []

    def add(self, what: str, undo: Callable[[], object]) -> None:
        """Remember how to undo what was just made; `what` names it to the user."""
        self._undos.append((what, undo))

    @contextmanager
    def if_unanswered(self, what: str, undo: Callable[[], object]) -> Iterator[None]:
        """Add the undo if EC2 leaves the call in the block unanswered."""
        try:
            yield
        except Ec2Unanswered:
            self.add(f"{what}, if it was made", undo)
            raise

    def keep(self) -> None:
        """Let everything stand."""
        self._undos.clear()

    def undo(self) -> None:
        """Undo everything added so far."""
        while self._undos:
            what, undo = self._undos.pop()
            try:
                undo()
            except Exception:
                self._log.exception("Could not undo: %s", what)
                self.leftovers.append(what)

    def __enter__(self) -> Rollback:
        return self

    def __exit__(self, *_: object) -> None:
        self.undo()
