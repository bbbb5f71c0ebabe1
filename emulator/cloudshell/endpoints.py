"""Owns: the addresses of the API and their HTTP manners. Must not know: methods."""

import json
import re
from urllib.parse import parse_qsl, unquote, urlsplit

from emulator.cloudshell import envelope
from emulator.cloudshell.api import Api
from emulator.cloudshell.arguments import parse_json, parse_xml
from emulator.cloudshell.errors import (
    NO_ACCESS,
    AnswerLost,
    ApiError,
    UnknownTokenError,
)
from emulator.cloudshell.http_server import HttpReply, HttpRequest
from emulator.cloudshell.logon_methods import authenticate, authenticate_token
from emulator.cloudshell.world import World
from emulator.execution import Shell

_JSON = "application/json; charset=utf-8"


def _unauthorized(method: str) -> HttpReply:
    message = "The token is not valid"
    return HttpReply(401, envelope.failure(method, NO_ACCESS, message))


def _text(status: int, message: str) -> HttpReply:
    return HttpReply(status, message.encode(), "text/plain; charset=utf-8")


class XmlEndpoint:
    """Port 8029: `POST /ResourceManagerApiService/<Method>`."""

    def __init__(self, world: World) -> None:
        self._api = Api(world, parse_xml)

    def answer(self, request: HttpRequest) -> HttpReply | None:
        """Answer a request, or don't; what the API refuses is HTTP 200 all the same."""
        prefix, _, method = urlsplit(request.path).path.rpartition("/")
        if prefix.lower() != "/resourcemanagerapiservice" or request.method != "POST":
            return _text(404, "Nothing here")
        try:
            return HttpReply(
                200, self._api.answer(method, _token(request), request.body)
            )
        except UnknownTokenError:
            return _unauthorized(method)
        except AnswerLost:
            return None


class RestEndpoint:
    """Port 9000: logon, the methods that are REST too, and the installed shells."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._api = Api(world, parse_json, rest=True)
        self._routes = (
            ("PUT", re.compile("/api/auth/login", re.IGNORECASE), self._log_on),
            ("POST", re.compile("/api//?rmapi/([^/]+)", re.IGNORECASE), self._call),
            ("GET", re.compile("/api/shells/([^/]+)", re.IGNORECASE), self._get_shell),
        )

    def answer(self, request: HttpRequest) -> HttpReply:
        """Answer a request."""
        # Not urlsplit: the client's double slash is part of the path.
        path = request.path.partition("?")[0]
        for method, pattern, serve in self._routes:
            match = pattern.fullmatch(path)
            if match and method == request.method:
                name = unquote(match[1]) if pattern.groups else ""
                return serve(name, request)
        return _text(404, "Nothing here")

    def _log_on(self, name: str, request: HttpRequest) -> HttpReply:  # noqa: ARG002
        fields = _credentials(request)
        domain = fields.get("domain", "")
        try:
            if fields.get("token"):
                grant = authenticate_token(self._world, fields["token"], domain)
            else:
                user, password = fields.get("username", ""), fields.get("password", "")
                grant = authenticate(self._world, user, password, domain)
        except ApiError as error:
            return _text(401, error.message)
        token = self._world.tokens.start_session(grant)
        return HttpReply(200, json.dumps(token).encode(), _JSON)

    def _call(self, name: str, request: HttpRequest) -> HttpReply:
        try:
            return HttpReply(200, self._api.answer(name, _token(request), request.body))
        except UnknownTokenError:
            return _unauthorized(name)

    def _get_shell(self, name: str, request: HttpRequest) -> HttpReply:
        try:
            self._world.tokens.get(_token(request))
        except (UnknownTokenError, ApiError):
            return _text(401, "The token is not valid")
        shell = self._world.execution.shell if self._world.execution else None
        if shell is None or name not in (shell.name, shell.model):
            # The real server's 404 says that it has no such feature at all.
            return _text(400, f"There is no shell {name!r}")
        return HttpReply(200, json.dumps(_describe_shell(shell)).encode(), _JSON)


def _token(request: HttpRequest) -> str:
    """Return the token of `MachineName=..;Token=..`, `Bearer ..` or `Basic ..`."""
    text = request.headers.get("Authorization", "")
    scheme, _, rest = text.partition(" ")
    if scheme.lower() in ("bearer", "basic"):
        return rest.strip()
    pairs = (part.partition("=") for part in text.split(";"))
    return {key.strip().lower(): value for key, _, value in pairs}.get("token", "")


def _credentials(request: HttpRequest) -> dict[str, str]:
    text = request.body.decode("utf-8", "replace")
    if "json" not in request.headers.get("Content-Type", ""):
        return dict(parse_qsl(text))
    try:
        fields = json.loads(text)
    except json.JSONDecodeError:
        return {}
    pairs = fields.items() if isinstance(fields, dict) else ()
    return {str(key).lower(): value for key, value in pairs if isinstance(value, str)}


def _describe_shell(shell: Shell) -> dict[str, object]:
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
