"""What a test may turn, all of it off at first. Nothing else is configurable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from emulator.ec2.throttle import Bucket

# Told of each request: its operation, and whether it writes.
BeforeCall = Callable[[str, bool], None]


@dataclass
class Quotas:
    """AWS's limits; `sources_per_target` is 100 on AWS for the largest instances."""

    sessions_per_source: int = 3
    sources_per_target: int = 10
    rules_per_filter: int = 10
    targets: int = 10_000
    filters: int = 10_000
    sessions: int = 10_000


@dataclass
class Knobs:
    """Shared by all accounts and regions of one emulator."""

    quotas: Quotas = field(default_factory=Quotas)
    page_size: int | None = None
    latency: float = 0.0
    unknown_for: int = 0
    in_use_for: int = 0
    refuse_source_types: frozenset[str] = frozenset()
    before_call: BeforeCall | None = None
    bucket: Bucket | None = None
    empty_filters: bool = False
