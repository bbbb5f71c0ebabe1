"""
Callbacks that a test runs before a call is carried out.

Owns: what happens if such a callback fails. Must not know: the calls.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

_LOGGER = logging.getLogger("emulator")


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
