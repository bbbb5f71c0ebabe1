"""
The opaque NextToken: where a page ended, bound to what was asked.

A token is good only for the same operation in the same region with the same
filters. It carries its own proof, so that nothing has to be remembered.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Generic, TypeVar

from emulator.ec2.errors import Refusal, refuse

# New in every process: a token of an earlier run is as good as a bogus one.
_SECRET = secrets.token_bytes(32)

T = TypeVar("T")


class Pages(Generic[T]):
    """Cuts one answer into pages of at most `size`, for one question."""

    def __init__(self, question: str, size: int) -> None:
        self._question = question
        self._size = size

    def cut(
        self, items: Sequence[tuple[int, T]], token: str | None
    ) -> tuple[list[T], str | None]:
        """
        Return the page that the token asks for, and the token of the next.

        Each item comes with a number; numbers ascend. The token names the last
        number seen, so that what is deleted in between moves nothing.
        """
        seen = -1 if token is None else self._read(token)
        rest = [pair for pair in items if pair[0] > seen]
        page = rest[: self._size]
        more = len(rest) > self._size
        return [item for _, item in page], self._write(page[-1][0]) if more else None

    def _write(self, last: int) -> str:
        text = f"{last}.{self._proof(last)}"
        return base64.urlsafe_b64encode(text.encode()).decode()

    def _read(self, token: str) -> int:
        try:
            text = base64.urlsafe_b64decode(token.encode()).decode()
            last = int(text.partition(".")[0])
        except ValueError as error:
            raise refuse(Refusal.NEXT_TOKEN) from error
        if not hmac.compare_digest(token, self._write(last)):
            raise refuse(Refusal.NEXT_TOKEN)
        return last

    def _proof(self, last: int) -> str:
        told = f"{last}|{self._question}".encode()
        return hmac.new(_SECRET, told, hashlib.sha256).hexdigest()[:32]
