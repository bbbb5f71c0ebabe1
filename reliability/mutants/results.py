"""
Owns: the results of the trials, those of earlier runs included, and the report.

Must not know: mutmut, pytest.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import yaml

from reliability.mutants.mutation import Mutant

KILLED = "killed"
SURVIVED = "survived"
NO_TEST = "no test"
REQUIRED = 90.0
"""Per cent of the mutants that must be killed."""

_PAUSE = 10
"""Seconds between two writes."""


class Results:
    """The result of each mutant, kept in a file for as long as its function is."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._kept: dict[str, str] = {}
        if file.exists():
            self._kept = json.loads(file.read_text())
        self._written = time.monotonic()

    def of(self, mutant: Mutant) -> str | None:
        """Return KILLED, SURVIVED or NO_TEST; None if the mutant was not tried."""
        return self._kept.get(_key(mutant))

    def survived(self, mutant: Mutant) -> bool:
        """Return whether no test failed."""
        return self.of(mutant) in (SURVIVED, NO_TEST)

    def add(self, mutant: Mutant, result: str) -> None:
        """Keep a result."""
        self._kept[_key(mutant)] = result
        if time.monotonic() - self._written > _PAUSE:
            self.save()

    def save(self) -> None:
        """Write the results."""
        self._written = time.monotonic()
        self._file.write_text(json.dumps(self._kept, indent=0))


def report(
    mutants: Sequence[Mutant], results: Results, explanations: Path, seed: int
) -> tuple[bool, list[str]]:
    """Return whether enough mutants were killed and the others explained, and lines."""
    count = Counter(results.of(each) for each in mutants)
    tried = len(mutants) - count[None]
    share = 100 * count[KILLED] / (tried or 1)
    explained = read_explained(explanations)
    unexplained = [
        f"{results.of(each)}: {each.text}"
        for each in mutants
        if results.survived(each) and each.text not in explained
    ]
    last = f"mutants killed: {count[KILLED]} of {tried}, {share:.1f} %"
    if count[None]:
        last += f" (of {len(mutants)}, chosen at random by seed {seed})"
    lines = [
        *unexplained,
        f"{count[SURVIVED]} survived, {count[NO_TEST]} are reached by no test; "
        f"{explanations.name}/ does not explain {len(unexplained)} of them",
        last,
    ]
    return share >= REQUIRED and not unexplained, lines


def read_explained(explanations: Path) -> set[str]:
    """Return the texts of the mutants that may survive, from the files of a folder."""
    return {
        text
        for file in explanations.glob("*.yaml")
        for group in yaml.safe_load(file.read_text())
        for text in group["mutants"]
    }


def _key(mutant: Mutant) -> str:
    return f"{mutant.digest} {mutant.text}"
