"""
The XML API on port 8029 and the REST API on port 9000.

Owns: their URLs and HTTP statuses. Must not know: what the methods do.
"""

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
from emulator.cloudshell.http_messages import json_reply, text_reply, token_of
from emulator.cloudshell.methods.logon import authenticate, authenticate_token
from emulator.cloudshell.shell_routes import ShellRoutes
from emulator.cloudshell.state import ServerState
from emulator.http import HttpReply, HttpRequest


def _unauthorized(method: str) -> HttpReply:
    message = "The token is not valid"
    return HttpReply(401, envelope.failure(method, NO_ACCESS, message))


class XmlEndpoint:
    """Port 8029: `POST /ResourceManagerApiService/<Method>`."""

    def __init__(self, state: ServerState) -> None:
        self._api = Api(state, parse_xml)

    def answer(self, request: HttpRequest) -> HttpReply | None:
        """Answer a request; API errors have HTTP 200, None closes the connection."""
        prefix, _, method = urlsplit(request.path).path.rpartition("/")
        if prefix.lower() != "/resourcemanagerapiservice" or request.method != "POST":
            return text_reply(404, "There is no such URL")
        try:
            return HttpReply(
                200, self._api.answer(method, token_of(request), request.body)
            )
        except UnknownTokenError:
            return _unauthorized(method)
        except AnswerLost:
            return None


class RestEndpoint:
    """Port 9000: logon, the API methods that exist in REST, and installed shells."""

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._api = Api(state, parse_json, rest=True)
        shells = ShellRoutes(state)
        self._routes = (
            ("PUT", re.compile("/api/auth/login", re.IGNORECASE), self._log_on),
            ("POST", re.compile("/api//?rmapi/([^/]+)", re.IGNORECASE), self._call),
            ("GET", re.compile("/api/shells/([^/]+)", re.IGNORECASE), shells.get),
            ("PUT", re.compile("/api/shells/([^/]+)", re.IGNORECASE), shells.update),
            ("POST", re.compile("/api/shells", re.IGNORECASE), shells.add),
        )

    def answer(self, request: HttpRequest) -> HttpReply:
        """Answer a request."""
        # urlsplit would drop the client's double slash, which is part of the path.
        path = request.path.partition("?")[0]
        for method, pattern, serve in self._routes:
            match = pattern.fullmatch(path)
            if match and method == request.method:
                name = unquote(match[1]) if pattern.groups else ""
                return serve(name, request)
        return text_reply(404, "There is no such URL")

    def _log_on(self, name: str, request: HttpRequest) -> HttpReply:  # noqa: ARG002
        fields = _credentials(request)
        domain = fields.get("domain", "")
        try:
            if fields.get("token"):
                grant = authenticate_token(self._state, fields["token"], domain)
            else:
                user, password = fields.get("username", ""), fields.get("password", "")
                grant = authenticate(self._state, user, password, domain)
        except ApiError as error:
            return text_reply(401, error.message)
        token = self._state.tokens.start_session(grant)
        return json_reply(200, token)

    def _call(self, name: str, request: HttpRequest) -> HttpReply:
        try:
            return HttpReply(
                200, self._api.answer(name, token_of(request), request.body)
            )
        except UnknownTokenError:
            return _unauthorized(name)


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
