"""
Every order in which the calls of two commands can reach EC2 and the pool.

Each command runs in a thread, and waits before each of its shared calls until it is its
turn. One run follows one order; the orders not tried yet branch off it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class _Command:
    """A thread that runs from one shared call to the next."""

    run: Callable[[], object]
    go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    paused: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    ended: bool = False
    result: object = None
    error: BaseException | None = None

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def step(self) -> None:
        """Let it make one shared call, and run until it is about to make the next."""
        self.go.release()
        if not self.paused.acquire(timeout=30):
            raise RuntimeError("a command waits for another one")

    def wait_for_turn(self) -> None:
        self.paused.release()
        self.go.acquire()

    def _run(self) -> None:
        _current.command = self
        self.go.acquire()
        try:
            self.result = self.run()
        except BaseException as error:
            self.error = error
        self.ended = True
        self.paused.release()


_current = threading.local()


def shared_call() -> None:
    """Wait until it is this command's turn; outside of a run, go on."""
    command = getattr(_current, "command", None)
    if command:
        command.wait_for_turn()


def results_of(order: list[int], runs: list[Callable[[], object]]) -> list[object]:
    """
    Run the commands in an order; return their results.

    `order` holds the index of the command that goes on at each step. It is extended to
    the order that was followed, which ends with the last command.
    """
    commands = [_Command(run) for run in runs]
    for command in commands:
        command.start()
    step = 0
    while not all(command.ended for command in commands):
        if step == len(order):
            order.append(next(i for i, each in enumerate(commands) if not each.ended))
        commands[order[step]].step()
        step += 1
    for command in commands:
        if command.error:
            raise command.error
    return [command.result for command in commands]


def all_orders(
    make: Callable[[], list[Callable[[], object]]],
) -> Iterator[tuple[list[int], list[object]]]:
    """
    Yield every order of two commands' shared calls, with the commands' results.

    `make` returns the two commands, in a new world; what exists afterwards is for the
    caller to check before it asks for the next order.
    """
    prefixes: list[list[int]] = [[]]
    while prefixes:
        order = prefixes.pop()
        given = len(order)
        results = results_of(order, make())
        yield order, results
        for step in range(given, len(order)):
            other = 1 - order[step]
            if other in order[step:]:
                prefixes.append([*order[:step], other])
