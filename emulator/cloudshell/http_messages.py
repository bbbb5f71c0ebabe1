"""
Tokens, forms and JSON in HTTP requests and replies.

Owns: reading and writing them. Must not know: what is requested.
"""

import json
from email.parser import BytesParser
from email.policy import HTTP

from emulator.http import HttpReply, HttpRequest

JSON = "application/json; charset=utf-8"


def token_of(request: HttpRequest) -> str:
    """Return the token of `MachineName=..;Token=..`, `Bearer ..` or `Basic ..`."""
    text = request.headers.get("Authorization", "")
    scheme, _, rest = text.partition(" ")
    if scheme.lower() in ("bearer", "basic"):
        return rest.strip()
    pairs = (part.partition("=") for part in text.split(";"))
    return {key.strip().lower(): value for key, _, value in pairs}.get("token", "")


def file_of(request: HttpRequest, field: str) -> bytes | None:
    """Return the file in a field of a multipart form, None if absent."""
    kind = request.headers.get("Content-Type", "")
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    form = BytesParser(policy=HTTP).parsebytes(head + request.body)
    for part in form.iter_parts():
        if part.get_param("name", header="Content-Disposition") == field:
            content = part.get_payload(decode=True)
            return content if isinstance(content, bytes) else None
    return None


def text_reply(status: int, message: str) -> HttpReply:
    """Return a reply in plain text."""
    return HttpReply(status, message.encode(), "text/plain; charset=utf-8")


def json_reply(status: int, content: object) -> HttpReply:
    """Return a reply in JSON."""
    return HttpReply(status, json.dumps(content).encode(), JSON)


def message_reply(status: int, message: str) -> HttpReply:
    """Return an error in the form that shellfoundry shows to its user."""
    return json_reply(status, {"Message": message})
