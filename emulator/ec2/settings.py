"""
What a test can change in the emulated EC2.

Owns: the settings and their defaults, which emulate AWS's. Must not know: who uses
them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from emulator.ec2.actions import Action
from emulator.ec2.throttle import TokenBuckets

# Called with the operation, and whether it writes.
BeforeCall = Callable[[str, bool], None]
# Entered before a request is carried out, left before its reply.
AroundCall = Callable[[Action], AbstractContextManager[None]]


@dataclass
class Quotas:
    """
    AWS's limits.

    `sources_per_large_target` is for targets on the largest instances, see
    mirroring/large_targets.py.
    """

    sessions_per_source: int = 3
    sources_per_target: int = 10
    sources_per_large_target: int = 100
    rules_per_filter: int = 10
    targets: int = 10_000
    filters: int = 10_000
    sessions: int = 10_000


@dataclass(frozen=True)
class Lag:
    """How long a change is not visible: for some requests, and for some seconds."""

    requests: int = 0
    seconds: float = 0.0


@dataclass
class Lags:
    """The lag of each kind of mirroring resource."""

    targets: Lag = Lag()
    filters: Lag = Lag()
    rules: Lag = Lag()
    sessions: Lag = Lag()

    @classmethod
    def of_all(cls, requests: int = 0, seconds: float = 0.0) -> Lags:
        """Return the same lag for all kinds."""
        lag = Lag(requests, seconds)
        return cls(lag, lag, lag, lag)


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
    unknown_lag: Lags = field(default_factory=Lags)
    """
    How long requests that name a new id get NotFound.

    ClientTokens, quotas and in-use checks know a new resource at once.
    """
    creation_lag: Lags = field(default_factory=Lags)
    """How long Describe requests for all, or by a filter, don't list a new resource."""
    deletion_lag: Lags = field(default_factory=Lags)
    """
    How long Describe requests still show what was deleted.

    Other requests know the deletion at once.
    """
    in_use_lag: Lag = Lag()
    """How long a target or filter counts as in use after its session's deletion."""
    start_lag: Lag = Lag()
    """
    How long RunInstances and StartInstances leave an instance pending.

    The requests are those of DescribeInstances.
    """
    clock: Callable[[], float] = time.monotonic
    """The clock of the lags; a test may pass its own."""
    second_targets: bool = False
    """
    Whether a network interface, load balancer or endpoint can have several targets.

    AWS doesn't document it.
    """
    equal_sessions: bool = False
    """
    Whether a source can have several sessions with the same target and filter.

    AWS doesn't document it.
    """
    protocol_0_is_all: bool = False
    """
    Whether a filter rule with protocol 0 is a rule for all protocols.

    AWS doesn't document it. The default rejects protocol 0.
    """
    source_requesters: frozenset[str] = frozenset({"amazon-rds", "amazon-elasticache"})
    """
    The services whose network interfaces can be mirrored, by their requester id.

    AWS's guide names these two. A tool of AWS's own mirrors those of load balancers,
    too: `amazon-elb`.
    """
    hidden_session_numbers: dict[str, set[int]] = field(default_factory=dict)
    """
    Session numbers of interfaces that sessions of another account use.

    In a shared VPC an account doesn't see another account's sessions, but can't use
    their numbers, and they count for the quota.
    """
    unsupported_source_types: frozenset[str] = frozenset()
    """
    Instance types whose interfaces can't be mirrored.

    Empty by default: the types that AWS rejects change, and its error is not
    documented.
    """
    unmirrored_source_types: tuple[str, ...] = (
        *("t1.*", "t2.*", "m1.*", "m2.*", "m3.*", "c1.*", "c3.*", "r3.*", "i2.*"),
        *("c7gn.*", "[cmrx]8*.*", "i7ie.*", "i8g*.*", "hpc7g.*", "hpc8a.*"),
        *("g7e.*", "p5en.*", "p6*.*", "trn2*.*", "[cmr]7*.metal*"),
    )
    """
    Patterns of instance types whose traffic is silently not mirrored.

    Xen, Nitro of version 5 and later, and bare metal of version 3 and later.
    """
    before_call: BeforeCall | None = None
    """
    Called before each request is carried out, in the server's thread, without locks.

    It may block. Its errors are logged. A reset() while it blocks drops the request.
    """
    around_call: AroundCall | None = None
    """
    Surrounds each request like `before_call`, and gets its action.

    The action has the caller's access key. The reply waits until the block is left.
    """
    throttle: TokenBuckets | None = None
    """EC2's requests without a token get RequestLimitExceeded; None: no limits."""
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
    metrics: bool = True
    """
    Count mirrored packets in CloudWatch, at once.

    AWS publishes them every five minutes. Without, CloudWatch has no data.
    """
    congested: bool = False
    """
    Mirror no packet, as AWS does while production traffic needs all bandwidth.

    Packets that a filter accepts count as skipped.
    """
    token_seconds: int | None = None
    """Lifetime of the keys of AssumeRole; None: as requested."""
