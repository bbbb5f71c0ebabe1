"""
The token buckets by which EC2 limits the request rate of an account.

Owns: the size of each action's bucket, and how many tokens there are. Must not know:
what a request without a token gets.
https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from emulator.ec2.actions import READING, Action

_LARGE_LISTS = {
    "DescribeInstances",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroups",
}
_NARROWING = ("Filter", "MaxResults", "InstanceId", "NetworkInterfaceId", "Group")


@dataclass(frozen=True)
class Throttle:
    """The size of a bucket, and how many tokens a second are added to it."""

    burst: int
    per_second: float


@dataclass(frozen=True)
class Throttles:
    """
    The buckets of each kind of action; the defaults are AWS's.

    `unfiltered` is for lists of instances, interfaces and security groups that neither
    filters, ids nor MaxResults narrow. AWS doesn't document the kind of the traffic
    mirroring actions; they are on no list of exceptions.
    """

    writes: Throttle = Throttle(50, 5)
    reads: Throttle = Throttle(100, 20)
    unfiltered: Throttle = Throttle(50, 10)
    exceptions: Mapping[str, Throttle] = field(
        default_factory=lambda: {"CreateTags": Throttle(100, 10)}
    )

    def of(self, action: Action) -> Throttle:
        """Return the bucket of an action; a dry run has the same one."""
        if action.operation in self.exceptions:
            return self.exceptions[action.operation]
        if _is_unfiltered(action):
            return self.unfiltered
        return self.reads if action.operation.startswith(READING) else self.writes


class TokenBucket:
    """A bucket that is full at first; thread-safe. Tests may pass their own clock."""

    def __init__(
        self, throttle: Throttle, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._throttle = throttle
        self._clock = clock
        self._tokens = float(throttle.burst)
        self._last = clock()
        self._lock = Lock()

    def take(self) -> bool:
        """Take a token; return False if there is none."""
        with self._lock:
            now = self._clock()
            refill = (now - self._last) * self._throttle.per_second
            self._tokens = min(self._throttle.burst, self._tokens + refill)
            self._last = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True


class TokenBuckets:
    """One bucket per account, region and action; thread-safe."""

    def __init__(self, throttles: Throttles | None = None) -> None:
        self._throttles = throttles or Throttles()
        self._buckets: dict[tuple[str, str, str, bool], TokenBucket] = {}
        self._lock = Lock()

    def take(self, account: str, action: Action) -> bool:
        """Take a token for an action of an account; return False if there is none."""
        key = account, action.region, action.operation, _is_unfiltered(action)
        with self._lock:
            if key not in self._buckets:
                self._buckets[key] = TokenBucket(self._throttles.of(action))
        return self._buckets[key].take()


def _is_unfiltered(action: Action) -> bool:
    return action.operation in _LARGE_LISTS and not any(
        name.startswith(_NARROWING) for name in action.parameters
    )
