"""
AWS's query protocol: the action in an HTTP request, and EC2's error documents.

Owns: reading the signature's scope and the form; writing errors. CloudWatch's clients
use JSON instead, in newer versions of boto3.
Must not know: sockets, moto, what the actions do.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape

from emulator.ec2.errors import Ec2Error
from emulator.http import HttpReply, HttpRequest

READING = ("Describe", "Get", "List", "Search")
_JSON = "application/x-amz-json-1.0"


@dataclass(frozen=True)
class Ec2Reply(HttpReply):
    """A reply; `error_code` repeats the code in the body, for the log."""

    content_type: str = "text/xml;charset=UTF-8"
    error_code: str | None = None


@dataclass(frozen=True)
class Action:
    """
    What an AWS client requests, and with which key; unsigned: no service.

    The parameters are flat; those of a JSON request are its members, each as JSON text.
    """

    service: str
    region: str
    access_key: str
    operation: str
    parameters: dict[str, str] = field(default_factory=dict)
    version: str = ""
    session_token: str = ""
    is_json: bool = False

    @property
    def writes(self) -> bool:
        """Whether the call changes anything in EC2; a dry run doesn't."""
        dry = any(
            name.lower() == "dryrun" and value.lower() == "true"
            for name, value in self.parameters.items()
        )
        return (
            self.service == "ec2" and not dry and not self.operation.startswith(READING)
        )


def read_action(request: HttpRequest) -> Action:
    """Read the signature's scope, and the form or JSON of a request."""
    access_key, region, service = _read_scope(request.headers.get("Authorization", ""))
    token = request.headers.get("X-Amz-Security-Token", "")
    target = request.headers.get("X-Amz-Target", "")
    if target:
        members = json.loads(request.body or b"{}")
        form = {name: json.dumps(value) for name, value in members.items()}
        operation, version = target.rpartition(".")[2], ""
    else:
        form = dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True))
        operation = form.pop("Action", "")
        version = form.pop("Version", "")
    return Action(
        service,
        region,
        access_key,
        operation,
        form,
        version,
        token,
        is_json=bool(target),
    )


def with_parameters(request: HttpRequest, action: Action) -> HttpRequest:
    """Return the request with the parameters of this action."""
    form = {"Action": action.operation, "Version": action.version}
    return replace(request, body=urlencode({**form, **action.parameters}).encode())


def _read_scope(authorization: str) -> tuple[str, str, str]:
    # AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ...
    scope = authorization.partition("Credential=")[2].partition(",")[0].split("/")
    if len(scope) != 5:
        return "", "", ""
    return scope[0], scope[2], scope[3]


def error_reply(error: Ec2Error, request_id: str, action: Action) -> Ec2Reply:
    """Write an error in JSON, or in the XML of EC2 or of the other services."""
    if action.is_json:
        text = json.dumps({"__type": error.code, "message": error.message})
        return Ec2Reply(error.status, text.encode(), _JSON, error.code)
    details = (
        f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    )
    if action.service in ("sts", "elasticloadbalancing", "monitoring"):
        body = (
            f"<ErrorResponse><Error><Type>Sender</Type>{details}</Error>"
            f"<RequestId>{request_id}</RequestId></ErrorResponse>"
        )
    else:
        body = (
            f"<Response><Errors><Error>{details}</Error></Errors>"
            f"<RequestID>{request_id}</RequestID></Response>"
        )
    document = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'
    return Ec2Reply(error.status, document.encode(), error_code=error.code)
