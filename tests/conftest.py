"""
What all tests share.

The driver's logs are attached to failures, `--numprocesses auto` is decided, and the
cases of sweeping tests are counted in all processes and printed at the end.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.driver_logs import keep_logs

MAX_PROCESSES = 4

CASES_TRIED: Counter[str] = Counter()


@pytest.fixture
def tally() -> Counter[str]:
    """Return the counter of the cases that sweeping tests tried."""
    return CASES_TRIED


def pytest_configure(config: pytest.Config) -> None:
    """Keep the drivers' logs for the reports of failed tests."""
    keep_logs(config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return 0 if a few tests are selected: each worker would first import them all."""
    option = config.option
    excludes = option.keyword.startswith("not ")
    if (option.keyword and not excludes) or option.lf:
        return 0
    if any(Path(each).is_dir() for each in config.args):
        return MAX_PROCESSES
    # Workers get whole files.
    files = {each for each in config.args if "::" not in each}
    return min(len(files), MAX_PROCESSES) if len(files) > 1 else 0


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
