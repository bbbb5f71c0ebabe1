"""Try mutants of the product until the time is up: `make mutants`."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from mutmut.mutation.trampoline import set_mutant_under_test

from reliability.mutants.mutation import Mutant, write_mutants
from reliability.mutants.trials import OPTIONS, Trials

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "traffic_mirroring"
FOLDER = ROOT / "build" / "mutants"
RESULTS = FOLDER / "results.json"
EXPLAINED = Path(__file__).with_name("survivors.yaml")
TESTS = [
    "tests/unit",
    "tests/packaging/test_schema.py",
    "tests/scenario/test_commands.py",
]
SURVIVED = ("survived", "no test")
REQUIRED = 90.0
"""Per cent of the mutants that must be killed."""


class Results:
    """The results of all trials; those of unchanged functions are kept in a file."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}
        if RESULTS.exists():
            self._kept = json.loads(RESULTS.read_text())
        self.tried = 0
        self._shown = time.monotonic()

    def of(self, mutant: Mutant) -> str | None:
        """Return killed, survived or 'no test'; None if the mutant was not tried."""
        return self._kept.get(f"{mutant.digest} {mutant.name}")

    def add(self, mutant: Mutant, result: str) -> None:
        """Keep a result, and show the progress from time to time."""
        self._kept[f"{mutant.digest} {mutant.name}"] = result
        self.tried += 1
        if time.monotonic() - self._shown > 10:
            self._shown = time.monotonic()
            self.save()
            print(f"{self.tried} tried", file=sys.stderr)  # noqa: T201 - progress

    def save(self) -> None:
        """Write the results."""
        RESULTS.write_text(json.dumps(self._kept, indent=0))


def main() -> int:
    """Return 0 if enough mutants were killed and all survivors are explained."""
    args = _arguments()
    mutants = [
        each
        for each in write_mutants(PACKAGE, FOLDER / "src")
        if args.only in each.text
    ]
    results = Results()
    untried = [each for each in mutants if results.of(each) is None]
    survived = [each for each in mutants if results.of(each) in SURVIVED]
    random.Random(args.seed).shuffle(untried)  # noqa: S311 - a sample, no secret
    end = time.monotonic() + args.minutes * 60
    _try([*untried, *survived], results, args, lambda: time.monotonic() > end)
    return _report(mutants, results, args.seed)


def _try(
    mutants: list[Mutant],
    results: Results,
    args: argparse.Namespace,
    is_time_up: Callable[[], bool],
) -> None:
    os.chdir(ROOT)
    os.environ["CI"] = "true"  # hypothesis: no random examples, no deadlines
    sys.path.insert(0, str(FOLDER / "src"))
    set_mutant_under_test("stats")
    trials = Trials(
        mutants,
        results.add,
        is_time_up,
        processes=args.processes,
        every=args.every,
        reach_file=FOLDER / f"reach-{_digest_of_tests()}.json",
    )
    code = pytest.main([*OPTIONS, *TESTS], plugins=[trials])
    results.save()
    if code:
        raise SystemExit(f"pytest ended with {code!r}")


def _digest_of_tests() -> str:
    digest = hashlib.sha256()
    for folder in ("src", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _report(mutants: list[Mutant], results: Results, seed: int) -> int:
    by_result = Counter(results.of(each) for each in mutants)
    tried = len(mutants) - by_result[None]
    share = 100 * by_result["killed"] / (tried or 1)
    explained = _explained()
    unexplained = [
        f"{result}: {each.text}"
        for each in mutants
        if (result := results.of(each)) in SURVIVED and each.text not in explained
    ]
    lines = [
        *unexplained,
        f"{by_result['survived']} survived, {by_result['no test']} are reached by no "
        f"test; {EXPLAINED.name} does not explain {len(unexplained)} of them",
        f"mutants killed: {by_result['killed']} of {tried}, {share:.1f} %",
    ]
    if by_result[None]:
        lines[-1] += f" (of {len(mutants)}, chosen at random by seed {seed})"
    print("\n".join(lines))  # noqa: T201 - this is its output
    return int(share < REQUIRED or bool(unexplained))


def _explained() -> set[str]:
    groups = yaml.safe_load(EXPLAINED.read_text()) if EXPLAINED.exists() else []
    return {text for group in groups for text in group["mutants"]}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().randrange(10**6)
    )
    parser.add_argument("--only", default="", help="a part of the mutant's text")
    parser.add_argument(
        "--every", action="store_true", help="run every test that reaches a mutant"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
