"""The cost of a run: seconds, EC2 calls, and the driver's processor time and memory."""

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
    """Wall-clock seconds, processor seconds and EC2 calls of one run."""

    seconds: float
    processor: float
    calls: int


def processor_seconds(pid: int | None) -> float:
    """Return the user and system time of a process so far; 0 without a process."""
    if pid is None:
        return 0.0
    # The process name comes first, in parentheses, and can contain blanks.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_megabytes(pid: int) -> float:
    """Return the peak resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    (kilobytes,) = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(kilobytes) / 1024


def measure(
    run: Callable[[], None], pid: Callable[[], int | None], calls: Callable[[], int]
) -> Cost:
    """Call `run` and return its cost."""
    before, calls_before, started = processor_seconds(pid()), calls(), time.monotonic()
    run()
    seconds = time.monotonic() - started
    return Cost(seconds, processor_seconds(pid()) - before, calls() - calls_before)
