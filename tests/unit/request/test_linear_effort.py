"""The work and the memory for a request grow no faster than its text."""

from __future__ import annotations

import json
import sys
import tracemalloc
from contextlib import suppress

import pytest

from tests.request_texts import RULE, create, create_action, remove_action, request
from traffic_mirroring.errors import InvalidRequest
from traffic_mirroring.request.parsing import (
    parse_cleanup,
    parse_create,
    parse_remove,
)

SIZE = 100
MUCH_LONGER = 100
"""Texts grow this much faster than lists and objects, since they cost less."""


def keys(count):
    """Return an object with many keys."""
    return {f"key{number}": number for number in range(count)}


def different(count):
    """Return actions with one number each, and with another packet length each."""
    return [create_action(sessionNumber=5, packetLength=1 + n) for n in range(count)]


def duplicate(count):
    """Return an object whose first key comes again after all others."""
    return json.dumps(keys(count))[:-1] + ', "key0": 0}'


GROWTH = {
    "equal actions": lambda n: request(*[create_action()] * n),
    "actions with 10 rules": lambda n: request(
        *[create_action(filterRules=[RULE] * 10)] * (n // 10)
    ),
    "actions with 40 tags": lambda n: request(
        *[create_action(tags=keys(40))] * (n // 40)
    ),
    "numbers given twice": lambda n: request(*different(n)),
    "invalid actions": lambda n: request(*[create_action(sourceNicId="?")] * n),
    "actions of another type": lambda n: request(*[{"type": "x"}] * n),
    "no actions": lambda n: request(*[None] * n),
    "keys at the root": lambda n: json.dumps(keys(n)),
    "keys beside the actions": lambda n: json.dumps({"driverRequest": keys(n)}),
    "keys on an action": lambda n: request({**keys(n), **create_action()}),
    "keys in actionParams": lambda n: create(**keys(n)),
    "keys in a rule": lambda n: create(filterRules=[{**RULE, **keys(n)}]),
    "keys in other cases": lambda n: request(
        {**create_action(), **dict.fromkeys(_cases("sourceappname", n), 1)}
    ),
    "a key twice": duplicate,
    "rules": lambda n: create(filterRules=[RULE] * n),
    "tags": lambda n: create(tags=keys(n)),
    "services": lambda n: create(networkServices=["amazon-dns"] * n),
    "a list as text": lambda n: create(description=[[]] * n),
    "an object as id": lambda n: create(sourceNicId=keys(n)),
    "levels": lambda n: create(x="[" * n)[:-1] + "[" * n + "]" * n,
    "objects in objects": lambda n: '{"":' * n + "0" + "}" * n,
    "a long key": lambda n: create(**{"k" * n * MUCH_LONGER: 1}),
    "a long key to quote": lambda n: create(tags={"k y" * n * MUCH_LONGER: 1}),
    "a long key of the frame": lambda n: json.dumps({"driver" * n * MUCH_LONGER: 1}),
    "a long id": lambda n: create(sourceNicId="eni-" + "0" * n * MUCH_LONGER),
    "a long number": lambda n: create(sessionNumber="0" * n * MUCH_LONGER),
    "many digits": lambda n: f"[{'9' * n * MUCH_LONGER}]",
    "a long fraction": lambda n: f"[0.{'9' * n * MUCH_LONGER}]",
    "a long CIDR": lambda n: create(filterRules=[{**RULE, "sourceCidr": "1:" * n}]),
    "blanks": lambda n: " " * n * MUCH_LONGER + create(),
    "blanks around a value": lambda n: create(packetLength=" " * n * MUCH_LONGER + "9"),
    "escapes": lambda n: create(description="\x00" * n * MUCH_LONGER),
    "surrogates": lambda n: create(tags={"a": "\ud800" * n * MUCH_LONGER}),
    "removals": lambda n: request(*[remove_action(sessionId="tms-0")] * n),
    "invalid removals": lambda n: request(*[remove_action()] * n),
    "cleanups": lambda n: request(*[{"type": "cleanupNetwork"}] * n),
}


def _cases(name, count):
    """Return a name in different cases."""
    return [
        "".join(
            letter.upper() if number >> index & 1 else letter
            for index, letter in enumerate(name)
        )
        for number in range(1, count + 1)
    ]


def parse_all(text):
    """Give a text to the parsers."""
    for parse in (parse_create, parse_remove, parse_cleanup):
        with suppress(InvalidRequest):
            parse(text)


class Steps:
    """
    Counts the lines of Python that run in a block, the standard library's too.

    What C code does is not counted; test_document.py counts how often json compares
    keys.
    """

    def __enter__(self):
        self.count = 0
        self._before = sys.gettrace()
        sys.settrace(self._trace)
        return self

    def __exit__(self, *_):
        sys.settrace(self._before)

    def _trace(self, _frame, _event, _argument):
        self.count += 1
        return self._trace


def steps(parse, text):
    """Return how many lines of Python run for a text."""
    with Steps() as counted:
        parse(text)
    return counted.count


def peak(parse, text):
    """Return the most memory that is in use for a text, in bytes."""
    tracemalloc.start()
    try:
        kept = parse(text)  # so that results count, too
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        del kept


def is_linear(measure, parse, grow):
    """
    Return whether a text that is four times as large costs at most five times as much.

    What grows with the square costs up to sixteen times as much. Objects grow in leaps,
    so that their memory is not exactly proportional.
    """
    slack = {steps: 0, peak: 50_000}[measure]
    return measure(parse, grow(4 * SIZE)) <= 5 * measure(parse, grow(SIZE)) + slack


@pytest.fixture(scope="module", autouse=True)
def _warmed_up():
    """Fill the caches of re, pydantic and json first."""
    for grow in GROWTH.values():
        parse_all(grow(10))


@pytest.mark.parametrize("grow", GROWTH.values(), ids=GROWTH)
def test_the_steps_grow_with_the_text(grow):
    """Counted in lines of Python, so that no other process can disturb it."""
    assert is_linear(steps, parse_all, grow)


@pytest.mark.parametrize("grow", GROWTH.values(), ids=GROWTH)
def test_the_memory_grows_with_the_text(grow):
    """The peak, with all that is built for the error."""
    assert is_linear(peak, parse_all, grow)


@pytest.mark.parametrize(
    ("measure", "parse"),
    [
        (steps, lambda text: [a for a in text for b in text if a < b]),
        (peak, lambda text: [text[:length] for length in range(len(text))]),
    ],
    ids=["steps", "memory"],
)
def test_quadratic_growth_would_be_found(measure, parse):
    """Both measures notice it."""
    assert is_linear(measure, list, "[{0}]".__mul__)
    assert not is_linear(measure, parse, "[{0}]".__mul__)
