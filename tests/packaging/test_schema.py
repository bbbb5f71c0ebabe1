"""The JSON Schema of requests says what the commands do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.bad_requests import BAD_CREATES, BAD_REMOVES
from tests.odd_requests import ODD_CREATES, ODD_REMOVES
from tests.request_texts import DOCUMENTED_CREATE, DOCUMENTED_REMOVE, request
from traffic_mirroring.request.schema import request_schema

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "request.schema.json"

ALLOWED = {
    "documented Create": DOCUMENTED_CREATE,
    "documented Remove": DOCUMENTED_REMOVE,
    "cleanup": request({"type": "cleanupNetwork", "actionId": "1", "more": None}),
    **{name: text for name, (text, _) in {**ODD_CREATES, **ODD_REMOVES}.items()},
}

BEYOND = {
    # What one command takes, another may refuse.
    "type of another command",
    # Two values that don't go together.
    "target is the source",
    "target is the source in blanks",
    "number twice on one source",
    "ports reversed",
    "CIDRs of two families",
    "CIDRs of two families, IPv6 first",
    "CIDR twice",
    # JSON Schema takes 5.0 for an integer.
    "number a fraction",
    "protocol a fraction",
    "packet length 96.0",
    # Numbers in text, and addresses, are checked by their form alone.
    "protocol 256",
    "port 65536",
    "packet length 8501",
    "CIDR prefix too long",
    "CIDR an octet too large",
    "CIDR three octets",
}
"""Bad requests in which a schema can't tell what is wrong."""


def is_json(text):
    """Tell whether an editor would come so far as to look at the schema."""
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
    """Return the validator that an editor would use."""
    return Draft202012Validator(json.loads(SCHEMA.read_text()))


def test_the_file_is_current():
    """`make schema` writes what the models say now."""
    assert json.loads(SCHEMA.read_text()) == request_schema()


def test_it_is_a_schema():
    """Its own form is right."""
    Draft202012Validator.check_schema(request_schema())


@pytest.mark.parametrize("text", ALLOWED.values(), ids=ALLOWED)
def test_what_the_commands_take_is_valid(schema, text):
    """No editor marks a request that would work."""
    assert list(schema.iter_errors(json.loads(text))) == []


@pytest.mark.parametrize("name", BAD)
def test_what_the_commands_refuse_is_invalid_as_far_as_a_schema_can_tell(schema, name):
    """An editor marks the mistakes that a schema can express."""
    assert schema.is_valid(json.loads(BAD[name])) == (name in BEYOND)


def test_every_field_is_explained(schema):
    """An editor can show for each field what is allowed."""
    silent = {
        f"{kind}.{name}"
        for kind, definition in schema.schema["$defs"].items()
        for name, field in definition["properties"].items()
        if "description" not in field and "$ref" not in json.dumps(field)
    }

    assert {each.split(".")[1] for each in silent} <= {"type", "actionId"}
