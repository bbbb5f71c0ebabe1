"""Requests that `make fuzz` found: each is parsed or rejected, as every request is."""

from __future__ import annotations

from pathlib import Path

import pytest

from reliability.request_checks import PARSERS, check_request

CORPUS = sorted((Path(__file__).parents[2] / "corpus").iterdir())


def text_of(path: Path) -> str:
    """Return the text of a file as the fuzzer reads it."""
    return path.read_bytes().decode("utf-8", "surrogateescape")


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_a_request_of_the_corpus_breaks_no_invariant(path):
    """Those named crash broke one when they were found."""
    check_request(text_of(path))


def test_each_parser_accepts_a_request_of_the_corpus():
    """Otherwise the fuzzer would have to guess valid requests."""
    accepted = [check_request(text_of(path)) for path in CORPUS]

    assert {kind for kinds in accepted for kind in kinds} == set(PARSERS)
