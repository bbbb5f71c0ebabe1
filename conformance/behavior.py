"""
What a behavior is: a sentence, how certain it is, and a function that tries it.

Owns: the decorators that make behaviors of functions. Must not know: EC2.

The function's name is the id, its docstring the sentence. It returns what was observed,
without ids and other words that differ from account to account.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase

from conformance.trial import Trial

Observe = Callable[[Trial], str]


class Certainty(Enum):
    """How a behavior of AWS is known."""

    DOCUMENTED = "documented"
    """AWS's documentation says so."""
    SEEN = "seen"
    """Not documented, but real calls were answered so."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Behavior:
    """A behavior of the API."""

    id: str
    sentence: str
    certainty: Certainty
    page: str
    """The AWS page that says so, or the one that leaves it open."""
    expected: tuple[str, ...]
    """Patterns of what AWS does; `*` is any text. Empty if it is unknown."""
    observe: Observe

    def allows(self, observed: str) -> bool:
        """Return whether AWS is known to behave like this."""
        return any(fnmatchcase(observed, pattern) for pattern in self.expected)


def documented(page: str, *expected: str) -> Callable[[Observe], Behavior]:
    """Make a behavior that the page documents."""
    return _behavior(Certainty.DOCUMENTED, page, expected)


def seen(page: str, *expected: str) -> Callable[[Observe], Behavior]:
    """Make a behavior that the page doesn't have, but that real calls showed."""
    return _behavior(Certainty.SEEN, page, expected)


def unknown(page: str) -> Callable[[Observe], Behavior]:
    """Make a behavior that the page leaves open."""
    return _behavior(Certainty.UNKNOWN, page, ())


def _behavior(
    certainty: Certainty, page: str, expected: tuple[str, ...]
) -> Callable[[Observe], Behavior]:
    def make(observe: Observe) -> Behavior:
        sentence = " ".join((inspect.getdoc(observe) or "").split())
        name = observe.__name__.replace("_", "-")
        return Behavior(name, sentence, certainty, page, expected, observe)

    return make
