"""For how many more requests something is so; what it is, is not known here."""

from __future__ import annotations


class Countdowns:
    """One countdown per id."""

    def __init__(self) -> None:
        self._left: dict[str, int] = {}

    def start(self, record_id: str, requests: int) -> None:
        """Let it be so for this many requests, whatever was left before."""
        self._left[record_id] = requests

    def use_up(self, record_id: str) -> bool:
        """Count a request; tell whether it still was one of them."""
        left = self._left.pop(record_id, 0)
        if left > 1:
            self._left[record_id] = left - 1
        return left > 0
