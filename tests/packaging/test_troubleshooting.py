"""docs/troubleshooting.md explains every message of the product, and no others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.troubleshooting import ENTRIES, PAGE, quoted, unexplained

SOURCES = Path(__file__).parents[2] / "src" / "traffic_mirroring"

ELSEWHERE = {
    "check",
    "summary",
    "instance_types",
    "__init__",
    "fields",
    "values",
    "schema",
    "protocols",
    "log",
    "redaction",
}
"""Modules whose texts docs/requests.md explains, only the log has, or are patterns."""


def is_silent(node: ast.AST) -> bool:
    """Return whether a node is a docstring, a log line or a JSON Schema description."""
    if isinstance(node, ast.Call):
        return bool(re.search(r"\b_?log\.", ast.unparse(node.func)))
    if isinstance(node, ast.keyword):
        return node.arg == "description"
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def texts(node: ast.AST) -> Iterator[str]:
    """Yield every text that a user can read, with `<>` in place of values."""
    if is_silent(node):
        return
    if isinstance(node, ast.JoinedStr):
        yield "".join(
            str(part.value) if isinstance(part, ast.Constant) else "<>"
            for part in node.values
        )
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.JoinedStr) and isinstance(child, ast.Constant)):
            yield from texts(child)


@cache
def messages() -> set[str]:
    """Return the product's messages, without punctuation at their ends."""
    found = {
        text.strip("<>:;, \n")
        for path in SOURCES.rglob("*.py")
        if path.stem not in ELSEWHERE
        for text in texts(ast.parse(path.read_text()))
        if " " in text and re.search("[A-Za-z]{4}", text)
    }
    assert len(found) > 80
    return found


def without_names(text: str) -> str:
    """Return a text of the page with empty placeholders."""
    return re.sub("<[^>]*>", "<>", text)


def test_every_message_is_explained():
    """The page quotes every message of the sources word for word."""
    page = "\n".join(map(without_names, quoted(PAGE)))

    assert sorted(text for text in messages() if text not in page) == []


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_explained_message_exists(entry):
    """Every word of an entry comes from a message of the sources."""
    rest = without_names(entry)
    for text in sorted(messages(), key=len, reverse=True):
        rest = rest.replace(text, "")

    assert re.findall("[A-Za-z]{2,}", rest) == []


@pytest.mark.parametrize(
    "message",
    [
        "Something went wrong",
        "Removed target tmt-1; something went wrong",
        "Mending the network: it is torn",
        "Deleting traffic mirror filter tmf-1: Gone: no (request id 1); mend it",
        "actions[0].type: wrong",
    ],
)
def test_no_entry_matches_other_messages(message):
    """A message that the page doesn't explain is found."""
    assert unexplained(message) == [message]
