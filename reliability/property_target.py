"""
The process in which Hypothesis makes requests, for a number of seconds.

Owns the rounds until the time is over, and keeps the smallest request that fails. Must
not know the invariants.
"""

from __future__ import annotations

import hashlib
import random
import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, given, seed, settings

from reliability.request_checks import check_request
from reliability.request_strategies import REQUESTS

_PER_ROUND = 500


class Properties:
    """Checks requests; `failed` is the last one that broke an invariant."""

    def __init__(self) -> None:
        self.checked = 0
        self.failed: str | None = None

    def check_for(self, seconds: float, choose: random.Random) -> None:
        """Check requests with another seed in each round; raises the first failure."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._check_round(choose.randrange(2**32))

    def _check_round(self, number: int) -> None:
        @seed(number)
        @settings(
            max_examples=_PER_ROUND,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(REQUESTS)
        def check(text: str) -> None:
            self.checked += 1
            try:
                check_request(text)
            except BaseException:
                self.failed = text
                raise

        check()


def main(seconds: str, first_seed: str, corpus: str) -> None:
    """Print how many requests were checked; keep the one that fails in the corpus."""
    properties = Properties()
    try:
        properties.check_for(float(seconds), random.Random(int(first_seed)))  # noqa: S311  # no secret
    finally:
        print(f"checked {properties.checked}")
        if properties.failed is not None:
            failed = properties.failed.encode("utf-8", "surrogateescape")
            name = f"crash-{hashlib.sha256(failed).hexdigest()[:16]}"
            (Path(corpus) / name).write_bytes(failed)


if __name__ == "__main__":
    main(*sys.argv[1:])
