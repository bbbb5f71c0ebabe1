"""
Thread pools of limited size.

Actions run in one pool and the calls that they wait for in another; a call never waits
for another call's thread, so deadlock is impossible. Each runs in a copy of the
submitting thread's context variables, by which cloudshell-logging finds the sandbox's
log.
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
    """Run up to `max_concurrency` actions, and as many calls, at once."""

    def __init__(self, max_concurrency: int) -> None:
        self._actions = ThreadPoolExecutor(max_concurrency, "action")
        self._calls = ThreadPoolExecutor(max_concurrency, "call")

    def map_actions(self, run: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """
        Run a function for every item; return the results in the items' order.

        The function must not raise, and may use `gather` and `in_background`.
        """
        futures = [_submit(self._actions, partial(run, item)) for item in items]
        return [future.result() for future in futures]

    def gather(self, *calls: Callable[[], R]) -> list[R]:
        """
        Run the calls concurrently, wait for all, and return their results.

        Raises the first error, in the order of the calls, after all have ended.
        """
        if not calls:
            return []
        # The first runs in this thread, which would only wait otherwise.
        own, *others = calls
        futures = [_submit(self._calls, call) for call in others]
        try:
            first = own()
        finally:
            wait(futures)
        return [first, *(future.result() for future in futures)]

    @contextmanager
    def in_background(self, call: Callable[[], R]) -> Iterator[Future[R]]:
        """Run a call in a thread beside the block; wait for it on exit."""
        with _waiting_for(_submit(self._calls, call)) as future:
            yield future

    @contextmanager
    def action_in_background(self, action: Callable[[], R]) -> Iterator[Future[R]]:
        """Do the same with an action, which may use `gather` and `in_background`."""
        with _waiting_for(_submit(self._actions, action)) as future:
            yield future

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self._actions.shutdown()
        self._calls.shutdown()


@contextmanager
def _waiting_for(future: Future[R]) -> Iterator[Future[R]]:
    try:
        yield future
    finally:
        wait([future])


def _submit(pool: ThreadPoolExecutor, call: Callable[[], R]) -> Future[R]:
    return pool.submit(copy_context().run, call)
