"""
In how many processes the tests run: `--numprocesses auto`.

Each worker first imports all the tests that it may have to run, which takes longer than
a few tests themselves.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

MAX_PROCESSES = 4


def number_of_processes(option: Namespace, args: Iterable[str]) -> int:
    """
    Return the number of worker processes for pytest's options and arguments.

    0 means that pytest runs the tests itself: those that `-k` or `--last-failed`
    selects, or single files and tests.
    """
    selects = option.keyword and not option.keyword.startswith("not ")
    if selects or getattr(option, "lf", False):
        return 0
    if any(Path(each).is_dir() for each in args):
        return MAX_PROCESSES
    # A worker gets whole files.
    files = {each for each in args if "::" not in each}
    return min(len(files), MAX_PROCESSES) if len(files) > 1 else 0
