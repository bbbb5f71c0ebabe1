"""
Counters that run out after a number of requests.

Owns: one counter per id. Must not know: what is counted.
"""

from __future__ import annotations


class RequestCounters:
    """One counter per id; ids without a counter have run out."""

    def __init__(self) -> None:
        self._left: dict[str, int] = {}

    def start(self, record_id: str, requests: int) -> None:
        """Set the counter of an id."""
        self._left[record_id] = requests

    def count(self, record_id: str) -> bool:
        """Count a request; return False if the counter had run out before."""
        left = self._left.pop(record_id, 0)
        if left > 1:
            self._left[record_id] = left - 1
        return left > 0
