"""Reads docs/troubleshooting.md and finds messages that it doesn't explain."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = (Path(__file__).parents[1] / "docs" / "troubleshooting.md").read_text()


def quoted(text: str) -> list[str]:
    """Return the texts in backticks."""
    return re.findall("`([^`]+)`", text)


def _entries(text: str) -> list[str]:
    return quoted("".join(re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE)))


ENTRIES = _entries(PAGE)
"""The explained messages: the first columns of the page's tables."""

_ACTIONS = _entries(PAGE.partition("`<action>` is one")[2].partition("\nfollowed")[0])


def _pattern(text: str, **patterns: str) -> str:
    """Return a regex for a text; `patterns` has those of its placeholders."""
    parts = re.split("<([^>]+)>", text)
    parts[::2] = map(re.escape, parts[::2])
    parts[1::2] = [patterns.get(name, "[^;]+?") for name in parts[1::2]]
    return "".join(parts)


def _any_of(texts: list[str], **patterns: str) -> str:
    return f"(?:{'|'.join(_pattern(text, **patterns) for text in texts)})"


_ENTRY = _any_of(
    ENTRIES,
    action=_any_of(_ACTIONS),
    path=r"(?i:the request|driverRequest|actions)\b.*?",
    leftovers=".+?",
    value=".+?",
    why=".+?",
)
_EXPLAINED = re.compile(f"{_ENTRY}(?:; {_ENTRY})*")


def unexplained(message: str) -> list[str]:
    """Return the lines of a message that the page doesn't explain."""
    text = message.rpartition("Error description: ")[2]
    lines = [line.removeprefix("- ") for line in text.split("\n") if line]
    return [line for line in lines if not _EXPLAINED.fullmatch(line)]


def check_explained(message: str) -> None:
    """Fail if the page doesn't explain a line of the message."""
    assert unexplained(message) == []
