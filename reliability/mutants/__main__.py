"""Try mutants of the product until the time is up: `make mutants`."""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from mutmut.mutation.trampoline import set_mutant_under_test

from reliability.mutants.mutation import Mutant, write_mutants
from reliability.mutants.results import Results, report
from reliability.mutants.trials import OPTIONS, Trials

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Subject:
    """
    A package, its tests as pytest's arguments, and the folder of explained survivors.

    The mutants and the results are kept in `folder`.
    """

    root: Path
    package: Path
    tests: tuple[str, ...]
    explanations: Path
    folder: Path


PRODUCT = Subject(
    root=ROOT,
    package=ROOT / "src" / "traffic_mirroring",
    # The scenarios that run in the tests' own process; the others take too long.
    tests=(
        "tests/unit",
        "tests/packaging/test_schema.py",
        "tests/scenario/test_commands.py",
    ),
    explanations=Path(__file__).with_name("survivors"),
    folder=ROOT / "build" / "mutants",
)


def main(subject: Subject = PRODUCT, arguments: Sequence[str] | None = None) -> int:
    """Return 0 if enough mutants were killed and all survivors are explained."""
    args = _arguments(arguments)
    os.chdir(subject.root)  # mutmut and pytest read their settings here
    mutants = [
        each
        for each in write_mutants(subject.package, subject.folder / "src")
        if args.only in each.text
    ]
    results = Results(subject.folder / "results.json")
    _try(subject, _in_order(mutants, results, args.seed), results, args)
    enough, lines = report(mutants, results, subject.explanations, args.seed)
    print("\n".join(lines))
    return int(not enough)


def _in_order(mutants: list[Mutant], results: Results, seed: int) -> list[Mutant]:
    """Return those that survived before, and then new ones in random order."""
    new = [each for each in mutants if results.of(each) is None]
    random.Random(seed).shuffle(new)  # noqa: S311 - a sample, no secret
    return [*(each for each in mutants if results.survived(each)), *new]


def _try(
    subject: Subject, mutants: list[Mutant], results: Results, args: argparse.Namespace
) -> None:
    end = time.monotonic() + args.minutes * 60
    os.environ["CI"] = "true"  # hypothesis: no random examples, no deadlines
    sys.path.insert(0, str(subject.folder / "src"))
    set_mutant_under_test("stats")
    trials = Trials(
        mutants,
        results.add,
        lambda: time.monotonic() > end,
        processes=args.processes,
        every=args.every,
        reach_file=subject.folder / f"reach-{_digest(subject)}.json",
    )
    code = pytest.main([*OPTIONS, *subject.tests], plugins=[trials])
    results.save()
    if code:
        raise SystemExit(f"pytest ended with {code!r}")


def _digest(subject: Subject) -> str:
    """Return a hash of what decides which tests reach a function."""
    digest = hashlib.sha256()
    folders = {subject.root / test.partition("/")[0] for test in subject.tests}
    for folder in (subject.package, *sorted(folders)):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
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
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
