"""The JSON Schema of requests agrees with the commands."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.bad_requests import BAD_CREATES, BAD_REMOVES
from tests.request_texts import DOCUMENTED_CREATE, DOCUMENTED_REMOVE, request
from tests.valid_requests import VALID_CREATES, VALID_REMOVES
from traffic_mirroring.errors import InvalidRequest
from traffic_mirroring.request.parsing import parse_create, parse_remove
from traffic_mirroring.request.schema import request_schema
from traffic_mirroring.request.shapes import ACTIONS

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCHEMA = DOCS / "request.schema.json"

ALLOWED = {
    "documented Create": DOCUMENTED_CREATE,
    "documented Remove": DOCUMENTED_REMOVE,
    "list": request({"type": "getTrafficMirroring", "more": None}),
    "cleanup": request({"type": "cleanupNetwork", "actionId": "1", "more": None}),
    **{name: text for name, (text, _) in {**VALID_CREATES, **VALID_REMOVES}.items()},
}

BEYOND = {
    # Another command accepts it.
    "type of another command",
    # Each value is valid, but not the two together.
    "target is the source",
    "target is the source in blanks",
    "target App is the source App",
    "number twice on one App",
    "number twice on one source",
    "number twice on one source, to an App",
    "number twice after an action without one",
    "ports reversed",
    "CIDRs of two families",
    "CIDRs of two families, IPv6 first",
    "CIDR twice",
    # In JSON Schema 5.0 is an integer.
    "number a fraction",
    "protocol a fraction",
    "packet length 96.0",
    # The schema lists names in lower case and without blanks.
    "protocol IP",
    "protocol 0 in blanks",
    # The schema knows neither depth nor digits.
    "51 levels",
    # The patterns of numbers and addresses in text don't check ranges.
    "protocol 256",
    "port 65536",
    "packet length 8501",
    "CIDR prefix too long",
    "CIDR an octet too large",
    "CIDR three octets",
}
"""Invalid requests whose mistake the schema can't express."""


MARKED_TWICE = {
    "driverRequest misspelt",
    "options on the action",
    "source misspelt",
    "source App misspelt",
    "direction misspelt",
    "target in other case",
}
"""A wrong key is marked, and that the right one is missing."""


def is_json(text):
    """Return whether an editor could parse the text and check the schema."""
    try:
        json.loads(text, parse_constant=int)
    except (ValueError, RecursionError):
        return False
    return True


def problems_of(parse, text):
    """Return the problems that a command reports."""
    with pytest.raises(InvalidRequest) as error:
        parse(text)
    return error.value.problems


BAD = {
    name: text
    for name, (text, _) in {**BAD_CREATES, **BAD_REMOVES}.items()
    if is_json(text)
}


@pytest.fixture(scope="module")
def schema():
    """Return a validator of the schema file."""
    return Draft202012Validator(json.loads(SCHEMA.read_text()))


def test_the_schema_is_valid():
    """It conforms to draft 2020-12."""
    Draft202012Validator.check_schema(request_schema())


@pytest.mark.parametrize("text", ALLOWED.values(), ids=ALLOWED)
def test_it_accepts_every_request_that_the_commands_accept(schema, text):
    """An editor marks no mistake in a request that works."""
    assert list(schema.iter_errors(json.loads(text.lstrip("\ufeff")))) == []


@pytest.mark.parametrize("name", BAD)
def test_it_rejects_the_mistakes_that_a_schema_can_express(schema, name):
    """An editor marks them; BEYOND lists the others."""
    assert schema.is_valid(json.loads(BAD[name])) == (name in BEYOND)


def test_a_description_explains_a_field_before_its_format(schema):
    """An editor shows it; only what takes any text or an object has no format."""
    descriptions = {
        name: field["description"]
        for definition in schema.schema["$defs"].values()
        for name, field in definition["properties"].items()
    }

    without_format = set()
    for name, description in descriptions.items():
        meaning, _, allowed = description.partition(". Allowed: ")
        assert re.fullmatch("[A-Z][a-z]* .{8,}", meaning)
        if not allowed:
            without_format.add(name)
    ranges = {"sourcePortRange", "destinationPortRange"}
    assert without_format == {"actionId", "actionParams", *ranges}


def test_an_editor_completes_the_types_of_all_commands(schema):
    """They are documented, and spelt as the documentation spells them."""
    types = schema.schema["$defs"]["Action"]["properties"]["type"]["anyOf"][0]
    documented = set(
        re.findall(
            '"type": "(\\w+Mirroring|cleanup\\w+)"', (DOCS / "requests.md").read_text()
        )
    )

    assert set(types["enum"]) == documented
    assert len(types["enumDescriptions"]) == len(documented) == len(ACTIONS)


@pytest.mark.parametrize(
    ("parse", "table"), [(parse_create, BAD_CREATES), (parse_remove, BAD_REMOVES)]
)
def test_a_mistake_is_marked_once(schema, parse, table):
    """A mistake in an action of one command isn't also one of every other command."""
    marks = {
        name: len(list(schema.iter_errors(json.loads(text))))
        for name, (text, _) in table.items()
        if is_json(text) and name not in BEYOND and len(problems_of(parse, text)) == 1
    }

    assert len(marks) > 8
    assert {name for name, count in marks.items() if count != 1} <= MARKED_TWICE
