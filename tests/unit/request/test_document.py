"""The text of a request is JSON within limits, whatever a caller sends."""

from __future__ import annotations

import json
import sys
from itertools import islice, product

import pytest
from hypothesis import given, settings

from reliability.request_checks import check_request
from reliability.request_strategies import REQUESTS
from tests.request_texts import create, request
from traffic_mirroring.errors import InvalidRequest
from traffic_mirroring.request.document import (
    MAX_CHARACTERS,
    MAX_LEVELS,
    build_object,
    parse_actions,
)
from traffic_mirroring.request.problems import ProblemList


def rejection(text):
    """Return the one problem with which the text of a request is rejected."""
    with pytest.raises(InvalidRequest) as error:
        parse_actions(text, ProblemList())
    (problem,) = error.value.problems
    return problem


def test_the_actions_are_returned_as_json_has_them():
    """They aren't validated yet."""
    assert parse_actions(request(1, {"a": []}), ProblemList()) == [1, {"a": []}]


def test_a_request_of_4_megabytes_is_accepted():
    """The limit is far above what a sandbox can need."""
    text = create()

    assert parse_actions(text.ljust(MAX_CHARACTERS), ProblemList())


def test_a_longer_request_is_rejected_before_it_is_parsed():
    """Even though the text isn't JSON, the error is about its length."""
    assert rejection("x" * (MAX_CHARACTERS + 1)) == (
        "the request: has 4194305 characters; allowed: at most 4194304 (4 MB)"
    )


@pytest.mark.parametrize(
    ("opening", "closing"), [("[", "]"), ('{"":', "}")], ids=["lists", "objects"]
)
def test_a_request_that_is_nested_too_deeply_is_rejected(opening, closing):
    """The error is the same at every depth around Python's recursion limit."""
    depths = [*range(MAX_LEVELS + 1, sys.getrecursionlimit() + 100), 100_000]

    errors = {rejection(opening * depth + "0" + closing * depth) for depth in depths}

    assert errors == {"the request: is nested too deeply; allowed: 50 levels"}


@pytest.mark.parametrize("text", [None, b"\xff", b"{}", 5], ids=repr)
def test_a_caller_that_passes_no_text_gets_the_same_error(text):
    """Another driver may call the commands with anything."""
    assert rejection(text).startswith("the request: is not JSON: ")


def test_only_one_byte_order_mark_is_skipped():
    """A second one is no JSON."""
    assert rejection("\ufeff\ufeff" + create()).startswith("the request: is not JSON: ")


class CountingKey(str):
    """Counts how often keys are compared with each other."""

    __slots__ = ()
    comparisons = 0

    def __eq__(self, other):
        CountingKey.comparisons += 1
        return str.__eq__(self, other)

    __hash__ = str.__hash__


def test_a_duplicate_key_is_found_in_linear_time():
    """The comparisons don't grow with the square of the number of keys."""
    members = [(CountingKey(number), None) for number in range(10_000)]
    CountingKey.comparisons = 0

    with pytest.raises(ValueError, match='"9999" appears twice in one object'):
        build_object([*members, (CountingKey("9999"), None)])

    assert 1 <= CountingKey.comparisons < 20 * len(members)


def test_an_integer_of_40_digits_is_parsed():
    """Then the field says what it allows."""
    digits = "9" * 40

    assert parse_actions(
        f'{{"driverRequest": {{"actions": [{digits}]}}}}', ProblemList()
    ) == [int(digits)]
    assert rejection(digits + "9") == (
        "the request: is not JSON: a number has more than 40 digits"
    )


def test_the_first_duplicate_is_reported():
    """One is enough: the text is no valid request anyway."""
    assert rejection('{"a": 1, "b": 2, "b": 3, "a": 4}') == (
        'the request: is not JSON: "b" appears twice in one object'
    )


def test_a_misspelt_frame_key_is_suggested():
    """Among other keys, however many."""
    members = {"driverReqest": {}, **dict.fromkeys(map(str, range(10_000)))}

    assert rejection(json.dumps(members)) == (
        'driverRequest: is missing in the request, which has "driverReqest"'
    )


@pytest.mark.parametrize(
    "members",
    [{}, {**dict.fromkeys(map(str, range(100))), "driverReqest": {}}],
    ids=["no key", "after a hundred others"],
)
def test_a_frame_key_is_missing_without_a_suggestion(members):
    """Only the first hundred keys are compared, however many a caller sends."""
    assert rejection(json.dumps(members)) == "driverRequest: is missing in the request"


def test_a_frame_key_in_another_case_is_reported_beside_the_right_one():
    """Which of the two was meant is unknown; other keys and null are ignored."""
    problems = ProblemList()
    frame = {"actions": [1], "Actions": 0, "ACTIONS": None, "action": 1}

    parse_actions(json.dumps({"driverRequest": frame, "driver": 1}), problems)

    with pytest.raises(InvalidRequest) as error:
        problems.raise_if_any()
    assert error.value.problems == (
        "Actions: is unknown; did you mean actions? allowed: actions",
    )


def test_the_problems_of_a_frame_are_counted_beyond_a_hundred():
    """Here of 101 keys in another case, and of missing actions."""
    letters = product(*[(letter, letter.upper()) for letter in "driverrequest"])
    keys = map("".join, islice(letters, 102))

    with pytest.raises(InvalidRequest, match="The request has 102 problems;") as error:
        parse_actions(json.dumps({key: {} for key in keys}), ProblemList())

    assert error.value.unlisted == 2


@settings(max_examples=25, deadline=None, database=None)
@given(REQUESTS)
def test_any_text_is_parsed_or_rejected_in_printable_ascii(text):
    """No other error is raised, and no character of the request is passed on raw."""
    check_request(text)
