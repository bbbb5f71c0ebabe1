"""Run every case on both shells in turns, several times, and report the medians."""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict

from benchmarks.cold_start import STARTS, ready_seconds
from benchmarks.limits import bare_seconds, emulator_rate
from benchmarks.report import Figures, Key, write_report
from benchmarks.side import CommandFailed, Side, both_sides
from benchmarks.stage import Case, Stage
from emulator.ec2 import Throttle, TokenBucket
from emulator.lab import Lab

CASES = [
    Case(*case) for case in ((1, 1), (1, 10), (10, 3), (50, 3), (100, 3), (500, 3))
]
MANY = CASES[-2]
LATENCY = 0.05
STARTS_PER_ROUND = 12  # they are short, and vary
BUCKET = Throttle(burst=50, per_second=10)


class Bench:
    """One run of everything."""

    def __init__(self, lab: Lab, sides: list[Side]) -> None:
        self._lab = lab
        self._sides = sides
        self.figures: Figures = defaultdict(list)

    def run_case(self, case: Case, rounds: int) -> None:
        """Create and remove on each side in turns, with latency and without."""
        stage = Stage(self._lab, case)
        rounds_at = {at: _rounds(case, at, rounds) for at in (LATENCY, 0.0)}
        for turn in range(max(rounds_at.values())):
            for latency in [at for at, most in rounds_at.items() if turn < most]:
                for side in self._sides:
                    with stage.latency(latency):
                        self._create_and_remove(side, stage, case, latency)
                    stage.clear()
                    say(f"{case} at {latency * 1000:.0f} ms: {side.name}")

    def run_starts(self, rounds: int) -> None:
        """Measure the first answer of a new driver, and the second of a warm one."""
        stage = Stage(self._lab, CASES[0])
        for side in self._sides:
            side.from_cold(stage.reservation, stage.create)  # pip's work is not counted
            stage.clear()
        for _ in range(rounds):
            for side in self._sides:
                with stage.latency(LATENCY):
                    first = side.from_cold(stage.reservation, stage.create)
                    side.run(stage.reservation, "RemoveTrafficMirroring", stage.remove)
                    stage.clear()
                    second = side.run(
                        stage.reservation, "CreateTrafficMirroring", stage.create
                    )
                self.figures[Key("first answer", side.name)].append(first)
                self.figures[Key("warm answer", side.name)].append(second.seconds)
                self.figures[Key("warm processor", side.name)].append(second.processor)
                stage.clear()

    def run_throttled(self, case: Case) -> None:
        """Create where EC2 limits the writes, and compare with the limit alone."""
        stage = Stage(self._lab, case)
        for side in self._sides:
            self._lab.ec2.settings.throttle = TokenBucket(BUCKET)
            with stage.latency(LATENCY):
                cost = side.run(
                    stage.reservation, "CreateTrafficMirroring", stage.create
                )
            writes = sum(not call.error_code for call in self._lab.ec2.writes())
            self._lab.ec2.settings.throttle = None
            alone = (writes - BUCKET.burst) / BUCKET.per_second
            self.figures[Key("throttled", side.name, case)].append(cost.seconds)
            self.figures[Key("throttled alone", side.name, case)].append(alone)
            stage.clear()
            say(f"{case} throttled: {side.name}")

    def run_limits(self, case: Case, rounds: int) -> None:
        """Measure what boto3 alone needs for a case, and the emulator alone."""
        stage = Stage(self._lab, case)
        for _ in range(rounds):
            for latency in (LATENCY, 0.0):
                with stage.latency(latency):
                    seconds = bare_seconds(self._lab, stage)
                self.figures[Key("bare", "boto3", case, latency)].append(seconds)
                stage.clear()
            self.figures[Key("rate", "emulator")].append(emulator_rate(self._lab))
            stage.clear()

    def read_peaks(self) -> None:
        """Read the memory that the largest case needed."""
        for side in self._sides:
            self.figures[Key("peak", side.name)].append(side.peak)

    def _create_and_remove(
        self, side: Side, stage: Stage, case: Case, latency: float
    ) -> None:
        for command, actions in (("Create", stage.create), ("Remove", stage.remove)):
            name = f"{command}TrafficMirroring"
            try:
                cost = side.run(stage.reservation, name, actions)
            except CommandFailed as error:
                say(str(error))
                return
            for what, value in vars(cost).items():
                key = Key(f"{command} {what}", side.name, case, latency)
                self.figures[key].append(value)


def say(what: str) -> None:
    """Tell that something is done."""
    print(what, file=sys.stderr, flush=True)  # noqa: T201 - progress


def _rounds(case: Case, latency: float, rounds: int) -> int:
    """Try more often what is short and varies; the largest case takes minutes."""
    if not latency:
        return 2 * rounds
    return (rounds + 1) // 2 if case == CASES[-1] else rounds


def main() -> None:
    """Run the benchmarks and write docs/performance.md and its chart."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--largest", type=int, default=500)
    options.add_argument("--python", default="3.9")
    given = options.parse_args()
    cases = [case for case in CASES if case.mirrors <= given.largest]
    with both_sides(given.python) as (lab, sides):
        bench = Bench(lab, sides)
        bench.run_starts(given.rounds)
        for case in cases:
            bench.run_case(case, given.rounds)
        bench.read_peaks()
        if given.largest >= MANY.mirrors:
            bench.run_throttled(MANY)
            bench.run_limits(MANY, given.rounds)
        for _ in range(STARTS_PER_ROUND * given.rounds):
            for start in STARTS:
                bench.figures[Key(*start)].append(ready_seconds(lab, *start))
    write_report(bench.figures, cases, LATENCY)


if __name__ == "__main__":
    main()
