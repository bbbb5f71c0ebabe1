"""
Progress messages in the sandbox's output console.

Owns how many messages a command writes: few, because the console shows the last ten.
"""

from __future__ import annotations

import threading
from logging import Logger

from traffic_mirroring.sandbox.api import CloudShellApi

_SILENT_BELOW = 5
_MESSAGES = 4


class Progress:
    """Report progress in about five messages; tasks of up to five parts are silent."""

    def __init__(self, api: CloudShellApi, reservation_id: str, log: Logger) -> None:
        self._api = api
        self._reservation_id = reservation_id
        self._log = log
        self._lock = threading.Lock()
        self._total = self._done = 0
        self._task = ""

    def start(self, task: str, total: int) -> None:
        """Start a task of `total` equal parts; `task` as in 'Creating mirrors'."""
        self._task, self._total, self._done = task, total, 0
        if total > _SILENT_BELOW:
            self._write_count()

    def step(self) -> None:
        """Count one part as done; safe to call from several threads."""
        with self._lock:
            self._done += 1
            before, now = (
                done * _MESSAGES // self._total for done in (self._done - 1, self._done)
            )
            if self._total > _SILENT_BELOW and now > before:
                self._write_count()

    def write(self, message: str) -> None:
        """Write a message to the sandbox's output; failures are only logged."""
        try:
            self._api.WriteMessageToReservationOutput(self._reservation_id, message)
        except Exception:
            self._log.warning(
                "Could not write to the sandbox's output: %s", message, exc_info=True
            )

    def _write_count(self) -> None:
        self.write(f"{self._task}: {self._done} of {self._total} done")
