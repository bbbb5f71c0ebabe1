"""
Owns: agreement between the commands of one process on who creates a target.

A lock exists only while a command uses it. Other processes know nothing of it; between
processes EC2 decides, see shared_targets.py.
Must not know: AWS, CloudShell.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from traffic_mirroring.models import Destination, TargetId


@dataclass
class _Entry:
    users: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    created: TargetId | None = None


class TargetLocks:
    """One lock per destination that running commands mirror to."""

    def __init__(self) -> None:
        self._entries: dict[Destination, _Entry] = {}
        self._lock = threading.Lock()

    @contextmanager
    def using(self, destinations: Iterable[Destination]) -> Iterator[None]:
        """Keep the destinations' locks, and the targets created there, in the block."""
        used = set(destinations)
        with self._lock:
            for destination in used:
                self._entries.setdefault(destination, _Entry()).users += 1
        try:
            yield
        finally:
            with self._lock:
                for destination in used:
                    self._entries[destination].users -= 1
                    if not self._entries[destination].users:
                        del self._entries[destination]

    @contextmanager
    def locked(self, destinations: Iterable[Destination]) -> Iterator[None]:
        """Let no other command create targets there in the block."""
        with ExitStack() as locks:
            # In one order for all commands, so that they can't wait for each other.
            for destination in sorted(set(destinations)):
                locks.enter_context(self._entries[destination].lock)
            yield

    def created(self, destination: Destination) -> TargetId | None:
        """Return the target that a command has created there since `using` began."""
        return self._entries[destination].created

    def set_created(self, destination: Destination, target_id: TargetId | None) -> None:
        """Remember the target that was created there, or None if it was deleted."""
        self._entries[destination].created = target_id
