"""Reading requests and writing answers."""

import json

import pytest

from tests.bad_requests import BAD_CREATES, BAD_REMOVES
from tests.odd_requests import ODD_CREATES, ODD_REMOVES
from tests.request_texts import (
    DOCUMENTED_CREATE,
    DOCUMENTED_REMOVE,
    create,
    create_action,
    request,
    rule,
)
from traffic_mirroring.errors import InvalidRequest
from traffic_mirroring.models import (
    EVERYTHING,
    ActionResult,
    CreateAction,
    FilterRule,
    Mirror,
    PortRange,
    RemoveAction,
)
from traffic_mirroring.request.parsing import parse_create, parse_remove, render


@pytest.mark.parametrize(("text", "named"), BAD_CREATES.values(), ids=BAD_CREATES)
def test_a_bad_create_request_is_refused_with_path_value_and_what_is_allowed(
    text, named
):
    """Every bad Create request is refused, and its error names what is wrong."""
    with pytest.raises(InvalidRequest) as refusal:
        parse_create(text)

    assert [part for part in named if part not in str(refusal.value)] == []


@pytest.mark.parametrize(("text", "named"), BAD_REMOVES.values(), ids=BAD_REMOVES)
def test_a_bad_remove_request_is_refused_with_path_value_and_what_is_allowed(
    text, named
):
    """Every bad Remove request is refused, and its error names what is wrong."""
    with pytest.raises(InvalidRequest) as refusal:
        parse_remove(text)

    assert [part for part in named if part not in str(refusal.value)] == []


@pytest.mark.parametrize(("text", "meant"), ODD_CREATES.values(), ids=ODD_CREATES)
def test_an_odd_create_request_is_read_as_meant(text, meant):
    """What the contract allows, however oddly written, is read as it is meant."""
    assert meant == parse_create(text)[0]


@pytest.mark.parametrize(("text", "meant"), ODD_REMOVES.values(), ids=ODD_REMOVES)
def test_an_odd_remove_request_is_read_as_meant(text, meant):
    """The value may stand in either field, the other empty, null or absent."""
    assert (meant,) == parse_remove(text)


def test_texts_are_read_as_they_stand():
    """Descriptions reach the action, though they tell no mirrors apart."""
    (action,) = parse_create(rule(description="all but ssh"))

    assert action.mirror.rules[0].description == "all but ssh"
    assert action == parse_create(rule(description="other words"))[0]


def test_the_tables_are_as_large_as_promised():
    """At least 80 bad and 40 odd but valid requests are tried."""
    assert len(BAD_CREATES) + len(BAD_REMOVES) >= 80
    assert len(ODD_CREATES) + len(ODD_REMOVES) >= 40


def test_the_documented_create_sample_is_read_as_it_stands():
    """The vendor's page shows host bits in the CIDR and numbers as text."""
    ephemeral = PortRange(50000, 65535)
    expected = CreateAction(
        "41f206a1-a6c0-4603-90f7-6492cd0fb00d",
        Mirror(
            "eni-008322622e675cd80",
            "eni-05fc8d0b34b762305",
            (FilterRule("ingress", 6, "192.168.0.0/24", "0.0.0.0/0", ephemeral),),
        ),
        5,
    )

    assert (expected,) == parse_create(DOCUMENTED_CREATE)


def test_the_documented_remove_sample_is_read_as_it_stands():
    """The vendor's page shows both keys, one of them empty."""
    expected = RemoveAction(
        "514d18dc-cd6c-4725-ac60-9e281d0b8e27", None, "eni-08e44d9a954444e3f"
    )

    assert (expected,) == parse_remove(DOCUMENTED_REMOVE)


def test_actions_are_read_in_order():
    """The actions come out in the order in which they stand."""
    text = request(*(create_action(action_id=name) for name in "cab"))

    assert [action.action_id for action in parse_create(text)] == ["c", "a", "b"]


def test_everything_is_both_directions_of_both_families():
    """A mirror without rules mirrors ingress and egress, IPv4 and IPv6."""
    expected = {
        (direction, None, cidr, cidr)
        for direction in ("ingress", "egress")
        for cidr in ("0.0.0.0/0", "::/0")
    }

    assert expected == {
        (rule.direction, rule.protocol, rule.source_cidr, rule.destination_cidr)
        for rule in EVERYTHING
    }


def test_a_long_value_is_cut_in_the_error():
    """An error shows the beginning of a value, not kilobytes of it."""
    with pytest.raises(InvalidRequest) as refusal:
        parse_create(create(sourceNicId="x" * 100_000))

    assert len(str(refusal.value)) < 400


def test_an_answer_has_every_documented_field():
    """A result carries its fields as plain JSON, texts never null."""
    results = [
        ActionResult("CreateTrafficMirroring", "1", info="made", session_id="tms-1"),
        ActionResult("CreateTrafficMirroring", "2", error="no", session_id=""),
        ActionResult("RemoveTrafficMirroring", "", info="gone"),
    ]

    assert json.loads(render(results)) == {
        "driverResponse": {
            "actionResults": [
                {
                    "type": "CreateTrafficMirroring",
                    "actionId": "1",
                    "success": True,
                    "infoMessage": "made",
                    "errorMessage": "",
                    "sessionId": "tms-1",
                },
                {
                    "type": "CreateTrafficMirroring",
                    "actionId": "2",
                    "success": False,
                    "infoMessage": "",
                    "errorMessage": "no",
                    "sessionId": "",
                },
                {
                    "type": "RemoveTrafficMirroring",
                    "actionId": "",
                    "success": True,
                    "infoMessage": "gone",
                    "errorMessage": "",
                },
            ]
        }
    }
