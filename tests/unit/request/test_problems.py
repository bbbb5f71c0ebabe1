"""A problem is one line with a path, a value and what is allowed."""

from __future__ import annotations

import json

import pytest

from tests.bad_requests import BAD_CREATES, BAD_REMOVES
from tests.request_texts import create, create_action, request, rule
from traffic_mirroring.errors import InvalidRequest
from traffic_mirroring.request.parsing import parse_create, parse_remove
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
        "allowed: eni- and 8 to 17 hexadecimal digits, or sourceAppName"
    ]


def test_a_missing_field_of_a_rule_is_named_with_what_is_allowed():
    """A null is a missing value."""
    assert problems(rule(protocol=None)) == [
        f"{PARAMS}.filterRules[0].protocol: is missing; allowed: an IANA protocol "
        "name, 1 to 255, or all, any, -1 for every protocol"
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

    assert problems(text) == [f"{PARAMS}.tags: 50 given; allowed: at most 40 tags"]


@pytest.mark.parametrize(
    ("key", "step"),
    [
        ("team", ".team"),
        ("cost center", '["cost center"]'),
        ("a.b", '["a.b"]'),
        ("", '[""]'),
        ("ä", '["\\u00e4"]'),
        ("aä", '["a\\u00e4"]'),
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
    assert shown("x" * 78) == f'"{"x" * 78}"'


class CountingList(list):
    """Counts how many of its items are looked at."""

    looked_at = 0

    def __iter__(self):
        for item in super().__iter__():
            self.looked_at += 1
            yield item


def test_a_long_value_is_cut_without_reading_all_of_it():
    """80 characters are shown, and the work doesn't grow with the value."""
    value = CountingList(["x" * 30] * 10_000)

    text = shown(value)

    assert text == json.dumps(value[:5])[:80] + "..."
    assert value.looked_at <= 5


def test_a_long_key_is_cut():
    """Whether it is a plain name or quoted."""
    plain, quoted = problems(create(tags={"k" * 200: "", "a b" * 200: ""}))

    assert plain.startswith(f"{PARAMS}.tags.{'k' * 80}...: ")
    assert quoted.startswith(f'{PARAMS}.tags["{("a b" * 200)[:79]}...]: ')


def test_a_key_of_80_characters_is_shown_whole():
    """Keys and values are cut at the same length."""
    assert problems(create(tags={"k" * 80: 1}))[0].startswith(
        f"{PARAMS}.tags.{'k' * 80}: "
    )


def test_a_hundred_problems_are_listed_and_the_rest_is_counted():
    """However many there are, the message stays short."""
    unknown = {f"{'x' * 200}{number}": number for number in range(5_000)}

    with pytest.raises(InvalidRequest) as error:
        parse_create(request(*[create_action(**unknown)] * 3))

    message = str(error.value)
    assert message.startswith("The request has 15000 problems;")
    assert message.endswith("\n- and 14900 more problems")
    assert len(error.value.problems) == 100
    assert len(message) < 100 * 500


def test_the_problems_of_one_action_are_counted_beyond_a_hundred():
    """Those that are in words and the others."""
    unknown = {f"x{number}": number for number in range(102)}

    with pytest.raises(InvalidRequest, match="The request has 102 problems;") as error:
        parse_create(create(**unknown))

    assert error.value.unlisted == 2


def test_exactly_a_hundred_problems_are_all_listed():
    """There is no line about none more."""
    with pytest.raises(InvalidRequest) as error:
        parse_create(request(*[create_action(packetLength=0)] * 100))

    assert len(error.value.problems) == 100
    assert "more problems" not in str(error.value)


def test_problems_beyond_the_actions_are_counted_too():
    """Number clashes come after the problems of the single actions."""
    clashing = [
        create_action(sessionNumber=5, packetLength=length) for length in range(1, 104)
    ]

    with pytest.raises(InvalidRequest, match="The request has 102 problems;") as error:
        parse_create(request(*clashing))

    assert error.value.unlisted == 2


def test_a_tag_named_like_pydantics_marker_keeps_its_path():
    """Pydantic marks invalid keys with a last step [key]."""
    assert problems(create(tags={"[key]": 1}))[0].startswith(
        f'{PARAMS}.tags["[key]"]: 1; allowed: text'
    )
    assert problems(create(**{"[key]": 1}))[0].startswith(
        f'{PARAMS}["[key]"]: is unknown'
    )


SEVERAL = {
    "driverRequest in two cases, no actions": 2,
    "keys in other cases at every level": 3,
    "type of another command between problems": 3,
    "action keys in other case": 2,
    "ports empty": 2,
    "ports misnamed": 2,
    "port a name": 2,
    "five problems in two actions": 5,
    "number twice, beside another bad action": 2,
}
"""How many mistakes a bad request has, if not one."""


@pytest.mark.parametrize(
    ("parse", "table"), [(parse_create, BAD_CREATES), (parse_remove, BAD_REMOVES)]
)
def test_every_mistake_is_reported_once(parse, table):
    """No other problem follows from a misspelt key or the type of another command."""
    counts = {}
    for name, (text, _) in table.items():
        with pytest.raises(InvalidRequest) as error:
            parse(text)
        counts[name] = len(error.value.problems) + error.value.unlisted

    expected = {name: SEVERAL.get(name, 1) for name in table}
    assert counts == expected


def test_a_missing_field_is_reported_beside_an_unknown_key_of_another_object():
    """Only a key of the same object explains that a field is missing."""
    assert len(problems(create(protocol="tcp", filterRules=[{"protocol": 6}]))) == 2
    assert len(problems(create(sourceNicId=None, packetLenth=5))) == 2


def test_a_missing_field_is_reported_beside_its_own_kind():
    """A key that is like another field doesn't explain it."""
    assert problems(create(filterRules=[{"protocl": "tcp"}])) == [
        f"{PARAMS}.filterRules[0].direction: is missing; allowed: ingress or egress",
        f"{PARAMS}.filterRules[0].protocl: is unknown; did you mean protocol? "
        f"allowed: {RULE_FIELDS}",
    ]


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"sessionId": "tms-0000000a", "targetNicId": "eni-0000000a"}, "both"),
        ({"sessionId": "", "targetNicId": None}, "neither"),
        ({}, "neither"),
    ],
)
def test_a_remove_has_exactly_one_of_its_two_fields(fields, count):
    """The problem says whether both or neither has a value."""
    with pytest.raises(InvalidRequest) as error:
        parse_remove(request({"type": "RemoveTrafficMirroring", **fields}))

    (problem,) = error.value.problems
    assert problem.endswith(
        f" gives a value for {count}; "
        "allowed: a value for exactly one of sessionId and targetNicId"
    )
