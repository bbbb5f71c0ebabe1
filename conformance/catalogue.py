"""
All behaviours, in the order in which they are tried and printed.

Owns: the order. Must not know: where they are tried.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from types import ModuleType

from conformance.behaviour import Behaviour
from conformance.behaviours import (
    deletion,
    describe,
    filters,
    modified_sessions,
    open_questions,
    requests,
    rules,
    sessions,
    targets,
)

_MODULES = (
    open_questions,
    targets,
    filters,
    rules,
    sessions,
    modified_sessions,
    deletion,
    describe,
    requests,
)


def _behaviours_in(module: ModuleType) -> list[Behaviour]:
    return [each for each in vars(module).values() if isinstance(each, Behaviour)]


BEHAVIOURS: tuple[Behaviour, ...] = tuple(
    behaviour for module in _MODULES for behaviour in _behaviours_in(module)
)


def matching(pattern: str | None) -> tuple[Behaviour, ...]:
    """Return the behaviours whose id matches a pattern with wildcards; None: all."""
    if pattern is None:
        return BEHAVIOURS
    return tuple(each for each in BEHAVIOURS if fnmatchcase(each.id, pattern))
