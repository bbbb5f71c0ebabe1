"""
The logs of the labs' drivers, attached to the tests that fail.

The labs of a test process keep their logs until it ends. If LAB_LOGS names a folder,
they are in that one, and stay there.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from shutil import rmtree

import pytest

LAB_LOGS = "LAB_LOGS"
"""As in emulator.lab, which unit tests on Python 3.9 can't import."""

_MAX_CHARACTERS = 30_000
"""Of each log, from its end; a thousand mirrors make a log of megabytes."""


class DriverLogs:
    """Adds to the report of a failed test each log that was written meanwhile."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._started = 0.0

    def pytest_runtest_logstart(self) -> None:
        """Remember when the test began."""
        self._started = time.time()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self,
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Add the logs to the report."""
        report = yield
        if report.failed:
            for log in filter(self._is_wanted, sorted(self._folder.rglob("*.log"))):
                report.sections.append((f"Driver log {log}", _end_of(log)))
        return report

    def _is_wanted(self, log: Path) -> bool:
        # A debug log repeats lines of the log beside it.
        file = log.stat()
        return (
            file.st_size > 0
            and file.st_mtime >= self._started
            and not log.name.endswith("-debug.log")
        )


def _end_of(log: Path) -> str:
    text = log.read_text(errors="replace")
    omitted = len(text) - _MAX_CHARACTERS
    return f"... ({omitted} characters)\n{text[omitted:]}" if omitted > 0 else text


def keep_logs(config: pytest.Config) -> None:
    """Give the labs of this process, and of its workers, a folder for their logs."""
    kept = os.environ.get(LAB_LOGS)
    # The workers of xdist inherit LAB_LOGS, and add their names to the folder's.
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    folder = Path(kept or tempfile.mkdtemp(prefix="lab-logs-")).resolve() / worker
    os.environ[LAB_LOGS] = str(folder)
    config.pluginmanager.register(DriverLogs(folder))
    if not kept:
        config.add_cleanup(lambda: rmtree(folder, ignore_errors=True))
