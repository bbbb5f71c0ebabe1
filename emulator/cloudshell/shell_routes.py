"""
The REST calls that install shells.

Owns: their HTTP statuses and JSON. Must not know: packages.
"""

from collections.abc import Callable

from emulator.cloudshell.errors import ApiError, UnknownTokenError
from emulator.cloudshell.http_messages import (
    file_of,
    json_reply,
    message_reply,
    token_of,
)
from emulator.cloudshell.state import ServerState
from emulator.cloudshell.tokens import Grant
from emulator.execution import Shell, ShellError
from emulator.http import HttpReply, HttpRequest


class ShellRoutes:
    """
    GET and PUT /API/Shells/<name>, POST /API/Shells.

    The reply to users who are no administrators is a guess.
    """

    def __init__(self, state: ServerState) -> None:
        self._state = state

    def get(self, name: str, request: HttpRequest) -> HttpReply:
        """Describe a shell."""
        if self._grant(request) is None:
            return _unauthorized()
        shell = self._state.shells.find(name)
        if shell is None:
            # On the real server, 404 means that it doesn't have this feature.
            return message_reply(400, f"There is no shell {name!r}")
        return json_reply(200, _describe(shell))

    def add(self, name: str, request: HttpRequest) -> HttpReply:  # noqa: ARG002
        """Install a new shell."""
        return self._install(request, 201, self._state.shells.add)

    def update(self, name: str, request: HttpRequest) -> HttpReply:
        """Update a shell; clients expect 404 if it is not installed."""
        shells = self._state.shells

        def replace(package: bytes) -> Shell:
            return shells.update(name, package)

        if self._grant(request) is not None and not shells.is_installed(name):
            return message_reply(404, f"There is no shell {name!r}")
        return self._install(request, 200, replace)

    def _install(
        self, request: HttpRequest, status: int, install: Callable[[bytes], Shell]
    ) -> HttpReply:
        grant = self._grant(request)
        if grant is None:
            return _unauthorized()
        if not grant.is_admin:
            return message_reply(403, "Only administrators may install shells")
        package = file_of(request, "files")
        if package is None:
            return message_reply(400, "The form has no file in its field 'files'")
        try:
            return json_reply(status, _describe(install(package)))
        except ShellError as error:
            return message_reply(400, str(error))

    def _grant(self, request: HttpRequest) -> Grant | None:
        try:
            return self._state.tokens.get(token_of(request))
        except (UnknownTokenError, ApiError):
            return None


def _unauthorized() -> HttpReply:
    return message_reply(401, "The token is not valid")


def _describe(shell: Shell) -> dict[str, object]:
    return {
        "Id": shell.name,
        "Name": shell.name,
        "Version": shell.version,
        "StandardType": "CloudProvider",
        "ModificationDate": "2020-01-01T00:00:00",
        "LastModifiedByUser": {"Username": "admin", "Email": None},
        "Author": shell.author,
        "IsOfficial": False,
        "BasedOn": "",
        "ExecutionEnvironmentType": {"Position": 0, "Path": "Python"},
    }
