"""
A request file of the reader's own, and what must be deployed for it.

Owns: reading the file, and which resources it names. Must not know: how they are
deployed, whether the request is valid.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NIC = re.compile(r"eni-([0-9a-f]{8}|[0-9a-f]{17})")
_LOAD_BALANCER = re.compile(
    r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}"
    r":loadbalancer/net/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}"
)
_ENDPOINT = re.compile(r"vpce-([0-9a-f]{8}|[0-9a-f]{17})")
_NOT_UTF8 = (
    codecs.BOM_UTF32_LE,
    codecs.BOM_UTF32_BE,
    codecs.BOM_UTF16_LE,
    codecs.BOM_UTF16_BE,
)


class UnreadableRequestError(Exception):
    """The file can't be read; the message says why in one sentence."""


@dataclass(frozen=True)
class RequestFile:
    """The resources that a request names, in its order."""

    path: Path
    nics: tuple[str, ...]
    apps: tuple[str, ...]
    load_balancers: tuple[str, ...]
    endpoints: tuple[str, ...]


def read_request(path: Path) -> RequestFile:
    """Read a request file in UTF-8; raises UnreadableRequestError."""
    fields = list(_walk(_parse(_read(path))))

    def named(pattern: re.Pattern[str], *names: str) -> tuple[str, ...]:
        found = (value.strip() for name, value in fields if name in names)
        return tuple(dict.fromkeys(each for each in found if pattern.fullmatch(each)))

    return RequestFile(
        path,
        nics=named(_NIC, "sourceNicId", "targetNicId"),
        apps=named(re.compile(r".+"), "sourceAppName", "targetAppName"),
        load_balancers=named(_LOAD_BALANCER, "networkLoadBalancerArn"),
        endpoints=named(_ENDPOINT, "gatewayLoadBalancerEndpointId"),
    )


def _read(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableRequestError(f"There is no request file {path}.") from None
    except OSError as error:
        raise UnreadableRequestError(
            f"The request file {path} can't be read: {error.strerror}."
        ) from None
    if not data.startswith(_NOT_UTF8) and b"\0" not in data:
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError:
            pass
    raise UnreadableRequestError(
        f"The request file {path} is not in UTF-8: save it in UTF-8 and try again."
    )


def _parse(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None  # the shell will say what is wrong


def _walk(value: object) -> Iterator[tuple[str, str]]:
    """Yield the fields that are texts, with their names, from the top."""
    items = [value]
    while items:
        item = items.pop(0)
        if isinstance(item, dict):
            yield from ((k, v) for k, v in item.items() if isinstance(v, str))
            items += item.values()
        elif isinstance(item, list):
            items += item
