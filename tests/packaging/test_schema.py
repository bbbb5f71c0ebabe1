"""The JSON Schema of requests agrees with the commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.bad_requests import BAD_CREATES, BAD_REMOVES
from tests.request_texts import DOCUMENTED_CREATE, DOCUMENTED_REMOVE, request
from tests.valid_requests import VALID_CREATES, VALID_REMOVES
from traffic_mirroring.request.schema import request_schema

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "request.schema.json"

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


def is_json(text):
    """Return whether an editor could parse the text and check the schema."""
    try:
        json.loads(text, parse_constant=int)
    except (ValueError, RecursionError):
        return False
    return True


BAD = {
    name: text
    for name, (text, _) in {**BAD_CREATES, **BAD_REMOVES}.items()
    if is_json(text)
}


@pytest.fixture(scope="module")
def schema():
    """Return a validator of the schema file."""
    return Draft202012Validator(json.loads(SCHEMA.read_text()))


def test_the_file_is_up_to_date():
    """`make schema` was run after the last change of the models."""
    assert json.loads(SCHEMA.read_text()) == request_schema()


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


def test_every_field_has_a_description(schema):
    """An editor can show what each field allows."""
    undescribed = {
        f"{kind}.{name}"
        for kind, definition in schema.schema["$defs"].items()
        for name, field in definition["properties"].items()
        if "description" not in field and "$ref" not in json.dumps(field)
    }

    assert {each.split(".")[1] for each in undescribed} <= {"type", "actionId"}
