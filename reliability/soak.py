"""
Let many sandboxes live in two driver processes, with faults, for some minutes.

`make soak`; `ARGS="--minutes 10 --sandboxes 24 --seed 1 --svg build/soak.svg"`. At the
end every sandbox was cleaned up, EC2 and the pools are empty, and the processes are as
small after the last quarter as after the second.
"""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

from emulator.lab import Lab
from reliability.account import Wrong
from reliability.chart import draw
from reliability.driver_process import COUNTING_DRIVER, find_growth
from reliability.random_life import DOUBLED
from reliability.soak_run import RESOURCES, Quarter, Soak

_QUARTERS = 4
_MORE_LOG = 1.25
"""How much longer the log of a command may get; conditions are random."""


def main() -> int:
    """Print the counts; return 1 if anything was lost or a process grew."""
    options = _options()
    print(f"Seed {options.seed}", flush=True)
    with Lab(driver_folder=COUNTING_DRIVER) as lab:
        soak = Soak(lab, options.sandboxes, options.seed, options.limit)
        try:
            quarters = _run(soak, options.minutes)
            soak.check_empty()
            problems = list(_growth(quarters))
        except Wrong as error:
            problems = [str(error)]
    for name, count in soak.counts.items():
        print(f"{count:7} {name}")
    title = f"{options.minutes:.0f} minutes of {soak.counts['commands']} commands"
    draw(soak.samples, title, options.svg)
    print(f"Drawn: {options.svg}")
    for problem in problems:
        print(f"PROBLEM: {problem}")
    print(
        f"Soak: {options.minutes:.0f} minutes, {soak.counts['sandboxes']} sandboxes, "
        f"{soak.counts['commands']} commands, {soak.counts['changes by hand']} changes "
        f"by hand; mirrors doubled: {soak.counts[DOUBLED]}; problems: {len(problems)}"
    )
    return int(bool(problems))


def _run(soak: Soak, minutes: float) -> list[Quarter]:
    quarters = []
    for number in range(1, _QUARTERS + 1):
        quarters.append(soak.run_quarter(60 * minutes / _QUARTERS))
        for resource, found in quarters[-1].sizes.items():
            print(f"Quarter {number}, {resource:5}: {found}")
        print(f"Quarter {number}: {quarters[-1].log}", flush=True)
    return quarters


def _growth(quarters: list[Quarter]) -> Iterator[str]:
    """Compare the last quarter with the second one, when all caches are full."""
    second, last = quarters[1], quarters[-1]
    for resource in RESOURCES:
        growth = find_growth(second.sizes[resource], last.sizes[resource])
        if growth:
            yield f"the driver of {resource} grew {growth}"
    before, after = (
        each.log.bytes / max(1, each.log.commands) for each in (second, last)
    )
    if after > _MORE_LOG * before:
        yield f"commands log more: {second.log}, then {last.log}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--sandboxes", type=int, default=24, help="at the same time")
    parser.add_argument("--limit", type=int, default=20_000, help="sandboxes in all")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--svg", type=Path, default=Path("build/soak.svg"))
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
