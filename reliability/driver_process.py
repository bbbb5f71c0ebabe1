"""
What a driver process uses: memory, threads, open files, log handlers and locks.

Owns: reading /proc, and the command of the counting driver. Must not know: what the
process was used for.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from emulator.lab import RESOURCE, Lab

_MORE_BLOCKS = 1.01
_MORE_MEMORY = 1.1

COUNTING_DRIVER = Path(__file__).parent / "counting_driver"


@dataclass(frozen=True)
class Usage:
    """Resident memory in megabytes, threads, and open files with sockets and pipes."""

    megabytes: float
    threads: int
    files: int


@dataclass(frozen=True)
class Held:
    """What an idle driver process holds; `files` are its open files but sockets."""

    handlers: int
    loggers: int
    locks: int
    threads: int
    files: tuple[str, ...]


@dataclass(frozen=True)
class Size:
    """
    What an idle driver process holds, and its memory.

    `objects` can be part of cycles, `blocks` are Python's small pieces of memory,
    `megabytes` are resident.
    """

    held: Held
    objects: int
    blocks: int
    megabytes: float

    def __str__(self) -> str:
        held = self.held
        return (
            f"{self.megabytes:.1f} MB, {self.blocks} blocks, {held.threads} threads, "
            f"{len(held.files)} files, {held.handlers} log handlers, "
            f"{held.locks} locks"
        )


def driver_pid(lab: Lab, resource: str = RESOURCE) -> int:
    """Return the id of a resource's driver process; raises RuntimeError without one."""
    pid = lab.execution.driver_pid(resource)
    if pid is None:
        raise RuntimeError(f"The driver of {resource} is not running")
    return pid


def usage(pid: int) -> Usage:
    """Return what a process uses now."""
    status = Path(f"/proc/{pid}/status").read_text()
    fields = dict(re.findall(r"^(VmRSS|Threads):\s+(\d+)", status, re.MULTILINE))
    files = len(os.listdir(f"/proc/{pid}/fd"))
    return Usage(int(fields["VmRSS"]) / 1024, int(fields["Threads"]), files)


def open_files(pid: int) -> tuple[str, ...]:
    """Return the paths and pipes that a process has open, without its sockets."""
    found = []
    for each in os.listdir(f"/proc/{pid}/fd"):
        with suppress(FileNotFoundError):  # closed meanwhile
            found.append(os.readlink(f"/proc/{pid}/fd/{each}"))
    return tuple(sorted(each for each in found if not each.startswith("socket:")))


def size(lab: Lab, resource: str = RESOURCE) -> Size:
    """Return the size of an idle process that runs the counting driver."""
    sandbox = lab.deploy("counting", {})
    output = lab.cloudshell.session().ExecuteCommand(
        sandbox.id, resource, "Resource", "count_objects"
    )
    lab.cloudshell.end_reservation(sandbox.id)
    counts: dict[str, int] = json.loads(output.Output)
    pid = driver_pid(lab, resource)
    objects, blocks = counts.pop("objects"), counts.pop("blocks")
    return Size(
        Held(**counts, files=open_files(pid)), objects, blocks, usage(pid).megabytes
    )


def find_growth(before: Size, after: Size) -> str | None:
    """
    Return what grew, or None.

    Blocks may be 1 % more. Resident memory may be 10 % more: freed memory of many
    threads is fragmented, so it grows a little without more blocks. The rest is equal.
    """
    if (
        after.held == before.held
        and after.blocks <= _MORE_BLOCKS * before.blocks
        and after.megabytes <= _MORE_MEMORY * before.megabytes
    ):
        return None
    return f"from {before} to {after}: {before.held} to {after.held}"
