"""Requests are parsed to actions or rejected with all problems; answers are JSON."""

import json
import re

import pytest

from tests.bad_requests import BAD_CREATES, BAD_REMOVES
from tests.request_texts import (
    DOCUMENTED_CREATE,
    DOCUMENTED_REMOVE,
    create,
    create_action,
    request,
    rule,
)
from tests.valid_requests import VALID_CREATES, VALID_REMOVES
from traffic_mirroring.errors import InvalidRequest
from traffic_mirroring.models import (
    EVERYTHING,
    CleanupAction,
    CreateAction,
    Filter,
    FilterRule,
    GetAction,
    Mirror,
    PortRange,
    RemoveAction,
    Session,
    Target,
)
from traffic_mirroring.request.parsing import (
    parse_cleanup,
    parse_create,
    parse_get,
    parse_remove,
    render,
)
from traffic_mirroring.results import (
    ActionResult,
    CreateResult,
    GetResult,
    ListedMirror,
    Traffic,
)


@pytest.mark.parametrize(("text", "named"), BAD_CREATES.values(), ids=BAD_CREATES)
def test_an_invalid_create_request_is_rejected_with_path_value_and_what_is_allowed(
    text, named
):
    """The error has the path, the value and what is allowed."""
    with pytest.raises(InvalidRequest) as error:
        parse_create(text)

    assert [part for part in named if part not in str(error.value)] == []


@pytest.mark.parametrize(("text", "named"), BAD_REMOVES.values(), ids=BAD_REMOVES)
def test_an_invalid_remove_request_is_rejected_with_path_value_and_what_is_allowed(
    text, named
):
    """The error has the path, the value and what is allowed."""
    with pytest.raises(InvalidRequest) as error:
        parse_remove(text)

    assert [part for part in named if part not in str(error.value)] == []


@pytest.mark.parametrize(("text", "action"), VALID_CREATES.values(), ids=VALID_CREATES)
def test_an_unusual_create_request_is_parsed(text, action):
    """Blanks, capitals, numbers as text, nulls and absent fields are understood."""
    assert action == parse_create(text)[0]


@pytest.mark.parametrize(("text", "action"), VALID_REMOVES.values(), ids=VALID_REMOVES)
def test_an_unusual_remove_request_is_parsed(text, action):
    """Either field has the value; the other is empty, null or absent."""
    assert (action,) == parse_remove(text)


def test_the_teardown_request_is_parsed():
    """CloudShell adds keys of its own and begins the type in lower case."""
    text = request({"type": "cleanupNetwork", "actionId": "7", "actionTarget": None})

    assert parse_cleanup(text) == CleanupAction("7")


def test_a_request_for_the_list_is_parsed():
    """It has one action, with nothing but its type and id."""
    text = request({"type": "getTrafficMirroring", "actionId": "7", "actionTarget": 1})

    assert parse_get(text) == GetAction("7")


@pytest.mark.parametrize(
    ("actions", "problem"),
    [
        ([{"type": "GetTrafficMirroring"}] * 2, "actions: 2 actions; allowed: one"),
        ([{"actionId": "1"}], "actions[0].type: is missing"),
        ([{"type": "GetTrafficMirroring", "ActionId": "1"}], "did you mean actionId?"),
    ],
)
def test_an_invalid_request_for_the_list_is_rejected(actions, problem):
    """As any other request is."""
    with pytest.raises(InvalidRequest, match=re.escape(problem)):
        parse_get(request(*actions))


def test_a_teardown_request_has_one_action():
    """Two actions are rejected, and a wrong one of them is named as well."""
    cleanup = {"type": "cleanupNetwork"}

    with pytest.raises(InvalidRequest) as error:
        parse_cleanup(request(cleanup, {"type": "prepareCloudInfra"}))

    assert error.value.problems == (
        'actions[1].type: "prepareCloudInfra"; allowed: CleanupNetwork',
        "actions: 2 actions; allowed: one",
    )


def test_a_rules_description_is_kept_and_makes_no_other_mirror():
    """Rules that differ only in description are equal."""
    (action,) = parse_create(rule(description="all but ssh"))

    assert action.mirror.rules[0].description == "all but ssh"
    assert action == parse_create(rule(description="other words"))[0]


def test_an_unknown_key_with_null_is_absent():
    """A misspelt key with null does no harm, since null means absent everywhere."""
    text = request(
        {**create_action(sourceCider=None), "TargetNicId": None, "Actionid": None}
    )

    assert parse_create(text) == parse_create(create())


def test_tags_with_null_are_not_counted():
    """40 tags are allowed, and one more if it is null."""
    tags = dict.fromkeys(map(str, range(40)), "")

    (action,) = parse_create(create(tags={**tags, "gone": None}))

    assert action.tags == tags


def test_the_tables_have_their_cases():
    """At least 80 invalid and 40 unusual but valid requests are tested."""
    assert len(BAD_CREATES) + len(BAD_REMOVES) >= 80
    assert len(VALID_CREATES) + len(VALID_REMOVES) >= 40


def test_the_documented_create_sample_is_parsed_unchanged():
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


def test_the_documented_remove_sample_is_parsed_unchanged():
    """The vendor's page shows both keys, one of them empty."""
    expected = RemoveAction(
        "514d18dc-cd6c-4725-ac60-9e281d0b8e27", None, "eni-08e44d9a954444e3f"
    )

    assert (expected,) == parse_remove(DOCUMENTED_REMOVE)


def test_actions_keep_their_order():
    """The first action of the request is the first that is returned."""
    text = request(*(create_action(action_id=name) for name in "cab"))

    assert [action.action_id for action in parse_create(text)] == ["c", "a", "b"]


def test_without_rules_both_directions_of_both_families_are_mirrored():
    """Ingress and egress, IPv4 and IPv6."""
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
    with pytest.raises(InvalidRequest) as error:
        parse_create(create(sourceNicId="x" * 100_000))

    assert len(str(error.value)) < 400


def test_an_answer_has_every_documented_field():
    """Each result is plain JSON, and a text without content is empty, not null."""
    session = Session("tms-1", "eni-1", "tmt-1", "tmf-1", 5, {}, virtual_network_id=77)
    results = [
        CreateResult("CreateTrafficMirroring", "1", info="created", session=session),
        CreateResult("CreateTrafficMirroring", "2", error="no"),
        ActionResult("RemoveTrafficMirroring", "", info="gone"),
    ]

    assert json.loads(render(results)) == {
        "driverResponse": {
            "actionResults": [
                {
                    "type": "CreateTrafficMirroring",
                    "actionId": "1",
                    "success": True,
                    "infoMessage": "created",
                    "errorMessage": "",
                    "sessionId": "tms-1",
                    "sessionNumber": 5,
                    "virtualNetworkId": 77,
                    "targetId": "tmt-1",
                    "filterId": "tmf-1",
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


def test_an_answer_is_indented():
    """CloudShell Portal shows it to users."""
    first, second, *_ = render([ActionResult("CleanupNetwork", "1")]).splitlines()

    assert (first, second) == ("{", '  "driverResponse": {')


def test_a_list_of_mirrors_has_every_documented_field():
    """Numbers are numbers, and what is unknown is null."""
    session = Session("tms-1", "eni-1", "tmt-1", "tmf-1", 5, {}, 96, 77)
    target, filter_ = Target("tmt-1", "eni-2", {}), Filter("tmf-1", {}, EVERYTHING)
    warnings, traffic = ("warning: no",), Traffic(7, None, 0)
    mirror = ListedMirror(session, target, filter_, warnings, traffic)
    unknown = ListedMirror(session, None, None)
    result = GetResult("GetTrafficMirroring", "1", "two", mirrors=(mirror, unknown))

    (rendered,) = json.loads(render([result]))["driverResponse"]["actionResults"]

    ids = {
        "sessionId": "tms-1",
        "sessionNumber": 5,
        "virtualNetworkId": 77,
        "targetId": "tmt-1",
        "filterId": "tmf-1",
    }
    options = {"sessionNumber": 5, "packetLength": 96, "virtualNetworkId": 77}
    assert rendered == {
        "type": "GetTrafficMirroring",
        "actionId": "1",
        "success": True,
        "infoMessage": "two",
        "errorMessage": "",
        "mirrors": [
            {
                "actionParams": {
                    "sourceNicId": "eni-1",
                    "targetNicId": "eni-2",
                    **options,
                },
                **ids,
                "warnings": ["warning: no"],
                "traffic": {
                    "packetsMirrored": 7,
                    "bytesMirrored": None,
                    "packetsSkipped": 0,
                },
            },
            {
                "actionParams": {
                    "sourceNicId": "eni-1",
                    "filterRules": None,
                    **options,
                },
                **ids,
                "warnings": [],
                "traffic": None,
            },
        ],
    }
