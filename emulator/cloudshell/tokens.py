"""
The tokens of sessions and of running commands.

Owns: which tokens are valid, and for whom. Must not know: the API methods.
"""

import secrets
import threading
from dataclasses import dataclass

from emulator.cloudshell.errors import NO_ACCESS, ApiError, UnknownTokenError
from emulator.cloudshell.model import User
from emulator.secret_values import new_secret


@dataclass(frozen=True)
class Grant:
    """What a token allows: to act as a user, perhaps during one command only."""

    user: User
    is_admin: bool
    command: str = ""
    resource: str = ""
    """The resource of the command."""


class Tokens:
    """
    Tokens of sessions and of running commands.

    After a command, its token and the sessions that it started get error 118: it would
    not help if the client logged on again. Other unknown tokens get HTTP 401.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._grants: dict[str, Grant] = {}
        self._ended: set[str] = set()

    def start_session(self, grant: Grant) -> str:
        """Return a new token with this grant."""
        token = new_secret()
        with self._lock:
            self._grants[token] = grant
        return token

    def start_command(self, user: User, resource: str) -> str:
        """Return an administrator's token that is valid until end_command()."""
        command = secrets.token_hex(16)
        return self.start_session(Grant(user, True, command, resource))

    def end_command(self, token: str) -> None:
        """Make the token and the sessions that it started invalid."""
        with self._lock:
            self._ended.add(self._grants[token].command)

    def expire_sessions(self) -> None:
        """Forget all tokens except those of commands."""
        with self._lock:
            self._grants = {t: g for t, g in self._grants.items() if g.command}

    def get(self, token: str) -> Grant:
        """Return the grant of a token; raises UnknownTokenError or ApiError."""
        with self._lock:
            if token not in self._grants:
                raise UnknownTokenError
            grant = self._grants[token]
            ended = grant.command in self._ended
        if ended:
            raise ApiError("The token is no longer valid: its command ended", NO_ACCESS)
        return grant
