"""Counts the cases of sweeping tests in all processes and prints them at the end."""

from __future__ import annotations

from collections import Counter

import pytest

CASES_TRIED: Counter[str] = Counter()


@pytest.fixture
def tally() -> Counter[str]:
    """Return the counter of the cases that sweeping tests tried."""
    return CASES_TRIED


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
