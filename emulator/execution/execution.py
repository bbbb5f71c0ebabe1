"""Owns: one run of a command and its outcome. Must not know: how it is run."""

import uuid
from collections.abc import Callable
from concurrent.futures import Future

from emulator.execution.contexts import CommandRequest
from emulator.execution.errors import ExecutionError

OnEnd = Callable[[str | None], None]
"""Called with the output, or with None for a command that failed."""


class Execution:
    """A command that is queued, running or ended."""

    def __init__(
        self, request: CommandRequest, *, cancellable: bool, on_end: OnEnd
    ) -> None:
        self.id = str(uuid.uuid4())
        self.request = request
        self.cancellable = cancellable
        self.cancel_requested = False
        self._on_end = on_end
        self._outcome: Future[str] = Future()

    @property
    def ended(self) -> bool:
        """Whether there is an outcome."""
        return self._outcome.done()

    @property
    def reservation_id(self) -> str:
        """The sandbox it runs in, empty if none."""
        reservation = self.request.reservation
        return "" if reservation is None else reservation.reservation_id

    def wait(self, timeout: float | None = None) -> str:
        """Return the output; raises the command's ExecutionError, or TimeoutError."""
        return self._outcome.result(timeout)

    def succeed(self, output: str) -> None:
        """Record the output."""
        # Before the outcome, because whoever waits may look at once whether the
        # command's token is dead.
        self._on_end(output)
        self._outcome.set_result(output)

    def fail(self, error: ExecutionError) -> None:
        """Record why there is no output."""
        self._on_end(None)
        self._outcome.set_exception(error)
