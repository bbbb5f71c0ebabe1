"""
The examples that AWS's command line ships: a command and what AWS answered.

They are read from the installed package, so that nothing here is copied from it.
"""

from __future__ import annotations

import json
import re
import shlex
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LITERAL_BLOCK = re.compile(r"::[ ]*\n\s*\n((?:[ ]+\S.*\n?|[ ]*\n)+)")
_ID = re.compile(r"(?:tmt|tmfr|tmf|tms|eni)-\w+")
_ARN = re.compile(
    r"arn:aws:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer/net/\S+"
)
_TOKEN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-\w{12}")


@dataclass(frozen=True)
class Example:
    """A command of an example, and AWS's answer."""

    name: str
    arguments: tuple[str, ...]
    answer: dict[str, Any]

    def with_ids(self, ids: Mapping[str, str]) -> list[str]:
        """Return the command with the ids of these options in place of its own."""
        arguments = list(self.arguments)
        for index, option in enumerate(arguments[:-1]):
            if option in ids:
                arguments[index + 1] = ids[option]
        return arguments


def read_examples(folder: Path) -> dict[str, list[Example]]:
    """Return the examples of traffic mirroring by the name of their command."""
    return {
        path.stem: _read(path) for path in sorted(folder.glob("*traffic-mirror*.rst"))
    }


def _read(path: Path) -> list[Example]:
    blocks = _LITERAL_BLOCK.findall(path.read_text())
    texts = [textwrap.dedent(block).strip() for block in blocks]
    return [
        Example(path.stem, _arguments(command), json.loads(answer))
        for command, answer in zip(texts[::2], texts[1::2], strict=True)
    ]


def _arguments(command: str) -> tuple[str, ...]:
    joined = re.sub(r"\\[ ]*\n", " ", command)
    program, *arguments = shlex.split(joined)
    if program != "aws":
        raise ValueError(f"not a command of aws: {command}")
    return tuple(arguments)


def without_identity(value: Any, key: str = "") -> Any:
    """Replace ids, tokens and other random values by what they are."""
    if isinstance(value, dict):
        return {name: without_identity(each, name) for name, each in value.items()}
    if isinstance(value, list):
        return [without_identity(each, key) for each in value]
    if key == "VirtualNetworkId" and isinstance(value, int) and value < 2**24:
        return "a network of 24 bits"
    if key == "OwnerId" and re.fullmatch(r"\d{12}", value):
        return "an account"
    if key == "ClientToken" and _TOKEN.fullmatch(value):
        return "a token"
    if isinstance(value, str) and _ARN.fullmatch(value):
        return "the ARN of a network load balancer"
    if isinstance(value, str) and key.endswith("Id") and _ID.fullmatch(value):
        return f"an id {value.partition('-')[0]}-"
    return value
