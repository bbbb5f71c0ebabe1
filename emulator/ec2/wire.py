"""
HTTP requests and answers as plain data, and what AWS puts into them.

Reads who asks for what from a signed request; writes error documents.
Knows neither sockets nor moto.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape

from emulator.ec2.errors import Ec2Error


@dataclass(frozen=True)
class HttpRequest:
    """One request; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class HttpAnswer:
    """One answer; `error_code` repeats what the body says, for the log."""

    status: int
    body: bytes
    content_type: str = "text/xml;charset=UTF-8"
    error_code: str | None = None


@dataclass(frozen=True)
class Action:
    """What an AWS client asks for, and as whom."""

    service: str
    region: str
    access_key: str
    operation: str
    parameters: dict[str, str] = field(default_factory=dict)
    version: str = ""
    session_token: str = ""


def read_action(request: HttpRequest) -> Action:
    """Read the signature's scope and the form; unsigned requests have no service."""
    form = dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True))
    operation = form.pop("Action", "")
    version = form.pop("Version", "")
    access_key, region, service = _read_scope(request.headers.get("authorization", ""))
    token = request.headers.get("x-amz-security-token", "")
    return Action(service, region, access_key, operation, form, version, token)


def rewrite(request: HttpRequest, action: Action) -> HttpRequest:
    """Put an action's parameters into the request that it was read from."""
    form = {"Action": action.operation, "Version": action.version}
    return replace(request, body=urlencode({**form, **action.parameters}).encode())


def _read_scope(authorization: str) -> tuple[str, str, str]:
    # AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...
    scope = authorization.partition("Credential=")[2].partition(",")[0].split("/")
    if len(scope) != 5:
        return "", "", ""
    return scope[0], scope[2], scope[3]


def error_answer(error: Ec2Error, request_id: str, service: str) -> HttpAnswer:
    """Write an error the way EC2 does, or STS and the load balancers."""
    told = (
        f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    )
    if service in ("sts", "elasticloadbalancing"):
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type>{told}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    else:
        body = (
            f"<Response><Errors><Error>{told}</Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    document = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'
    return HttpAnswer(error.status, document.encode(), error_code=error.code)
