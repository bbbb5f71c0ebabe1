"""Commands under EC2's limits: alone, in two processes, and beside a neighbour."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from benchmarks.shell import Shell
from benchmarks.workload import Workload
from emulator.ec2 import Call, Throttles, TokenBuckets
from emulator.lab import Lab

LATENCY = 0.05
"""Seconds added to each call to EC2 and the pools."""

_WRITES = Throttles().writes


@dataclass(frozen=True)
class Throttled:
    """
    Creates under EC2's limits: their seconds, and those that the limits alone demand.

    `neighbour` are the seconds of another sandbox's Creates of one mirror meanwhile.
    """

    seconds: float
    alone: float
    throttled_calls: int
    neighbour: tuple[float, ...] = ()


def create_beside_neighbour(
    lab: Lab, shell: Shell, workload: Workload, neighbour: Workload
) -> Throttled:
    """Create the mirrors of a workload, and one of another sandbox again and again."""
    ended = threading.Event()
    caller = replace(shell, session=lab.cloudshell.session())

    def create_and_remove() -> list[float]:
        seconds = []
        while not ended.wait(1):
            seconds.append(_create(caller, neighbour))
            caller.seconds(
                neighbour.reservation, "RemoveTrafficMirroring", neighbour.remove
            )
        return seconds

    with _limits(lab, workload), ThreadPoolExecutor(1) as pool:
        meanwhile = pool.submit(create_and_remove)
        try:
            seconds = _create(shell, workload)
        finally:
            ended.set()
        short = tuple(meanwhile.result())
        return _result(lab.ec2.calls, seconds, short)


def create_in_processes(
    lab: Lab, shells: list[Shell], workloads: list[Workload]
) -> Throttled:
    """Create the mirrors of each workload in the driver process of its shell."""
    with _limits(lab, workloads[0]), ThreadPoolExecutor(len(shells)) as pool:
        seconds = max(pool.map(_create, shells, workloads))
        return _result(lab.ec2.calls, seconds)


def _create(shell: Shell, workload: Workload) -> float:
    return shell.seconds(
        workload.reservation, "CreateTrafficMirroring", workload.create
    )


@contextmanager
def _limits(lab: Lab, workload: Workload) -> Iterator[None]:
    """Apply EC2's documented limits, with a full bucket for each action."""
    lab.ec2.clear_calls()
    lab.ec2.settings.throttle = TokenBuckets()
    try:
        with workload.latency(LATENCY):
            yield
    finally:
        lab.ec2.settings.throttle = None


def _result(
    calls: Iterable[Call], seconds: float, neighbour: tuple[float, ...] = ()
) -> Throttled:
    made = list(calls)
    served = Counter(
        call.operation for call in made if call.writes and not call.error_code
    )
    alone = (max(served.values()) - _WRITES.burst) / _WRITES.per_second
    refused = sum(bool(call.error_code) for call in made)
    return Throttled(seconds, alone, refused, neighbour)
