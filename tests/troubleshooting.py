"""What docs/troubleshooting.md says, and what of a message it doesn't."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = (Path(__file__).parents[1] / "docs" / "troubleshooting.md").read_text()


def quoted(text: str) -> list[str]:
    """Return what stands in backticks."""
    return re.findall("`([^`]+)`", text)


def _entries(text: str) -> list[str]:
    return quoted("".join(re.findall(r"^\| (`.*?`) \|", text, re.MULTILINE)))


ENTRIES = _entries(PAGE)
"""The texts that are explained: those in the first columns of the page's tables."""

_ACTION = _entries(PAGE.partition("`<action>` is one")[2].partition("\nfollowed")[0])


def _pattern(text: str, **holes: str) -> str:
    """Return what a text matches; a hole takes what its name says, or all but `;`."""
    parts = re.split("<([^>]+)>", text)
    parts[::2] = map(re.escape, parts[::2])
    parts[1::2] = [holes.get(name, "[^;]+?") for name in parts[1::2]]
    return "".join(parts)


def _any_of(texts: list[str], **holes: str) -> str:
    return f"(?:{'|'.join(_pattern(text, **holes) for text in texts)})"


_ENTRY = _any_of(
    ENTRIES,
    action=_any_of(_ACTION),
    path=r"(?i:the request|driverRequest|actions)\b.*?",
    value=".+?",
    why=".+?",
)
_EXPLAINED = re.compile(f"{_ENTRY}(?:; {_ENTRY})*")


def unexplained(message: str) -> list[str]:
    """Return the lines of a command's or a result's message that the page lacks."""
    told = message.rpartition("Error description: ")[2]
    lines = [line.removeprefix("- ") for line in told.split("\n") if line]
    return [line for line in lines if not _EXPLAINED.fullmatch(line)]


def check_explained(message: str) -> None:
    """Fail with the lines that the page lacks, if there are any."""
    assert unexplained(message) == []
