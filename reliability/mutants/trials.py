"""
Owns: the tests' trial of each mutant, in a process of its own.

Must not know: how mutants are made, which of them may survive.

The processes are forked from one that has collected the tests, so that a trial takes
only as long as the tests that reach the mutated function, slowest file last, until the
first fails.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state

from reliability.mutants.mutation import Mutant
from reliability.mutants.results import KILLED, NO_TEST, SURVIVED

OPTIONS = [
    *("-q", "-s", "-x", "--tb=no", "--no-header", "--no-summary"),
    # Each would collect garbage several times per trial, which takes the most time.
    *("-p", "no:unraisableexception", "-p", "no:threadexception"),
    *("-p", "no:cacheprovider", "-p", "no:xdist"),
    # The first failure is enough; nobody reads how the compared values differ.
    "--assert=plain",
]
_LONGER = 10
"""How many times longer than without a mutant the tests may take."""

_ENOUGH = 3.0
"""Processor seconds that the tests of a mutant may need; the fastest are chosen."""


@dataclass
class Reach:
    """Which tests reach which functions, and the processor seconds of each test."""

    tests: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    at_import: list[str] = field(default_factory=list)

    def tests_of(self, function: str, *, every: bool) -> list[str]:
        """Return the fastest tests that reach a function, or all, by file."""
        tests = sorted(self.tests.get(function, []), key=self.seconds.__getitem__)
        total = accumulate(self.seconds[test] for test in tests)
        if not every:
            tests = tests[: max(1, sum(seconds <= _ENOUGH for seconds in total))]
        by_file: dict[str, list[str]] = defaultdict(list)
        for test in tests:
            by_file[_file(test)].append(test)
        return [test for file in by_file.values() for test in file]

    def files_of(self, module: str) -> list[str]:
        """Return the test files in the folder of a module, or those that reach it."""
        folder = module.rpartition(".")[0].rpartition(".")[2]
        files = {_file(test) for test in self.seconds}
        near = {each for each in files if Path(each).parent.name == folder}
        reaching = {
            _file(test)
            for function, tests in self.tests.items()
            if function.rpartition(".")[0] == module
            for test in tests
        }
        return sorted(near or reaching)


class Trials:
    """
    A pytest plugin that tries mutants instead of running the tests once.

    `done` is called with each mutant and its result; no trial is started any more when
    `is_time_up` returns true. `every` runs all tests that reach a mutant, not only the
    fastest.
    """

    def __init__(
        self,
        mutants: Iterable[Mutant],
        done: Callable[[Mutant, str], None],
        is_time_up: Callable[[], bool],
        *,
        processes: int,
        every: bool,
        reach_file: Path,
    ) -> None:
        self._mutants = mutants
        self._done = done
        self._is_time_up = is_time_up
        self._processes = processes
        self._every = every
        self._reach_file = reach_file
        self._running: dict[int, Mutant] = {}
        self._items: dict[str, pytest.Function] = {}
        self._reach = Reach()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try the mutants."""
        at_import = sorted(state()._stats)
        self._items = {
            item.nodeid: item
            for item in session.items
            if isinstance(item, pytest.Function)
        }
        self._reach = self._measure(at_import)
        set_mutant_under_test("")
        gc.collect()
        gc.freeze()
        for mutant in self._mutants:
            if self._is_time_up():
                break
            self._start(mutant)
            if len(self._running) >= self._processes:
                self._wait()
        while self._running:
            self._wait()
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> None:
        """End the process of the trial with the first failure, without a report."""
        if call.excinfo and not (
            call.excinfo.errisinstance(pytest.skip.Exception)
            or item.get_closest_marker("xfail")
        ):
            os._exit(1)

    def _measure(self, at_import: list[str]) -> Reach:
        """Run all tests once, in a process of their own."""
        if not self._reach_file.exists():
            pid = _fork(lambda: self._write_reach(at_import))
            if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
                raise pytest.UsageError("the tests fail without a mutant")
        return Reach(**json.loads(self._reach_file.read_text()))

    def _write_reach(self, at_import: list[str]) -> int:
        reaching: dict[str, list[str]] = defaultdict(list)
        seconds = {}
        items = [*self._items.values()]
        for item, following in zip(items, [*items[1:], None]):
            state()._stats.clear()
            start = time.process_time()
            if _fails(item, following):
                return 1
            seconds[item.nodeid] = time.process_time() - start
            for function in state()._stats:
                reaching[function].append(item.nodeid)
        known = {"tests": reaching, "seconds": seconds, "at_import": at_import}
        self._reach_file.write_text(json.dumps(known))
        return 0

    def _start(self, mutant: Mutant) -> None:
        tests = self._reach.tests_of(mutant.function, every=self._every)
        at_import = mutant.function in self._reach.at_import
        if not (tests or at_import):
            self._done(mutant, NO_TEST)
            return
        files = []
        if at_import:
            files = self._reach.files_of(mutant.function.rpartition(".")[0])
            usual = sum(
                seconds
                for test, seconds in self._reach.seconds.items()
                if _file(test) in files
            )
        else:
            usual = sum(self._reach.seconds[test] for test in tests)
        pid = _fork(lambda: self._try(mutant, tests, files), limit=usual * _LONGER + 10)
        self._running[pid] = mutant

    def _try(self, mutant: Mutant, tests: list[str], files: list[str]) -> int:
        set_mutant_under_test(mutant.name)
        items = [self._items[test] for test in tests]
        for item, following in zip(items, [*items[1:], None]):
            if _fails(item, following):
                return 1
        if not files:
            return 0
        # The function ran when its module was imported: import everything again.
        packages = (mutant.name.partition(".")[0], "tests")
        modules = {item.obj.__module__ for item in self._items.values()}
        for name in [*sys.modules]:
            if name in modules or name.partition(".")[0] in packages:
                del sys.modules[name]
        return int(pytest.main([*OPTIONS, *files]) != 0)

    def _wait(self) -> None:
        pid, status = os.wait()
        code = os.waitstatus_to_exitcode(status)
        self._done(self._running.pop(pid), KILLED if code else SURVIVED)


def _fails(item: pytest.Item, following: pytest.Item | None) -> bool:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    return bool(item.session.testsfailed)


def _fork(work: Callable[[], Any], limit: float = 3_600) -> int:
    """Start a process; it ends with the result, or a signal after `limit` seconds."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit), int(limit) + 5))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(int(limit) * 3)
        code = work()
    finally:
        os._exit(code)


def _file(test: str) -> str:
    return test.partition("::")[0]
