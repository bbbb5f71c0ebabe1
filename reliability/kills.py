"""
Kill driver processes right after every writing call, and at random moments.

`make kills`; `ARGS="--random 140 --minutes 15 --seed 1 --jobs 3"`. After each kill the
same request is sent again to a new process, then the sandbox is cleaned up.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

from emulator.lab import Lab
from reliability.kill_points import AfterCall, AfterSeconds, KillPoint
from reliability.killed_commands import COMMANDS, KilledCommands, Lost

_LATENCY = 0.02
_LONGEST = 0.6
"""Seconds that a command takes here at most, the start of its process apart."""

Plan = tuple[str, KillPoint]


@dataclass(frozen=True)
class Outcome:
    """A kill, whether it came in time, the numbers still held, and what was lost."""

    command: str
    point: KillPoint
    killed: bool = True
    numbers: tuple[str, ...] = ()
    lost: str | None = None


def main() -> int:
    """Run the trials and print the counts; return 1 if anything was lost."""
    options = _options()
    print(f"Seed {options.seed}")
    ends = time.monotonic() + 60 * options.minutes
    outcomes: list[Outcome] = []
    plans = _shares(list(_plans(options.random, options.seed)), options.jobs)
    with ProcessPoolExecutor(options.jobs) as jobs:
        for found in jobs.map(partial(run_trials, ends=ends), plans):
            outcomes += found
    _print(outcomes)
    return int(any(each.lost for each in outcomes))


def run_trials(plans: Sequence[Plan], ends: float) -> list[Outcome]:
    """Run trials in one lab until the time is over; go on in a new lab after a loss."""
    outcomes: list[Outcome] = []
    while len(outcomes) < len(plans) and time.monotonic() < ends:
        with Lab() as lab:
            trials = KilledCommands(lab, _LATENCY)
            for command, point in plans[len(outcomes) :]:
                outcomes.append(_run(trials, command, point))
                if outcomes[-1].lost or time.monotonic() > ends:
                    break
    return outcomes


def _run(trials: KilledCommands, command: str, point: KillPoint) -> Outcome:
    try:
        trial = trials.run(command, point)
    except Lost as error:
        return Outcome(command, point, lost=str(error))
    numbers = sorted(f"number {number} of {nic}" for nic, number in trial.numbers)
    return Outcome(command, point, trial.killed, tuple(numbers))


def _plans(count: int, seed: int) -> Iterator[Plan]:
    """Yield a kill after every writing call of every command, then random ones."""
    with Lab() as lab:
        trials = KilledCommands(lab)
        calls = {command: trials.count_calls(command) for command in COMMANDS}
    for command, counts in calls.items():
        for operation, calls_made in counts.items():
            for index in range(calls_made):
                yield command, AfterCall(operation, index)
    choose = random.Random(seed)  # noqa: S311  # no secret
    for _ in range(count):
        yield (
            choose.choice(COMMANDS),
            AfterSeconds(choose.uniform(0, _LONGEST)),
        )


def _shares(plans: Sequence[Plan], jobs: int) -> list[Sequence[Plan]]:
    return [plans[first::jobs] for first in range(jobs)]


def _print(outcomes: Sequence[Outcome]) -> None:
    killed = [each for each in outcomes if each.killed]
    for command, count in Counter(each.command for each in killed).items():
        print(f"{count:4} kills during {command}")
    for each in outcomes:
        for number in each.numbers:
            print(
                f"Until the sandbox ends, {number} is held "
                f"({each.command} killed after {each.point})"
            )
        if each.lost:
            print(f"LOST: {each.command} killed after {each.point}: {each.lost}")
    late = len(outcomes) - len(killed)
    random_kills = sum(isinstance(each.point, AfterSeconds) for each in killed)
    held = sum(len(each.numbers) for each in outcomes)
    lost = sum(bool(each.lost) for each in outcomes)
    print(
        f"Kills: {len(killed)} ({len(killed) - random_kills} after writing calls, "
        f"{random_kills} at random; {late} came too late); lost: {lost}; numbers held "
        f"until the sandbox ends: {held}"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--random", type=int, default=140, help="random moments")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--jobs", type=int, default=3, help="labs at the same time")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
