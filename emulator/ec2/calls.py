"""
What was asked of the emulator, and which calls are to fail.

Knows nothing of EC2 beyond the names of operations that only read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

READING = ("Describe", "Get", "List", "Search")

# An operation and its parameters: what a retry has in common with the first try.
_Request = tuple[str, frozenset[tuple[str, str]]]


def is_writing(operation: str, parameters: Mapping[str, str]) -> bool:
    """Tell whether a call changes something; a dry run doesn't."""
    dry = any(
        name.lower() == "dryrun" and value.lower() == "true"
        for name, value in parameters.items()
    )
    return not dry and not operation.startswith(READING)


@dataclass(frozen=True)
class Call:
    """
    One request as it was answered; times are time.monotonic()'s.

    `parameters` are those of the wire: flat names such as `Filter.1.Name`.
    `error_code` is None for a success, and where nothing was answered at all.
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


@dataclass
class Fault:
    """
    Calls that are to be answered with an error, or not at all.

    Every fault of the list counts all calls that it matches, whichever fault
    fires: `skip` of them pass, the next `times` fail (None: all that follow).
    Where several would fire, the first of the list does. With `repeats` a request
    that failed fails for ever: the same operation with identical parameters, as a
    client's retries have them. No fault counts such a repeat.
    """

    operation: str | None = None
    """The operation's name; None: every operation that writes."""
    code: str = "InternalError"
    message: str = "An internal error has occurred"
    status: int = 400
    skip: int = 0
    times: int | None = 1
    after_effect: bool = False
    """The call takes effect, and is answered with the error all the same."""
    drop_connection: bool = False
    """The connection is closed without an answer."""
    repeats: bool = False
    """A request that met this fault meets it again each time it is sent."""
    _seen: int = field(default=0, init=False, repr=False, compare=False)
    _fired: int = field(default=0, init=False, repr=False, compare=False)
    _met: set[_Request] = field(
        default_factory=set, init=False, repr=False, compare=False
    )

    def matches(self, operation: str, writes: bool) -> bool:
        """Tell whether this fault is about such a call at all."""
        return writes if self.operation is None else self.operation == operation

    def count(self) -> bool:
        """Count a matching call; tell whether the fault is due."""
        self._seen += 1
        exhausted = self.times is not None and self._fired >= self.times
        return self._seen > self.skip and not exhausted

    def fire(self, request: _Request) -> None:
        """Use up one of the times."""
        self._fired += 1
        if self.repeats:
            self._met.add(request)

    def has_met(self, request: _Request) -> bool:
        """Tell whether this is the repeat of a request that is to fail for ever."""
        return request in self._met


class CallLog:
    """The calls so far and the faults to come; safe between threads."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self._calls: list[Call] = []
        self._lock = Lock()

    def calls(self) -> list[Call]:
        """Return the finished calls in the order in which they started."""
        with self._lock:
            return sorted(self._calls, key=lambda call: call.started)

    def record(self, call: Call) -> None:
        """Add a finished call."""
        with self._lock:
            self._calls.append(call)

    def clear(self) -> None:
        """Forget the calls; the faults stay."""
        with self._lock:
            self._calls.clear()

    def next_fault(
        self, operation: str, parameters: Mapping[str, str], writes: bool
    ) -> Fault | None:
        """Return the fault that this call meets, and use it up unless it's a repeat."""
        request = operation, frozenset(parameters.items())
        with self._lock:
            met = [fault for fault in self.faults if fault.has_met(request)]
            if met:
                return met[0]
            matching = [f for f in self.faults if f.matches(operation, writes)]
            due = [fault for fault in matching if fault.count()]
            if not due:
                return None
            due[0].fire(request)
            return due[0]
