"""Run every case several times on both shells alternately and report the medians."""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable

from benchmarks.cold_start import STARTS, ready_seconds
from benchmarks.limits import bare_seconds, emulator_rate
from benchmarks.report import Key, Measurements, write_report
from benchmarks.shell import CommandFailed, Shell, both_shells
from benchmarks.workload import Case, Workload
from emulator.ec2 import Call, Throttles, TokenBuckets
from emulator.lab import Lab

CASES = [
    Case(*case) for case in ((1, 1), (1, 10), (10, 3), (50, 3), (100, 3), (500, 3))
]
MANY = CASES[-2]
LATENCY = 0.05
STARTS_PER_ROUND = 12  # starts are short and vary
WRITES = Throttles().writes


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

    def run_throttled(self, case: Case) -> None:
        """Create under EC2's own limits, and compare with what these alone demand."""
        workload = Workload(self._lab, case)
        for shell in self._shells:
            self._lab.ec2.settings.throttle = TokenBuckets()
            with workload.latency(LATENCY):
                cost = shell.run(
                    workload.reservation, "CreateTrafficMirroring", workload.create
                )
            calls = self._lab.ec2.calls
            self._lab.ec2.settings.throttle = None
            for metric, value in (
                ("throttled", cost.seconds),
                ("throttled alone", _limit_seconds(calls)),
                ("throttled calls", sum(bool(call.error_code) for call in calls)),
            ):
                self.measurements[Key(metric, shell.name, case)].append(value)
            workload.clear()
            report_progress(f"{case} throttled: {shell.name}")

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
            for metric, value in vars(cost).items():
                key = Key(f"{command} {metric}", shell.name, case, latency)
                self.measurements[key].append(value)


def report_progress(message: str) -> None:
    """Print a progress message."""
    print(message, file=sys.stderr, flush=True)  # noqa: T201 - progress


def _limit_seconds(calls: Iterable[Call]) -> float:
    """Return how long the bucket of the most frequent write takes to serve it."""
    served = Counter(
        call.operation for call in calls if call.writes and not call.error_code
    )
    return (max(served.values()) - WRITES.burst) / WRITES.per_second


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
    with both_shells(given.python) as (lab, shells):
        bench = Bench(lab, shells)
        bench.run_starts(given.rounds)
        for case in cases:
            bench.run_case(case, given.rounds)
        bench.read_peaks()
        if given.largest >= MANY.mirrors:
            bench.run_throttled(MANY)
            bench.run_limits(MANY, given.rounds)
        for _ in range(STARTS_PER_ROUND * given.rounds):
            for start in STARTS:
                bench.measurements[Key(*start)].append(ready_seconds(lab, *start))
    write_report(bench.measurements, cases, LATENCY)


if __name__ == "__main__":
    main()
