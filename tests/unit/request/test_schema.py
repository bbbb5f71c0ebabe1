"""The JSON Schema has the constraints of fields, and its file is up to date."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.request_texts import SOURCE, create, remove, rule
from traffic_mirroring.request.schema import request_schema

APP = {"sourceNicId": "", "sourceAppName": "web"}
SESSION = "tms-0123456789abcdef0"
FILE = Path(__file__).parents[3] / "docs" / "request.schema.json"


@pytest.fixture(scope="module")
def schema():
    """Return a validator of the schema."""
    return Draft202012Validator(request_schema())


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        (create(), True),
        (create(sourceNicId=f" {SOURCE} "), True),
        (create(sourceNicId="eni-x"), False),
        (create(**APP), True),
        (create(**{**APP, "sourceNicId": None}), True),
        (create(**{**APP, "sourceNicId": SOURCE}), False),
        (create(**{**APP, "sourceAppName": " "}), False),
        (create(tags={"Cost": "1"}), True),
        (create(tags={"Cost\0": "1"}), False),
        (create(tags={"Name": "1"}), False),
        (rule(sourceCidr="10.0.0.0/8", destinationCidr="::/0"), True),
        (rule(sourceCidr="ten"), False),
        (remove(sessionId=SESSION), True),
        (remove(sessionId=SESSION, targetNicId=""), True),
        (remove(sessionId=SESSION, targetNicId=SOURCE), False),
        (remove(sessionId="", targetNicId=" "), False),
        (remove(sessionId="tms-x"), False),
    ],
)
def test_an_editor_marks_a_wrong_value(schema, text, valid):
    """Ids, tags and CIDRs have a form; of some fields, one has a value."""
    assert schema.is_valid(json.loads(text)) is valid


def test_the_file_is_up_to_date():
    """`make schema` was run after the last change of the models."""
    assert json.loads(FILE.read_text()) == request_schema()


def test_an_editor_shows_what_is_allowed():
    """After what the field means."""
    rule_fields = request_schema()["$defs"]["TrafficFilterRule"]["properties"]

    assert rule_fields["sourceCidr"]["description"].endswith(
        "Allowed: an IPv4 or IPv6 address, alone or with /prefix"
    )
    assert "Allowed: an IANA protocol name" in rule_fields["protocol"]["description"]
