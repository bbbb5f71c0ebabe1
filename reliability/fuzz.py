"""
Fuzz the request parsers for a few minutes: `make fuzz`.

Owns the two processes, one guided by coverage (atheris) and one by properties
(Hypothesis), their time, and the figure in the last line. Must not know the invariants.

A request that breaks one is kept in tests/corpus, which the unit tests replay.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from reliability.request_names import NAMES

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "tests" / "corpus"
_SLOWEST_REQUEST = 10
"""Seconds for one request, above which it counts as failed."""


class Fuzzer:
    """A process that tries requests; its output goes to a file."""

    def __init__(self, name: str, output: Path, *arguments: str) -> None:
        self.name = name
        self._output = output
        with output.open("w") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                stdout=file,
                stderr=subprocess.STDOUT,
            )

    def has_failed(self) -> bool:
        """Wait for the end; return whether a request broke an invariant."""
        return self._process.wait() != 0

    @property
    def output(self) -> str:
        """All that the process has printed."""
        return self._output.read_text(errors="backslashreplace")

    def last_number(self, pattern: str) -> int:
        """Return the last number that the process printed in this form, or 0."""
        numbers = re.findall(pattern, self.output)
        return int(numbers[-1]) if numbers else 0


def main(arguments: Sequence[str]) -> int:
    """Run the processes; return 1 if one of them found a request that fails."""
    parser = argparse.ArgumentParser(prog="make fuzz", description="Fuzz the parsers.")
    parser.add_argument("--minutes", type=float, default=3.0, help="default: 3")
    parser.add_argument("--seed", type=int, default=random.randrange(1, 2**31))  # noqa: S311  # no secret
    options = parser.parse_args(arguments)
    print(f"Fuzzing for {options.minutes:g} minutes, seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        return _fuzz(Path(folder), max(1, int(options.minutes * 60)), options.seed)


def _fuzz(folder: Path, seconds: int, seed: int) -> int:
    fuzzers = [_start_properties(folder, seconds, seed)]
    if importlib.util.find_spec("atheris"):
        fuzzers.append(_start_coverage(folder, seconds, seed))
    else:
        print("atheris is not installed, so no request is guided by coverage")
    failed = [each for each in fuzzers if each.has_failed()]
    for each in failed:
        print(f"By {each.name}, a request was found that fails:\n{each.output[-6000:]}")
    counts = ", ".join(f"{_requests(each):,} by {each.name}" for each in fuzzers)
    branches = fuzzers[-1].last_number(r"cov: (\d+)")
    print(f"fuzz: {counts} ({branches} branches); {len(failed)} failed")
    return 1 if failed else 0


def _requests(fuzzer: Fuzzer) -> int:
    return fuzzer.last_number(r"(?:number_of_executed_units:|checked) (\d+)")


def _start_properties(folder: Path, seconds: int, seed: int) -> Fuzzer:
    program = "reliability.property_target"
    return Fuzzer(
        *("properties", folder / "properties", program, str(seconds), str(seed)),
        str(CORPUS),
    )


def _start_coverage(folder: Path, seconds: int, seed: int) -> Fuzzer:
    words, new = folder / "words", folder / "new"
    new.mkdir()
    words.write_text("".join(f'"{name}"\n' for name in NAMES))
    return Fuzzer(
        *("coverage", folder / "coverage", "reliability.fuzz_target"),
        *(str(new), str(CORPUS), f"-max_total_time={seconds}", f"-seed={seed}"),
        *(f"-timeout={_SLOWEST_REQUEST}", f"-artifact_prefix={CORPUS}/"),
        *(f"-dict={words}", "-max_len=20000", "-print_final_stats=1"),
        *("-rss_limit_mb=1024",),
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
