"""
What a test can change in the emulated EC2.

Owns: the settings and their defaults, which emulate AWS's. Must not know: who uses
them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from emulator.ec2.throttle import TokenBucket

# Called with the operation, and whether it writes.
BeforeCall = Callable[[str, bool], None]


@dataclass
class Quotas:
    """AWS's limits; on AWS, `sources_per_target` is 100 for the largest instances."""

    sessions_per_source: int = 3
    sources_per_target: int = 10
    rules_per_filter: int = 10
    targets: int = 10_000
    filters: int = 10_000
    sessions: int = 10_000


@dataclass
class Settings:
    """The settings of all accounts and regions of one emulator."""

    quotas: Quotas = field(default_factory=Quotas)
    page_size: int | None = None
    """Results per page if a Describe call has no MaxResults; None: 1000."""
    page_limit: int | None = None
    """
    Results per page at most, whatever MaxResults is; None: MaxResults.

    AWS may return fewer results than MaxResults, with a token for the next page.
    """
    latency: float = 0.0
    """Minimum seconds per request, processing included."""
    propagation_requests: int = 0
    """
    How many requests a new id needs to propagate.

    This many requests that name the id get NotFound, and this many Describe requests
    for all don't list it. ClientTokens, quotas and in-use checks know it at once.
    """
    in_use_requests: int = 0
    """How many deletions of a target or filter get InUse after its session's."""
    unsupported_source_types: frozenset[str] = frozenset()
    """
    Instance types whose interfaces can't be mirrored.

    Empty by default: the types that AWS rejects change, and its error is not
    documented.
    """
    before_call: BeforeCall | None = None
    """
    Called before each request is carried out, in the server's thread, without locks.

    It may block. Its errors are logged. A reset() while it blocks drops the request.
    """
    throttle: TokenBucket | None = None
    """Writes without a token get RequestLimitExceeded."""
    empty_filters: bool = False
    """
    Accept a filter without values in a Describe call, which then finds nothing.

    AWS has been seen to do so. The default is stricter.
    """
    ids_before_permissions: bool = False
    """
    Check whether ids are valid and exist before permissions, and before a dry run ends.

    AWS does so for some actions. For those of traffic mirroring it is not documented.
    """
    token_seconds: int | None = None
    """Lifetime of the keys of AssumeRole; None: as requested."""
