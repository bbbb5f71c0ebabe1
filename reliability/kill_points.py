"""
The moments at which a driver process is killed.

Owns: arming a kill, for the moment after a call or after some seconds.
Must not know: which command runs, what is checked afterwards.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from emulator.lab import RESOURCE, Lab


@dataclass(frozen=True)
class AfterCall:
    """Kill when a call was carried out, before its answer; the first has index 0."""

    operation: str
    index: int = 0

    def __str__(self) -> str:
        return f"{self.operation} {self.index + 1}"


@dataclass(frozen=True)
class AfterSeconds:
    """Kill some seconds after the command was sent."""

    seconds: float

    def __str__(self) -> str:
        return f"{self.seconds:.3f} s"


KillPoint = AfterCall | AfterSeconds


@contextmanager
def armed(lab: Lab, point: KillPoint) -> Iterator[Callable[[], bool]]:
    """Kill the driver process at the moment; the function says if that happened."""
    killed = threading.Event()

    def kill() -> None:
        killed.set()
        lab.execution.terminate(RESOURCE)

    if isinstance(point, AfterSeconds):
        timer = threading.Timer(point.seconds, kill)
        timer.start()
        try:
            yield killed.is_set
        finally:
            timer.cancel()
            timer.join()
        return
    surround = _after(point, kill)
    lab.ec2.settings.around_call = lambda action: surround(action.operation)
    lab.cloudshell.pools.around_call = lambda call: surround(call.method)
    try:
        yield killed.is_set
    finally:
        lab.ec2.settings.around_call = lab.cloudshell.pools.around_call = None


def _after(
    point: AfterCall, kill: Callable[[], None]
) -> Callable[[str], AbstractContextManager[None]]:
    lock, seen = threading.Lock(), iter(range(1_000_000))

    @contextmanager
    def surround(operation: str) -> Iterator[None]:
        yield
        if operation == point.operation:
            with lock:
                is_due = next(seen) == point.index
            if is_due:
                kill()

    return surround
