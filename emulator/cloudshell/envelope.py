"""
The XML of an answer.

Owns: the format that the real client can parse. Must not know: what is answered.

The client is strict: only ResponseInfo may have a type, the default namespace must be
exactly this one, an empty value must be an attribute, and a single control character
makes the answer unreadable.
"""

import re
import xml.etree.ElementTree as ET
from xml.sax.saxutils import quoteattr

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HEAD = (
    '<?xml version="1.0" encoding="utf-8"?>'
    "<Response CommandName={method} Success={success}"
    ' xmlns="http://schemas.qualisystems.com/ResourceManagement/ApiCommandResult.xsd"'
    ' xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
)


def response_info(kind: str, **scalars: str) -> ET.Element:
    """Return a ResponseInfo element of the client's class `kind`."""
    return ET.Element("ResponseInfo", {"xsi:type": kind, **scalars})


def add(parent: ET.Element, tag: str, **scalars: str) -> ET.Element:
    """Add a nested object, with its scalar values as attributes."""
    return ET.SubElement(parent, tag, scalars)


def boolean(value: bool) -> str:
    """Return `true` or `false`."""
    return "true" if value else "false"


def success(method: str, info: ET.Element | None) -> bytes:
    """Return the answer to a successful call."""
    body = "" if info is None else ET.tostring(info, encoding="unicode")
    return _envelope(method, True, f"<ErrorCode>0</ErrorCode>{body}")


def failure(method: str, code: str, message: str) -> bytes:
    """Return the answer to a failed call."""
    error, number = ET.Element("Error"), ET.Element("ErrorCode")
    # Without a message, the client's own error fails in __str__.
    error.text, number.text = message or "Unknown error", code
    parts = (ET.tostring(part, encoding="unicode") for part in (error, number))
    return _envelope(method, False, "".join(parts))


def _envelope(method: str, succeeded: bool, body: str) -> bytes:
    head = _HEAD.format(method=quoteattr(method), success=f'"{boolean(succeeded)}"')
    return _NOT_XML.sub("", f"{head}{body}</Response>").encode()
