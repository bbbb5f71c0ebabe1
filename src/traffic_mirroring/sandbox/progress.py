"""
Telling the sandbox's output how far a long command is, in a handful of messages.

CloudShell's console shows the last ten.
"""

from __future__ import annotations

import threading
from logging import Logger
from typing import Protocol

_SILENT_BELOW = 5
_MESSAGES = 4


class OutputApi(Protocol):
    """The part of CloudShellAPISession that is used here."""

    def WriteMessageToReservationOutput(  # noqa: N802 - the API's own name
        self,
        reservationId: str,  # noqa: N803 - the API's own name
        message: str,
    ) -> object:
        """Show a message in the sandbox's output."""


class Progress:
    """Counts what is done; few things are done without a word."""

    def __init__(self, api: OutputApi, reservation_id: str, log: Logger) -> None:
        self._api = api
        self._reservation_id = reservation_id
        self._log = log
        self._lock = threading.Lock()
        self._total = self._done = 0
        self._task = ""

    def start(self, task: str, total: int) -> None:
        """Begin a task of `total` equal parts; `task` as in 'Creating mirrors'."""
        self._task, self._total, self._done = task, total, 0
        if total > _SILENT_BELOW:
            self._write()

    def step(self) -> None:
        """Count one part as done, by whichever thread."""
        with self._lock:
            self._done += 1
            before, now = (
                done * _MESSAGES // self._total for done in (self._done - 1, self._done)
            )
            if self._total > _SILENT_BELOW and now > before:
                self._write()

    def _write(self) -> None:
        message = f"{self._task}: {self._done} of {self._total} done"
        try:
            self._api.WriteMessageToReservationOutput(self._reservation_id, message)
        except Exception:
            self._log.warning("Could not tell the sandbox: %s", message, exc_info=True)
