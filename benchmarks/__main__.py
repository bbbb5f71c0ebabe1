"""Run every case several times on all shells in turn and report the medians."""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable
from functools import partial

from benchmarks import contenders
from benchmarks.cold_start import STARTS, ready_seconds
from benchmarks.costs import Cost
from benchmarks.limits import bare_seconds, emulator_rate
from benchmarks.report import LIST, Key, Measurements, write_report
from benchmarks.shell import CommandFailed, Shell
from benchmarks.throttled import (
    LATENCY,
    Throttled,
    create_beside_neighbour,
    create_in_processes,
)
from benchmarks.workload import Case, Workload
from emulator.lab import Lab

CASES = [
    Case(*case) for case in ((1, 1), (1, 10), (10, 3), (50, 3), (100, 3), (500, 3))
]
MANY, HALF = Case(100, 3), Case(50, 3)
LISTED = [Case(1, 3), Case(100, 3), Case(500, 3)]
STARTS_PER_ROUND = 12  # starts are short and vary


class Bench:
    """One run of all benchmarks."""

    def __init__(self, lab: Lab, shells: list[Shell]) -> None:
        self._lab = lab
        self._shells = shells
        self.measurements: Measurements = defaultdict(list)

    def run_case(self, case: Case, rounds: int) -> None:
        """Create and remove on the shells alternately, with and without latency."""
        workload = Workload(self._lab, case)
        rounds_at = {at: _rounds(case, at, rounds) for at in (LATENCY, 0.0)}
        for turn in range(max(rounds_at.values())):
            for latency in [at for at, most in rounds_at.items() if turn < most]:
                for shell in self._shells:
                    with workload.latency(latency):
                        self._create_and_remove(shell, workload, case, latency)
                    workload.clear()
                    report_progress(f"{case} at {latency * 1000:.0f} ms: {shell.name}")

    def run_starts(self, rounds: int) -> None:
        """Measure the first answer of a new driver and the answer of a running one."""
        workload = Workload(self._lab, CASES[0])
        for shell in self._shells:
            # The first start installs the driver's packages and isn't measured.
            shell.seconds_from_cold(workload.reservation, workload.create)
            workload.clear()
        for _ in range(rounds):
            for shell in self._shells:
                with workload.latency(LATENCY):
                    first = shell.seconds_from_cold(
                        workload.reservation, workload.create
                    )
                    shell.run(
                        workload.reservation, "RemoveTrafficMirroring", workload.remove
                    )
                    workload.clear()
                    second = shell.run(
                        workload.reservation, "CreateTrafficMirroring", workload.create
                    )
                self.measurements[Key("first answer", shell.name)].append(first)
                self.measurements[Key("warm answer", shell.name)].append(second.seconds)
                self.measurements[Key("warm processor", shell.name)].append(
                    second.processor
                )
                workload.clear()

    def run_listing(self, rounds: int) -> None:
        """List mirrors, which only this shell can."""
        shell = next(it for it in self._shells if it.name == contenders.THIS_SHELL)
        for case in LISTED:
            workload = Workload(self._lab, case)
            shell.run(workload.reservation, "CreateTrafficMirroring", workload.create)
            for _ in range(rounds):
                with workload.latency(LATENCY):
                    cost = shell.run(workload.reservation, LIST, workload.listing)
                self._record(LIST, shell, case, LATENCY, cost)
            workload.clear()
            report_progress(f"{case} listed")

    def run_throttled(self) -> None:
        """Create under EC2's own limits."""
        one, many = Workload(self._lab, CASES[0]), Workload(self._lab, MANY)
        halves = [Workload(self._lab, HALF) for _ in range(2)]
        for shell in self._shells:
            if shell.name == contenders.STOCK_SHELL:
                alone = partial(create_in_processes, self._lab, [shell], [many])
                runs = {"one process": alone}
            else:
                both = [shell, contenders.second_process(shell)]
                runs = {
                    "one process": partial(
                        create_beside_neighbour, self._lab, shell, many, one
                    ),
                    "two processes": partial(
                        create_in_processes, self._lab, both, halves
                    ),
                }
            for title, run in runs.items():
                self._record_throttled(title, shell, run)
                many.clear()

    def _record_throttled(
        self, title: str, shell: Shell, run: Callable[[], Throttled]
    ) -> None:
        try:
            throttled = run()
        except CommandFailed as error:
            report_progress(str(error))
        else:
            for metric, values in (
                (title, [throttled.seconds]),
                (f"{title} alone", [throttled.alone]),
                (f"{title} throttled calls", [throttled.throttled_calls]),
                ("neighbour", throttled.neighbour),
            ):
                self.measurements[Key(metric, shell.name)].extend(values)
        report_progress(f"{title}, throttled: {shell.name}")

    def run_limits(self, case: Case, rounds: int) -> None:
        """Measure boto3 alone and the emulator alone."""
        workload = Workload(self._lab, case)
        for _ in range(rounds):
            for latency in (LATENCY, 0.0):
                with workload.latency(latency):
                    seconds = bare_seconds(self._lab, workload)
                self.measurements[Key("bare", "boto3", case, latency)].append(seconds)
                workload.clear()
            self.measurements[Key("rate", "emulator")].append(emulator_rate(self._lab))
            workload.clear()

    def read_peaks(self) -> None:
        """Read each driver's peak memory after the largest case."""
        for shell in self._shells:
            self.measurements[Key("peak", shell.name)].append(shell.peak_megabytes)

    def _create_and_remove(
        self, shell: Shell, workload: Workload, case: Case, latency: float
    ) -> None:
        for command, actions in (
            ("Create", workload.create),
            ("Remove", workload.remove),
        ):
            name = f"{command}TrafficMirroring"
            try:
                cost = shell.run(workload.reservation, name, actions)
            except CommandFailed as error:
                report_progress(str(error))
                return
            self._record(command, shell, case, latency, cost)

    def _record(
        self, title: str, shell: Shell, case: Case, latency: float, cost: Cost
    ) -> None:
        for metric, value in vars(cost).items():
            key = Key(f"{title} {metric}", shell.name, case, latency)
            self.measurements[key].append(value)


def report_progress(message: str) -> None:
    """Print a progress message."""
    print(message, file=sys.stderr, flush=True)  # noqa: T201 - progress


def _rounds(case: Case, latency: float, rounds: int) -> int:
    """Repeat short cases, which vary, more often than the largest one."""
    if not latency:
        return 2 * rounds
    return (rounds + 1) // 2 if case == CASES[-1] else rounds


def main() -> None:
    """Run the benchmarks and write docs/performance.md and its chart."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5, help="runs per case")
    options.add_argument(
        "--largest", type=int, default=500, help="skip cases with more mirrors"
    )
    options.add_argument("--python", default="3.9", help="version for the drivers")
    given = options.parse_args()
    cases = [case for case in CASES if case.mirrors <= given.largest]
    with contenders.lab_with(contenders.ALL, given.python) as (lab, shells):
        bench = Bench(lab, shells)
        bench.run_starts(given.rounds)
        for case in cases:
            bench.run_case(case, given.rounds)
        bench.read_peaks()
        bench.run_listing(given.rounds)
        if given.largest >= MANY.mirrors:
            bench.run_throttled()
            bench.run_limits(MANY, given.rounds)
        for _ in range(STARTS_PER_ROUND * given.rounds):
            for start in STARTS:
                bench.measurements[Key(*start)].append(ready_seconds(lab, *start))
    write_report(bench.measurements, cases, LATENCY)


if __name__ == "__main__":
    main()
