"""
Callbacks that a test runs before a call is carried out, or around it.

Owns: what happens if such a callback fails. Must not know: the calls.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

_LOGGER = logging.getLogger("emulator")

T = TypeVar("T")


def run_before_call(
    before_call: Callable[..., None] | None, operation: str, *details: object
) -> None:
    """Run the callback of a test, if there is one; log its errors."""
    if before_call is None:
        return
    try:
        before_call(operation, *details)
    except Exception:
        _LOGGER.exception("before_call failed for %s", operation)


@contextmanager
def run_around_call(
    around_call: Callable[[T], AbstractContextManager[None]] | None,
    operation: str,
    call: T,
) -> Iterator[None]:
    """Run the block in a test's context manager, if there is one; log its errors."""
    with ExitStack() as stack:
        if around_call is not None:
            try:
                stack.enter_context(around_call(call))
            except Exception:
                _LOGGER.exception("around_call failed for %s", operation)
        yield
