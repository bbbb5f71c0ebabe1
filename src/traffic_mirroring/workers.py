"""
Threads for what can run side by side, bounded.

Actions run in threads of their own, and their calls may use others meanwhile; a call
never waits for another call's thread, so nothing can block for good. Each runs in the
context of whoever asked for it, by which cloudshell-logging knows a sandbox's log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from functools import partial
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Workers:
    """Runs at most `width` actions at once, and as many calls beside them."""

    def __init__(self, width: int) -> None:
        self._actions = ThreadPoolExecutor(width, "action")
        self._calls = ThreadPoolExecutor(width, "call")

    def map_actions(self, run: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Run a function that raises nothing for every item; return its results."""
        futures = [_submit(self._actions, partial(run, item)) for item in items]
        return [future.result() for future in futures]

    def gather(self, *calls: Callable[[], R]) -> list[R]:
        """Make independent calls; when all have ended, return or raise their first."""
        futures = [_submit(self._calls, call) for call in calls]
        wait(futures)
        return [future.result() for future in futures]

    @contextmanager
    def in_background(self, call: Callable[[], R]) -> Iterator[Future[R]]:
        """Make a call while the block runs; at its end the call has ended too."""
        future = _submit(self._calls, call)
        try:
            yield future
        finally:
            wait([future])

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self._actions.shutdown()
        self._calls.shutdown()


def _submit(pool: ThreadPoolExecutor, call: Callable[[], R]) -> Future[R]:
    return pool.submit(copy_context().run, call)
