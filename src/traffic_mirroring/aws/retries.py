"""
Bounded retries for EC2's eventual consistency.

Owns how often and how long to wait. Must not know AWS: callers say which errors are
transient.
https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from retrying import RetryError, Retrying

T = TypeVar("T")


@dataclass(frozen=True)
class RetryPolicy:
    """
    The number of attempts and the waits between them, in milliseconds.

    The waits double from `first_wait` up to `longest_wait`; by default, six attempts
    take about eight seconds.
    """

    max_attempts: int = 6
    first_wait: int = 250
    longest_wait: int = 4_000

    def retry(
        self, is_transient: Callable[[BaseException], bool], call: Callable[[], T]
    ) -> T:
        """Retry while the error is transient; re-raise the last one after that."""
        result: T = self._retrying(retry_on_exception=is_transient).call(call)
        return result

    def retry_until(self, is_done: Callable[[T], bool], call: Callable[[], T]) -> T:
        """Retry until the result is as wanted; return the last result in any case."""
        results: list[T] = []

        def attempt() -> bool:
            results.append(call())
            return is_done(results[-1])

        with suppress(RetryError):
            self._retrying(
                retry_on_result=operator.not_, retry_on_exception=_never
            ).call(attempt)
        return results[-1]

    def retry_until_found(self, find: Callable[[], list[T]]) -> list[T]:
        """Retry until something is found; return [] when attempts run out."""
        return self.retry_until(bool, find)

    def shortened(self, max_attempts: int) -> RetryPolicy:
        """Return the policy with at most this number of attempts."""
        return replace(self, max_attempts=min(max_attempts, self.max_attempts))

    def _retrying(self, **until: Any) -> Retrying:
        return Retrying(
            stop_max_attempt_number=self.max_attempts,
            wait_exponential_multiplier=self.first_wait / 2,
            wait_exponential_max=self.longest_wait,
            **until,
        )


def _never(_error: BaseException) -> bool:
    return False
