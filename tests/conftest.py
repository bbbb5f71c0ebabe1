"""What the sweeps tried is told at the end of a run, from all of its processes."""

from __future__ import annotations

from collections import Counter

import pytest

TALLY: Counter[str] = Counter()


@pytest.fixture
def tally() -> Counter[str]:
    """Count what a sweep tried."""
    return TALLY


def pytest_sessionfinish(session) -> None:
    """Hand the count of one of several processes to the one that tells it."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["tally"] = dict(TALLY)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node) -> None:
    """Add what a process counted that is done."""
    TALLY.update(getattr(node, "workeroutput", {}).get("tally", {}))


def pytest_terminal_summary(terminalreporter) -> None:
    """Tell how much the sweeps tried."""
    for what, count in sorted(TALLY.items()):
        terminalreporter.write_line(f"{count:5} tried: {what}")
