"""
Requests that are oddly written and well meant, and what their answers say.

The ids in the tests' names are those of known faults of another implementation.
"""

from __future__ import annotations

import socket

import pytest

from emulator.faults import Fault
from tests.request_texts import (
    PARAMS,
    create,
    create_action,
    remove,
    remove_action,
    request,
    rule,
)
from tests.scenario.conftest import EMPTY
from traffic_mirroring.request.parsing import parse_create, parse_remove

TCP = {"direction": "ingress", "protocol": "tcp"}
SESSION = "tms-0123456789abcdef0"
ALL_PORTS = {"FromPort": 0, "ToPort": 65535}
UNNAMED = request(create_action(action_id=""))

# Fields of a rule, and what EC2 has of it then; None: EC2 has no such field.
RULES = {
    "H5 ports empty": (
        {"sourcePortRange": {"fromPort": "", "toPort": ""}},
        {"SourcePortRange": None},
    ),
    "H5 ports 0 to 0": (
        {"sourcePortRange": {"fromPort": 0, "toPort": 0}},
        {"SourcePortRange": {"FromPort": 0, "ToPort": 0}},
    ),
    "H6 from 0 as an integer": (
        {"destinationPortRange": {"fromPort": 0, "toPort": 65535}},
        {"DestinationPortRange": ALL_PORTS},
    ),
    "H7 from 0 as text": (
        {"sourcePortRange": {"fromPort": "0", "toPort": "65535"}},
        {"SourcePortRange": ALL_PORTS},
    ),
    "H9 protocol 6 as text": ({"protocol": "6"}, {"Protocol": 6}),
    "H9 protocol -1": ({"protocol": "-1"}, {"Protocol": None}),
    "H9 protocol all": ({"protocol": "all"}, {"Protocol": None}),
    "H9 protocol any": ({"protocol": "any"}, {"Protocol": None}),
    "H10 protocol 6 as an integer": ({"protocol": 6}, {"Protocol": 6}),
    "H11 tcp": ({"protocol": "tcp"}, {"Protocol": 6}),
    "H11 TCP": ({"protocol": "TCP"}, {"Protocol": 6}),
    "H11 udp": ({"protocol": "udp"}, {"Protocol": 17}),
    "H11 icmp": ({"protocol": "icmp"}, {"Protocol": 1}),
    "H11 gre": ({"protocol": "gre"}, {"Protocol": 47}),
    "H11 ipv6-icmp": (
        {"protocol": "ipv6-icmp"},
        {"Protocol": 58, "SourceCidrBlock": "::/0", "DestinationCidrBlock": "::/0"},
    ),
    "H9 tcp in blanks": ({"protocol": " tcp"}, {"Protocol": 6}),
    "H13 Ingress": ({"direction": "Ingress"}, {"TrafficDirection": "ingress"}),
    "H14 only the source is IPv6": (
        {"sourceCidr": "2001:db8::/32"},
        {"SourceCidrBlock": "2001:db8::/32", "DestinationCidrBlock": "::/0"},
    ),
    "H15 both are IPv6": (
        {"sourceCidr": "2001:db8::/32", "destinationCidr": "fd00::/8"},
        {"SourceCidrBlock": "2001:db8::/32", "DestinationCidrBlock": "fd00::/8"},
    ),
    "H16 host bits": (
        {"sourceCidr": "192.168.0.124/24"},
        {"SourceCidrBlock": "192.168.0.0/24"},
    ),
    "H16 a plain address": (
        {"destinationCidr": "10.1.2.3"},
        {"DestinationCidrBlock": "10.1.2.3/32"},
    ),
    "H17 null CIDRs, null ports": (
        {"sourceCidr": None, "destinationCidr": None, "sourcePortRange": None},
        {"SourceCidrBlock": "0.0.0.0/0", "SourcePortRange": None},
    ),
}

# Pairs of requests of which reading alone tells that they mean the same.
SAME = {
    "H20 rules null as none": (create(filterRules=None), create()),
    "H23 a number in blanks": (create(sessionNumber=" 5 "), create(sessionNumber="5")),
    "H24 a number as integer": (create(sessionNumber=5), create(sessionNumber="5")),
    "H24 a number null": (create(sessionNumber=None), create(sessionNumber="")),
    "H29 no actionId": (
        request({"type": "CreateTrafficMirroring", "actionParams": PARAMS}),
        UNNAMED,
    ),
    "H21 the platform's keys on an action": (
        request({**create_action(action_id=""), "actionTarget": None}),
        UNNAMED,
    ),
}


@pytest.mark.parametrize(("fields", "expected"), RULES.values(), ids=RULES)
def test_h_a_rule_reaches_ec2_as_it_is_meant(world, fields, expected):
    """What EC2 filters by is what the rule says, whichever way it is written."""
    (result,) = world.create(world.mirror(filterRules=[{**TCP, **fields}]))

    (mirror_filter,) = world.filters
    (made,) = mirror_filter["IngressFilterRules"]
    assert result["success"]
    assert {name: made.get(name) for name in expected} == expected


@pytest.mark.parametrize(("odd", "plain"), SAME.values(), ids=SAME)
def test_h_an_odd_text_is_read_as_the_plain_one(odd, plain):
    """Reading alone decides: both texts are the same actions."""
    assert parse_create(odd) == parse_create(plain)


def test_h1_nested_objects_need_no_type(world):
    """An action without its nested types is made, as the one with them beside it."""
    ports = {"fromPort": "1", "toPort": "2"}
    typed = world.mirror(
        type="CreateTrafficMirroringParams",
        filterRules=[
            {
                **TCP,
                "type": "TrafficFilterRule",
                "sourcePortRange": {**ports, "type": "PortRange"},
            }
        ],
    )
    bare = world.mirror("db", filterRules=[{**TCP, "sourcePortRange": ports}])

    results = world.create(typed, bare)

    rules = [each["IngressFilterRules"][0] for each in world.filters]
    assert [result["success"] for result in results] == [True, True]
    assert [each["SourcePortRange"] for each in rules] == [
        {"FromPort": 1, "ToPort": 2}
    ] * 2


def test_h11_names_need_no_protocol_database_of_the_host(monkeypatch):
    """Reading alone: a slim container has none, and knows the names all the same."""
    monkeypatch.delattr(socket, "getprotobyname")

    (action,) = parse_create(rule(protocol="gre"))

    assert action.mirror.rules[0].protocol == 47


@pytest.mark.parametrize("rules", [[], None, "missing"], ids=["H19", "H20", "absent"])
def test_h19_h20_without_rules_everything_is_mirrored(world, rules):
    """A session never stands without rules, for AWS would mirror nothing then."""
    world.create(world.mirror(**{} if rules == "missing" else {"filterRules": rules}))

    (mirror_filter,) = world.filters
    for direction in ("Ingress", "Egress"):
        made = mirror_filter[f"{direction}FilterRules"]
        assert {each["SourceCidrBlock"] for each in made} == {"0.0.0.0/0", "::/0"}
        assert {each.get("Protocol") for each in made} == {None}


def test_h25_given_numbers_come_before_allocated_ones(world):
    """The action that names number 1 gets it, wherever it stands in the request."""
    any_number, number_one = world.create(
        world.mirror("web", "capture", sessionNumber=""),
        world.mirror("web", "ids", sessionNumber="1"),
    )

    numbers = {s["TrafficMirrorSessionId"]: s["SessionNumber"] for s in world.sessions}
    assert numbers == {number_one["sessionId"]: 1, any_number["sessionId"]: 2}
    assert world.held == {world.nic("web"): {1, 2}}


def test_h27_the_same_action_twice_is_one_mirror(world):
    """Both results carry the one session."""
    first, second = world.create(world.mirror(), world.mirror())

    (session,) = world.sessions
    assert first == second
    assert first["sessionId"] == session["TrafficMirrorSessionId"]


def test_h27_actions_that_share_an_action_id_answer_in_their_order(world):
    """The results stand as the actions do, so that they can be told apart."""
    first, second = world.create(world.mirror("web"), world.mirror("db"))

    nics = {
        s["TrafficMirrorSessionId"]: s["NetworkInterfaceId"] for s in world.sessions
    }
    assert first["actionId"] == second["actionId"]
    assert nics[first["sessionId"]] == world.nic("web")
    assert nics[second["sessionId"]] == world.nic("db")


@pytest.mark.parametrize(
    "fields",
    [{}, {"targetNicId": None}, {"targetNicId": ""}],
    ids=["absent", "null", "empty"],
)
def test_h33_the_key_that_is_not_used_may_be_absent(fields):
    """Reading alone: absent, null and empty are the same."""
    plain = parse_remove(remove(sessionId=SESSION))

    assert parse_remove(remove(sessionId=SESSION, **fields)) == plain


def test_h34_blanks_round_an_id_are_trimmed(world):
    """A session id copied with its blanks names the session."""
    (made,) = world.create(world.mirror())

    (result,) = world.remove(sessionId=f"  {made['sessionId']}\n")

    assert result["success"]
    assert made["sessionId"] in result["infoMessage"]
    assert world.standing == EMPTY


def test_q1_a_success_has_no_error_message(world):
    """Create and Remove say what they did in infoMessage alone."""
    (made,) = world.create(world.mirror())
    (removed,) = world.execute(
        "RemoveTrafficMirroring", request(remove_action(sessionId=made["sessionId"]))
    )

    for result in (made, removed):
        assert result["success"]
        assert result["errorMessage"] == ""
        assert made["sessionId"] in result["infoMessage"]


def test_q2_a_failure_names_no_session(world):
    """The session id and the info stay empty; the error says what went wrong."""
    world.ec2.faults.append(
        Fault(
            operation="CreateTrafficMirrorSession",
            code="Unsupported",
            message="no",
        )
    )

    (result,) = world.create(world.mirror())

    assert "Unsupported: no" in result["errorMessage"]
    assert (result["infoMessage"], result["sessionId"]) == ("", "")
    assert world.standing == EMPTY
