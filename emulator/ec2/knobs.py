"""What a test may turn: quotas and page size. Nothing else is configurable."""

from __future__ import annotations

from dataclasses import dataclass, field


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
