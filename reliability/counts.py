"""A counter that threads share."""

from __future__ import annotations

import threading
from collections import Counter


class Counts:
    """A thread-safe counter."""

    def __init__(self) -> None:
        self._counter: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, what: str, count: int = 1) -> None:
        """Count something."""
        with self._lock:
            self._counter[what] += count

    def __getitem__(self, what: str) -> int:
        return self._counter[what]

    def items(self) -> list[tuple[str, int]]:
        """Return what was counted, by name."""
        return sorted(self._counter.items())
