"""What a run costs: seconds, EC2 calls, and the driver process's time and memory."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """One run: wall and processor seconds, EC2 calls."""

    seconds: float
    processor: float
    calls: int


def processor_seconds(pid: int | None) -> float:
    """Return what a process has used so far, in user and system mode."""
    if pid is None:
        return 0.0
    # The name before the fields stands in parentheses and may hold blanks.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_megabytes(pid: int) -> float:
    """Return the most memory that a process ever had resident."""
    status = Path(f"/proc/{pid}/status").read_text()
    (kilobytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(kilobytes) / 1024


def measured(
    run: Callable[[], None], pid: Callable[[], int | None], calls: Callable[[], int]
) -> Cost:
    """Run and say what it cost."""
    before, calls_before, started = processor_seconds(pid()), calls(), time.monotonic()
    run()
    seconds = time.monotonic() - started
    return Cost(seconds, processor_seconds(pid()) - before, calls() - calls_before)
