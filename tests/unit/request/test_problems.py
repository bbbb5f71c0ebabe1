"""A problem is one line with a path, a value and what is allowed."""

from __future__ import annotations

import json

import pytest

from tests.request_texts import create, rule
from traffic_mirroring.errors import InvalidRequest
from traffic_mirroring.request.parsing import parse_create
from traffic_mirroring.request.problems import shown

PARAMS = "actions[0].actionParams"
RULE_FIELDS = (
    "type, direction, sourcePortRange, destinationPortRange, protocol, sourceCidr, "
    "destinationCidr, ruleAction, description"
)


def problems(text):
    """Return the problems of a Create request."""
    with pytest.raises(InvalidRequest) as error:
        parse_create(text)
    return list(error.value.problems)


def test_an_invalid_value_is_shown_with_what_is_allowed():
    """The description of the field says it."""
    assert problems(create(packetLength=9000)) == [
        f"{PARAMS}.packetLength: 9000; allowed: 1 to 8500"
    ]


def test_a_missing_field_is_named_as_in_the_request():
    """In camel case, with what is allowed."""
    assert problems(create(sourceNicId=None)) == [
        f"{PARAMS}.sourceNicId: is missing; "
        "allowed: eni- and 8 to 17 hexadecimal digits"
    ]


def test_an_unknown_field_is_reported_with_the_nearest_one():
    """All known fields of the object follow."""
    assert problems(rule(sourceCider="10.0.0.0/8")) == [
        f"{PARAMS}.filterRules[0].sourceCider: is unknown; "
        f"did you mean sourceCidr? allowed: {RULE_FIELDS}"
    ]


def test_too_many_items_are_counted():
    """The values themselves are not shown."""
    text = create(tags={str(number): "x" for number in range(50)})

    assert problems(text) == [f"{PARAMS}.tags: 50 given; allowed: at most 43 tags"]


@pytest.mark.parametrize(
    ("key", "step"),
    [
        ("team", ".team"),
        ("cost center", '["cost center"]'),
        ("a.b", '["a.b"]'),
        ("", '[""]'),
        ("ä", '["\\u00e4"]'),
        ("x\n- forged", '["x\\n- forged"]'),
    ],
)
def test_a_key_is_quoted_in_the_path_unless_it_is_a_plain_name(key, step):
    """So that no key can look like another path or begin a new line."""
    (problem,) = problems(create(tags={key: 1}))[-1:]

    assert problem.startswith(f"{PARAMS}.tags{step}: ")


def test_a_short_value_is_shown_as_json():
    """Text in quotes, with escapes for everything beyond ASCII."""
    assert shown({"a": ["ü", None, True]}) == '{"a": ["\\u00fc", null, true]}'


def test_a_long_value_is_cut():
    """80 characters are enough to recognize it."""
    value = ["x" * 30] * 1_000

    assert shown(value) == json.dumps(value)[:80] + "..."
