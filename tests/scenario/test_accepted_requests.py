"""Unusual but valid requests are accepted, and their answers have the right fields."""

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
from tests.scenario.conftest import EMPTY, TCP
from traffic_mirroring.request.parsing import parse_create, parse_remove

SESSION = "tms-0123456789abcdef0"
ALL_PORTS = {"FromPort": 0, "ToPort": 65535}
WITHOUT_ACTION_ID = request(create_action(action_id=""))

# Fields of a rule, and the fields of EC2's rule; None: the field is absent in EC2.
RULES = {
    "ports empty": (
        {"sourcePortRange": {"fromPort": "", "toPort": ""}},
        {"SourcePortRange": None},
    ),
    "ports 0 to 0": (
        {"sourcePortRange": {"fromPort": 0, "toPort": 0}},
        {"SourcePortRange": {"FromPort": 0, "ToPort": 0}},
    ),
    "fromPort 0 as an integer": (
        {"destinationPortRange": {"fromPort": 0, "toPort": 65535}},
        {"DestinationPortRange": ALL_PORTS},
    ),
    "fromPort 0 as text": (
        {"sourcePortRange": {"fromPort": "0", "toPort": "65535"}},
        {"SourcePortRange": ALL_PORTS},
    ),
    "protocol 6 as text": ({"protocol": "6"}, {"Protocol": 6}),
    "protocol -1": ({"protocol": "-1"}, {"Protocol": None}),
    "protocol all": ({"protocol": "all"}, {"Protocol": None}),
    "protocol any": ({"protocol": "any"}, {"Protocol": None}),
    "protocol 6 as an integer": ({"protocol": 6}, {"Protocol": 6}),
    "protocol tcp": ({"protocol": "tcp"}, {"Protocol": 6}),
    "protocol TCP": ({"protocol": "TCP"}, {"Protocol": 6}),
    "protocol udp": ({"protocol": "udp"}, {"Protocol": 17}),
    "protocol icmp": ({"protocol": "icmp"}, {"Protocol": 1}),
    "protocol gre": ({"protocol": "gre"}, {"Protocol": 47}),
    "protocol ipv6-icmp": (
        {"protocol": "ipv6-icmp"},
        {"Protocol": 58, "SourceCidrBlock": "::/0", "DestinationCidrBlock": "::/0"},
    ),
    "protocol tcp in blanks": ({"protocol": " tcp"}, {"Protocol": 6}),
    "direction Ingress": ({"direction": "Ingress"}, {"TrafficDirection": "ingress"}),
    "IPv6 source alone": (
        {"sourceCidr": "2001:db8::/32"},
        {"SourceCidrBlock": "2001:db8::/32", "DestinationCidrBlock": "::/0"},
    ),
    "IPv6 source and destination": (
        {"sourceCidr": "2001:db8::/32", "destinationCidr": "fd00::/8"},
        {"SourceCidrBlock": "2001:db8::/32", "DestinationCidrBlock": "fd00::/8"},
    ),
    "CIDR with host bits": (
        {"sourceCidr": "192.168.0.124/24"},
        {"SourceCidrBlock": "192.168.0.0/24"},
    ),
    "address without prefix length": (
        {"destinationCidr": "10.1.2.3"},
        {"DestinationCidrBlock": "10.1.2.3/32"},
    ),
    "null CIDRs and ports": (
        {"sourceCidr": None, "destinationCidr": None, "sourcePortRange": None},
        {"SourceCidrBlock": "0.0.0.0/0", "SourcePortRange": None},
    ),
}

# Pairs of requests with the same meaning.
SAME = {
    "rules null": (create(filterRules=None), create()),
    "number with blanks": (create(sessionNumber=" 5 "), create(sessionNumber="5")),
    "number as an integer": (create(sessionNumber=5), create(sessionNumber="5")),
    "number null": (create(sessionNumber=None), create(sessionNumber="")),
    "actionId missing": (
        request({"type": "CreateTrafficMirroring", "actionParams": PARAMS}),
        WITHOUT_ACTION_ID,
    ),
    "the platform's keys on an action": (
        request({**create_action(action_id=""), "actionTarget": None}),
        WITHOUT_ACTION_ID,
    ),
}


@pytest.mark.parametrize(("fields", "expected"), RULES.values(), ids=RULES)
def test_every_notation_of_a_rule_becomes_the_right_ec2_rule(world, fields, expected):
    """EC2's rule has the meaning of the request's rule, however that is written."""
    (result,) = world.create(world.mirror(filterRules=[{**TCP, **fields}]))

    (mirror_filter,) = world.filters
    (made,) = mirror_filter["IngressFilterRules"]
    assert result["success"]
    assert {name: made.get(name) for name in expected} == expected


@pytest.mark.parametrize(("unusual", "usual"), SAME.values(), ids=SAME)
def test_an_unusual_request_is_read_like_the_usual_one(unusual, usual):
    """Both texts are parsed to equal actions."""
    assert parse_create(unusual) == parse_create(usual)


def test_nested_objects_need_no_type(world):
    """An action without nested types creates the same mirror as one with them."""
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


def test_protocol_names_need_no_database_of_the_host(monkeypatch):
    """Protocol names work in a slim container, which has no protocol database."""
    monkeypatch.delattr(socket, "getprotobyname")

    (action,) = parse_create(rule(protocol="gre"))

    assert action.mirror.rules[0].protocol == 47


@pytest.mark.parametrize(
    "rules", [[], None, "missing"], ids=["empty", "null", "absent"]
)
def test_without_rules_everything_is_mirrored(world, rules):
    """A filter always gets rules, because AWS mirrors nothing without them."""
    world.create(world.mirror(**{} if rules == "missing" else {"filterRules": rules}))

    (mirror_filter,) = world.filters
    for direction in ("Ingress", "Egress"):
        made = mirror_filter[f"{direction}FilterRules"]
        assert {each["SourceCidrBlock"] for each in made} == {"0.0.0.0/0", "::/0"}
        assert {each.get("Protocol") for each in made} == {None}


def test_requested_numbers_are_taken_before_allocated_ones(world):
    """An action that requests number 1 gets it, even if it comes last."""
    any_number, number_one = world.create(
        world.mirror("web", "capture", sessionNumber=""),
        world.mirror("web", "ids", sessionNumber="1"),
    )

    numbers = {s["TrafficMirrorSessionId"]: s["SessionNumber"] for s in world.sessions}
    assert numbers == {number_one["sessionId"]: 1, any_number["sessionId"]: 2}
    assert world.held == {world.nic("web"): {1, 2}}


def test_the_same_action_twice_creates_one_mirror(world):
    """Both results have the same session id."""
    first, second = world.create(world.mirror(), world.mirror())

    (session,) = world.sessions
    assert first == second
    assert first["sessionId"] == session["TrafficMirrorSessionId"]


def test_results_are_in_the_order_of_the_actions(world):
    """Actions with the same action id can be told apart by their position."""
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
def test_the_unused_key_of_a_remove_may_be_absent(fields):
    """An absent, null or empty targetNicId means the same."""
    usual = parse_remove(remove(sessionId=SESSION))

    assert parse_remove(remove(sessionId=SESSION, **fields)) == usual


def test_blanks_around_an_id_are_trimmed(world):
    """A session id that was copied with blanks is found."""
    (made,) = world.create(world.mirror())

    (result,) = world.remove(sessionId=f"  {made['sessionId']}\n")

    assert result["success"]
    assert made["sessionId"] in result["infoMessage"]
    assert world.state == EMPTY


def test_a_success_has_no_error_message(world):
    """Create and Remove report what they did only in infoMessage."""
    (made,) = world.create(world.mirror())
    (removed,) = world.execute(
        "RemoveTrafficMirroring", request(remove_action(sessionId=made["sessionId"]))
    )

    for result in (made, removed):
        assert result["success"]
        assert result["errorMessage"] == ""
        assert made["sessionId"] in result["infoMessage"]


def test_a_failure_has_no_session_id(world):
    """Session id and infoMessage are empty; errorMessage has the reason."""
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
    assert world.state == EMPTY
