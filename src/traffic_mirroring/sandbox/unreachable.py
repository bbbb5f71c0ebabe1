"""
Retries of CloudShell's API while it can't be reached.

Only for calls that change nothing: CloudShell may have carried out a call whose answer
was lost. Must not know which calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from retrying import Retrying
from urllib3.exceptions import HTTPError

T = TypeVar("T")


def retry_unreachable(call: Callable[[], T]) -> T:
    """Make a call that changes nothing again while CloudShell can't be reached."""
    unreachable = Retrying(
        retry_on_exception=lambda error: isinstance(error, HTTPError),
        stop_max_attempt_number=3,
        wait_fixed=1_000,
    )
    result: T = unreachable.call(call)
    return result
