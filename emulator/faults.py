"""
Calls that fail on purpose, in EC2 and in CloudShell's pools.

Owns: which call a fault hits, and how often. Must not know: what the calls do.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field


@dataclass
class Fault:
    """
    Calls that fail with an error, or get no reply at all.

    Each fault counts all calls that match it, even those that another fault hits: the
    first `skip` calls pass, the next `times` fail (None: all of them). If several
    faults are due, the call gets the first one in the list.
    """

    operation: str | None = None
    """The EC2 operation or CloudShell API method; None: every call that writes."""
    code: str | None = None
    """The error code; None: the general error of the service."""
    message: str | None = None
    status: int = 400
    """The HTTP status of EC2; CloudShell reports errors with 200."""
    reply: bytes | None = None
    """The body of EC2's reply, in place of an error document."""
    skip: int = 0
    times: int | None = 1
    after_effect: bool = False
    """The call takes effect, but the caller gets the error."""
    drop_connection: bool = False
    """The connection is closed without a reply; most clients then retry."""
    repeats: bool = False
    """Retries of the failed request, with identical parameters, fail too, uncounted."""
    _seen: int = field(default=0, init=False, repr=False, compare=False)
    _hits: int = field(default=0, init=False, repr=False, compare=False)
    _failed: set[Hashable] = field(
        default_factory=set, init=False, repr=False, compare=False
    )

    def _matches(self, operation: str, *, writes: bool) -> bool:
        return writes if self.operation is None else self.operation == operation

    def _count(self) -> bool:
        """Count a matching call; return whether the fault is due."""
        self._seen += 1
        exhausted = self.times is not None and self._hits >= self.times
        return self._seen > self.skip and not exhausted

    def _hit(self, request: Hashable) -> None:
        self._hits += 1
        if self.repeats:
            self._failed.add(request)

    def _has_failed(self, request: Hashable) -> bool:
        return request in self._failed


def next_fault(
    faults: Sequence[Fault], operation: str, request: Hashable, *, writes: bool = True
) -> Fault | None:
    """
    Count a call, and return the fault that it gets.

    `request` is equal for retries of the same call. Not thread-safe: hold a lock.
    """
    for fault in faults:
        if fault._has_failed(request):
            return fault
    matching = [each for each in faults if each._matches(operation, writes=writes)]
    due = [fault for fault in matching if fault._count()]
    if not due:
        return None
    due[0]._hit(request)
    return due[0]
