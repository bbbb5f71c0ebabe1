"""
Owns: the limits of concurrency, retries and waits, with their defaults.

Must not know: what uses them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from traffic_mirroring.aws.retries import RetryPolicy


@dataclass(frozen=True)
class Limits:
    """
    Concurrency and retry limits.

    A command works on `max_concurrency` actions at once, and makes as many of their
    calls: enough for the ten rules that a filter can have, and not so many that EC2,
    whose token buckets refill slowly, would only throttle them.
    AWS calls that fail for a transient reason are made up to `max_attempts` times. A
    throttled call is retried until EC2 has served no call of its action for
    `throttle_patience` seconds: a Create has up to four such steps in a row, rollback
    included, so a command that cannot succeed fails within two minutes.
    `retry_policy` is for EC2's eventual consistency; `start_policy` bounds the wait for
    a target instance that is starting, by default to a minute.
    """

    max_concurrency: int = 16
    max_attempts: int = 4
    throttle_patience: float = 20.0
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    start_policy: RetryPolicy = field(
        default_factory=lambda: RetryPolicy(31, first_wait=2_000, longest_wait=2_000)
    )
