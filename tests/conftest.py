"""
What all tests share.

The driver's logs are attached to failures, `--numprocesses auto` is decided, and the
cases of sweeping tests are counted in all processes and printed at the end. The garbage
collector ignores the tests and all that they import: otherwise it would look at them
again and again.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Generator

import pytest

from tests.driver_logs import keep_logs
from tests.processes import number_of_processes

# Until all tests are collected. The other conftest files are imported after this one.
gc.disable()

CASES_TRIED: Counter[str] = Counter()


@pytest.fixture
def tally() -> Counter[str]:
    """Return the counter of the cases that sweeping tests tried."""
    return CASES_TRIED


def pytest_configure(config: pytest.Config) -> None:
    """Keep the drivers' logs for the reports of failed tests."""
    keep_logs(config)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Switch the garbage collector on, for what the tests create."""
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return the number of processes for `--numprocesses auto`."""
    return number_of_processes(config.option, config.args)


def pytest_sessionfinish(session) -> None:
    """Send this worker's counts to the main process."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tally"] = dict(CASES_TRIED)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node) -> None:
    """Add the counts of a worker that has ended."""
    CASES_TRIED.update(getattr(node, "workeroutput", {}).get("tally", {}))


def pytest_terminal_summary(terminalreporter) -> None:
    """Print the number of cases tried."""
    for case, count in sorted(CASES_TRIED.items()):
        terminalreporter.write_line(f"{count:5} tried: {case}")
