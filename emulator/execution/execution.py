"""
One run of a command.

Owns: its outcome. Must not know: how it is run.
"""

import uuid
from collections.abc import Callable
from concurrent.futures import Future
from datetime import datetime, timezone

from emulator.execution.contexts import CommandRequest
from emulator.execution.errors import ExecutionError

OnEnd = Callable[[str | None], None]
"""Called with the output, or with None if the command failed."""


class Execution:
    """A command that is queued, running or ended."""

    def __init__(
        self, request: CommandRequest, *, cancellable: bool, on_end: OnEnd
    ) -> None:
        self.id = str(uuid.uuid4())
        self.request = request
        self.cancellable = cancellable
        self.cancel_requested = False
        self.queued = datetime.now(timezone.utc)
        self.started = False
        self._on_end = on_end
        self._outcome: Future[str] = Future()

    @property
    def ended(self) -> bool:
        """Whether the command has ended."""
        return self._outcome.done()

    @property
    def reservation_id(self) -> str:
        """The id of its sandbox, empty if it has none."""
        reservation = self.request.reservation
        return "" if reservation is None else reservation.reservation_id

    def wait(self, timeout: float | None = None) -> str:
        """Wait for the output; raises the command's ExecutionError, or TimeoutError."""
        return self._outcome.result(timeout)

    def succeed(self, output: str) -> None:
        """Record the output."""
        # Before the outcome: the command's token must be invalid when wait() returns.
        self._on_end(output)
        self._outcome.set_result(output)

    def fail(self, error: ExecutionError) -> None:
        """Record the error."""
        self._on_end(None)
        self._outcome.set_exception(error)
