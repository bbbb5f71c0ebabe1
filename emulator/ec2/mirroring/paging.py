"""
The opaque NextToken: the end of a page, bound to its request.

Owns: tokens. Must not know: what is on the pages.

A token is valid only for the same operation in the same region with the same filters.
It is signed, so that the emulator need not store it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Generic, TypeVar

from emulator.ec2.errors import Refusal, ec2_error

# New in each process: the tokens of an earlier run are invalid.
_SECRET = secrets.token_bytes(32)

T = TypeVar("T")


class Pages(Generic[T]):
    """Pages of at most `size` items, for one request."""

    def __init__(self, request: str, size: int) -> None:
        self._request = request
        self._size = size

    def get(
        self, items: Sequence[tuple[int, T]], token: str | None
    ) -> tuple[list[T], str | None]:
        """
        Return the token's page, and the token of the next page.

        The items have ascending numbers. A token contains the last number of its page,
        so that deletions between the requests don't shift the next page.
        """
        last = -1 if token is None else self._read(token)
        rest = [pair for pair in items if pair[0] > last]
        page = rest[: self._size]
        more = len(rest) > self._size
        return [item for _, item in page], self._write(page[-1][0]) if more else None

    def _write(self, last: int) -> str:
        text = f"{last}.{self._signature(last)}"
        return base64.urlsafe_b64encode(text.encode()).decode()

    def _read(self, token: str) -> int:
        try:
            text = base64.urlsafe_b64decode(token.encode()).decode()
            last = int(text.partition(".")[0])
        except ValueError as error:
            raise ec2_error(Refusal.NEXT_TOKEN) from error
        if not hmac.compare_digest(token, self._write(last)):
            raise ec2_error(Refusal.NEXT_TOKEN)
        return last

    def _signature(self, last: int) -> str:
        message = f"{last}|{self._request}".encode()
        return hmac.new(_SECRET, message, hashlib.sha256).hexdigest()[:32]
