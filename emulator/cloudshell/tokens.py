"""Owns: who may call, and until when. Must not know: what they call."""

import secrets
import threading
from dataclasses import dataclass

from emulator.cloudshell.errors import NO_ACCESS, ApiError, UnknownTokenError
from emulator.cloudshell.model import User


@dataclass(frozen=True)
class Grant:
    """What a token allows: to act as this user, maybe for one command only."""

    user: User
    is_admin: bool
    command: str = ""


class Tokens:
    """
    Tokens of sessions and of running commands.

    A command's token, and every session that was logged on with it, is refused with
    error 118 after the command: the client's usual reaction, to log on again, would
    not help. Any other unknown token is unknown to HTTP already.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._grants: dict[str, Grant] = {}
        self._ended: set[str] = set()

    def start_session(self, grant: Grant) -> str:
        """Return a new token for the grant."""
        token = secrets.token_hex(16)
        with self._lock:
            self._grants[token] = grant
        return token

    def start_command(self, user: User) -> str:
        """Return an administrator's token that lasts until `end_command`."""
        command = secrets.token_hex(16)
        return self.start_session(Grant(user, is_admin=True, command=command))

    def end_command(self, token: str) -> None:
        """Refuse the token and all that were obtained with it from now on."""
        with self._lock:
            self._ended.add(self._grants[token].command)

    def expire_sessions(self) -> None:
        """Forget every token but those of commands."""
        with self._lock:
            self._grants = {t: g for t, g in self._grants.items() if g.command}

    def get(self, token: str) -> Grant:
        """Return what the token allows; raises UnknownTokenError or ApiError."""
        with self._lock:
            if token not in self._grants:
                raise UnknownTokenError
            grant = self._grants[token]
            ended = grant.command in self._ended
        if ended:
            raise ApiError("The token is no longer valid: its command ended", NO_ACCESS)
        return grant
