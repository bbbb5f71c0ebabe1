"""
All behaviors, in the order in which they are tried and printed.

Owns: the order. Must not know: where they are tried.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from types import ModuleType

from conformance.behavior import Behavior
from conformance.behaviors import (
    deletion,
    describe,
    filters,
    modified_rules,
    modified_sessions,
    open_questions,
    paging,
    requests,
    rules,
    sessions,
    sources,
    targets,
)

_MODULES = (
    open_questions,
    targets,
    filters,
    rules,
    modified_rules,
    sessions,
    sources,
    modified_sessions,
    deletion,
    describe,
    paging,
    requests,
)


def _behaviors_in(module: ModuleType) -> list[Behavior]:
    return [each for each in vars(module).values() if isinstance(each, Behavior)]


BEHAVIORS: tuple[Behavior, ...] = tuple(
    behavior for module in _MODULES for behavior in _behaviors_in(module)
)


def matching(pattern: str | None) -> tuple[Behavior, ...]:
    """Return the behaviors whose id matches a pattern with wildcards; None: all."""
    if pattern is None:
        return BEHAVIORS
    return tuple(each for each in BEHAVIORS if fnmatchcase(each.id, pattern))
