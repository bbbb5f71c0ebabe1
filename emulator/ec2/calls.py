"""
The log of requests to EC2, and the faults for the next ones.

Owns: what was requested and replied, in order. Must not know: what the operations do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from emulator.faults import Fault, next_fault


@dataclass(frozen=True)
class Call:
    """
    A request and its outcome; times are those of time.monotonic().

    `parameters` have the flat names of the query API, such as `Filter.1.Name`.
    `error_code` is None for a success, and for a request without a reply.
    """

    operation: str
    parameters: dict[str, str]
    writes: bool
    started: float
    ended: float
    error_code: str | None
    request_id: str
    region: str
    access_key: str
    answered: bool = True


class CallLog:
    """The finished calls and the faults for the next ones; thread-safe."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._calls: list[Call] = []
        self._lock = Lock()

    def calls(self) -> list[Call]:
        """Return the finished calls, in the order in which they started."""
        with self._lock:
            return sorted(self._calls, key=lambda call: call.started)

    def record(self, call: Call) -> None:
        """Add a finished call."""
        with self._lock:
            self._calls.append(call)

    def clear(self) -> None:
        """Forget the calls, but not the faults."""
        with self._lock:
            self._calls.clear()

    def next_fault(
        self, operation: str, parameters: Mapping[str, str], writes: bool
    ) -> Fault | None:
        """Count a call, and return the fault that it gets."""
        request = operation, frozenset(parameters.items())
        with self._lock:
            return next_fault(self.faults, operation, request, writes=writes)
