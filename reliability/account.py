"""
The account that the sandboxes of a soak share.

Must not know: what a sandbox does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emulator.lab import Lab
from reliability.counts import Counts


class Wrong(AssertionError):
    """EC2 or the pools are not what the answers say."""


@dataclass(frozen=True)
class Account:
    """A lab, the resources whose driver processes work on it, and what was counted."""

    lab: Lab
    resources: Sequence[str]
    counts: Counts


@dataclass(frozen=True)
class Nics:
    """
    The NICs that a sandbox may mirror from and to.

    No other sandbox uses the first source; the others are shared.
    """

    sources: Sequence[str]
    targets: Sequence[str]
