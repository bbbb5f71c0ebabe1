"""
Why a text is not JSON, in words.

Owns the usual mistakes, and how the text at that place is shown. Must not know what a
request contains.
"""

from __future__ import annotations

import re
from json import JSONDecodeError

_BEFORE, _AFTER = 20, 40
"""How many characters of the line are shown around the place."""

_MISTAKES = {
    r"//|/\*|#": "a comment, which JSON does not allow,",
    "['`\u2018-\u201f]": "a quotation mark other than JSON's double one",
    r"(True|False|None)\b": "a word of Python instead of true, false or null",
}
"""Usual mistakes by a pattern that matches where they begin."""

_COMMA = re.compile(r",\s*[]}]")


def describe_json_error(error: JSONDecodeError) -> str:
    """Return what is wrong, where, and the text there: short, in printable ASCII."""
    text = error.doc.rstrip()
    if not text:
        return "it is empty"
    why, position = error.msg, error.pos
    if not why.startswith("Invalid"):  # then the place is within a text
        why, position = _find_mistake(text, position) or (why, position)
    if position >= len(text):
        why, position = "it ends too early", len(text) - 1
    start = text.rfind("\n", 0, position) + 1
    line, column = text.count("\n", 0, position) + 1, position - start + 1
    excerpt = _excerpt(text[start:].partition("\n")[0], column - 1)
    return f"{why.removesuffix(' at')} in line {line}, column {column}: {excerpt}"


def _find_mistake(text: str, position: int) -> tuple[str, int] | None:
    """Return the usual mistake at the place, if it is one, and where it begins."""
    before = max(len(text[:position].rstrip()) - 1, 0)
    here = len(text) - len(text[position:].lstrip())
    for comma in (before, here):
        if _COMMA.match(text, comma):
            return "a comma before a closing bracket", comma
    for pattern, mistake in _MISTAKES.items():
        if re.compile(pattern).match(text, here):
            return mistake, here
    return None


def _excerpt(line: str, position: int) -> str:
    """Return what surrounds a place in a line; other characters are escaped."""
    first, last = max(position - _BEFORE, 0), position + _AFTER
    shown = line[first:last].strip().encode("unicode_escape").decode()
    return f"{'...' if first else ''}{shown}{'...' if last < len(line) else ''}"
