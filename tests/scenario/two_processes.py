"""
Two driver processes on one account, stepped through an order of their shared calls.

The lab has two resources, so each command runs in a process of its own. The emulators
hold every call that touches a shared target or number until it is the process's turn,
and give the next turn when the call was carried out. Nothing is timed, so a run that
follows an order can be repeated.
"""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Union

from cloudshell.api.cloudshell_api import InputNameValue

from emulator.lab import ACCESS_KEY, RESOURCE
from tests.scenario.watched_lab import WatchedLab

RESOURCES = (RESOURCE, "AWS 2")
KEYS = (ACCESS_KEY, "AKIAINVENTEDSECONDKEY")
Step = Union[int, tuple[int, str]]
"""Whose turn it is: a process, for any of its shared calls or for one only."""

PATIENCE = 30
"""Seconds after which a process that waits for its turn counts as stuck."""


@dataclass(frozen=True)
class Command:
    """A command of a sandbox, and the text of its request."""

    name: str
    text: str
    sandbox: str


@dataclass(frozen=True)
class Run:
    """The order that was followed, and the one action result of each command."""

    order: tuple[int, ...]
    calls: tuple[str, ...]
    results: tuple[dict[str, object], ...]

    def __str__(self) -> str:
        steps = zip(self.order, self.calls)
        return ", ".join(f"{process}:{call}" for process, call in steps)


class Turns:
    """
    Lets one shared call pass at a time, of the process whose turn it is.

    A process that has ended has no turns; after the order, the first process goes on,
    and then the second.
    """

    def __init__(self, order: Sequence[Step], shared: frozenset[str]) -> None:
        self.followed: list[tuple[int, str]] = []
        self.stuck = False
        self._wanted = [
            each if isinstance(each, tuple) else (each, "") for each in order
        ]
        self._shared = shared
        self._ended: set[int] = set()
        self._busy = False
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, process: int, call: str) -> Iterator[None]:
        """Wait for the process's turn, and keep it in the block."""
        if call not in self._shared:
            yield
            return
        with self._changed:
            came = self._changed.wait_for(
                lambda: (
                    not self._busy and self._next() in ((process, ""), (process, call))
                ),
                PATIENCE,
            )
            self.stuck = self.stuck or not came
            if self._wanted:
                self._wanted.pop(0)
            self.followed.append((process, call))
            self._busy = True
        try:
            yield
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def end(self, process: int) -> None:
        """Give away the turns of a process that has ended."""
        with self._changed:
            self._ended.add(process)
            self._changed.notify_all()

    def _next(self) -> tuple[int, str]:
        self._wanted = [each for each in self._wanted if each[0] not in self._ended]
        if self._wanted:
            return self._wanted[0]
        return (1 if 0 in self._ended else 0), ""


def add_second_process(lab: WatchedLab) -> None:
    """Add a second resource to a lab, for the same account."""
    lab.add_provider(name=RESOURCES[1], access_key=KEYS[1])


def run_in_order(
    lab: WatchedLab,
    order: Sequence[Step],
    shared: frozenset[str],
    commands: Sequence[Command],
) -> Run:
    """Run two commands in two processes; their shared calls follow the order."""
    turns = Turns(order, shared)
    processes = {key: process for process, key in enumerate(KEYS)}
    lab.ec2.settings.around_call = lambda action: turns.turn(
        processes.get(action.access_key, 0), action.operation
    )
    lab.cloudshell.pools.around_call = lambda call: turns.turn(
        RESOURCES.index(call.resource), call.method
    )

    def run(process: int) -> dict[str, object]:
        try:
            return execute(lab, RESOURCES[process], commands[process])
        finally:
            turns.end(process)

    with ThreadPoolExecutor(len(commands)) as callers:
        results = tuple(callers.map(run, range(len(commands))))
    lab.ec2.settings.around_call = lab.cloudshell.pools.around_call = None
    assert not turns.stuck, turns.followed
    order, calls = zip(*turns.followed)
    return Run(order, calls, results)


def execute(lab: WatchedLab, resource: str, command: Command) -> dict[str, object]:
    """Run a command of one action by the resource's driver process."""
    answer = lab.session.ExecuteCommand(
        command.sandbox,
        resource,
        "Resource",
        command.name,
        [InputNameValue("request", command.text)],
    )
    (result,) = json.loads(answer.Output)["driverResponse"]["actionResults"]
    return result


def sample_orders(run: Callable[[Sequence[int]], Run], more: int) -> Iterator[Run]:
    """
    Yield the runs with one switch between the processes, and `more` random ones.

    With one switch, a process makes some of its calls, then the other one makes all of
    its own, then the first one makes the rest.
    """
    longest = 0
    for first in (0, 1):
        for calls in range(1_000):
            done = run([first] * calls + [1 - first] * 1_000)
            longest = max(longest, len(done.order))
            yield done
            if done.order[-1] != first:
                break  # it made all of its calls before the switch
    choose = random.Random(0)  # noqa: S311  # no secret
    for _ in range(more):
        yield run(choose.choices((0, 1), k=longest))
