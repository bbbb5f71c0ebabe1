"""docs/troubleshooting.md explains every text of the product, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.troubleshooting import ENTRIES, PAGE, quoted, unexplained

SOURCES = Path(__file__).parents[2] / "src" / "traffic_mirroring"

ELSEWHERE = {"__init__", "fields", "values", "schema", "protocols", "log", "redaction"}
"""Modules of what a request may contain (docs/requests.md), of logs, and patterns."""


def is_silent(node: ast.AST) -> bool:
    """Tell docstrings, log lines and a JSON Schema's descriptions."""
    if isinstance(node, ast.Call):
        return bool(re.search(r"\b_?log\.", ast.unparse(node.func)))
    if isinstance(node, ast.keyword):
        return node.arg == "description"
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def texts(node: ast.AST) -> Iterator[str]:
    """Yield every text that the code has for a reader, `<>` where values go."""
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
def told() -> set[str]:
    """Return what the product's sources say in words, without what joins it."""
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
    """Return a text of the page with its placeholders empty."""
    return re.sub("<[^>]*>", "<>", text)


def test_every_text_is_explained():
    """Whatever the sources can say stands on the page, word for word."""
    page = "\n".join(map(without_names, quoted(PAGE)))

    assert sorted(text for text in told() if text not in page) == []


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_explained_text_exists(entry):
    """Nothing is left of an entry once what the sources say is taken out."""
    rest = without_names(entry)
    for text in sorted(told(), key=len, reverse=True):
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
def test_no_entry_takes_whatever_comes(message):
    """A text that isn't there is found to be missing."""
    assert unexplained(message) == [message]
