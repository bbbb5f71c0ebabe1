"""
What is printed: one line per behavior, details if there are any, a line of figures.

Owns: the layout of the text. Must not know: how a verdict is reached.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from conformance.cleanup import Leftover
from conformance.verdicts import Judgement, Verdict

_WIDTH = max(len(verdict.value) for verdict in Verdict) + 2


def lines_of(judgement: Judgement) -> list[str]:
    """Return the lines about one behavior."""
    behavior = judgement.behavior
    head = f"{judgement.verdict.value:{_WIDTH}}{behavior.sentence} [{behavior.id}]"
    return [head, *(f"{'':{_WIDTH}}{detail}" for detail in judgement.details)]


def figures(judgements: Iterable[Judgement]) -> str:
    """Return how many behaviors have each verdict."""
    counts = Counter(judgement.verdict for judgement in judgements)
    parts = [f"{counts[verdict]} {verdict.value}" for verdict in Verdict]
    return f"{counts.total()} behaviors: {', '.join(parts)}"


def exit_code(judgements: Iterable[Judgement]) -> int:
    """Return 1 if a behavior is different."""
    return int(any(each.verdict is Verdict.DIFFERENT for each in judgements))


def plan_of(counts: Mapping[str, int]) -> str:
    """Return what a run creates and deletes, in words."""
    return ", ".join(
        f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items()
    )


def lines_of_leftovers(leftovers: Iterable[Leftover]) -> list[str]:
    """Return a line for each leftover, with the reason."""
    return [f"NOT DELETED: {each.what}: {each.reason}" for each in leftovers]
