"""
Waiting, for a bounded time, for what EC2 is about to know or to forget.

It knows no AWS: callers say what is worth waiting for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from retrying import RetryError, Retrying

T = TypeVar("T")


@dataclass(frozen=True)
class RetryPolicy:
    """
    How often to try, and how long to wait in between, in milliseconds.

    The waits double from `first_wait` up to `longest_wait`; by default six attempts
    take about eight seconds.
    """

    max_attempts: int = 6
    first_wait: int = 250
    longest_wait: int = 4_000

    def retry(
        self, is_transient: Callable[[BaseException], bool], call: Callable[[], T]
    ) -> T:
        """Repeat the call while it raises what `passes`; then raise its last error."""
        result: T = self._retrying(retry_on_exception=is_transient).call(call)
        return result

    def retry_until_found(self, look: Callable[[], list[T]]) -> list[T]:
        """Repeat the look while it finds nothing, and return what it found at last."""
        try:
            found: list[T] = self._retrying(
                retry_on_result=_is_empty, retry_on_exception=_never
            ).call(look)
        except RetryError:
            return []
        return found

    def _retrying(self, **until: Any) -> Retrying:
        return Retrying(
            stop_max_attempt_number=self.max_attempts,
            wait_exponential_multiplier=self.first_wait / 2,
            wait_exponential_max=self.longest_wait,
            **until,
        )


def _never(_error: BaseException) -> bool:
    return False


def _is_empty(found: list[object]) -> bool:
    return not found
