"""Reading requests and writing answers."""

import json

import pytest

from tests.bad_requests import BAD_CREATES, BAD_REMOVES
from tests.request_texts import (
    DOCUMENTED_CREATE,
    DOCUMENTED_REMOVE,
    PARAMS,
    RULE,
    SOURCE,
    TARGET,
    create,
    create_action,
    remove,
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
from traffic_mirroring.request import parse_create, parse_remove, render

MIRROR = Mirror(SOURCE, TARGET)
TCP = FilterRule("ingress", 6, "0.0.0.0/0", "0.0.0.0/0")


def numbered(number):
    """Return the action that create(sessionNumber=...) must be read as."""
    return CreateAction("1", MIRROR, number)


def ruled(*rules):
    """Return the action that create(filterRules=...) must be read as."""
    return CreateAction("1", Mirror(SOURCE, TARGET, rules))


def ingress(protocol=6, source="0.0.0.0/0", destination="0.0.0.0/0", **ports):
    """Return the action that rule(...) must be read as."""
    return ruled(FilterRule("ingress", protocol, source, destination, **ports))


ODD_CREATES = {
    "no rules": (create(), CreateAction("1", MIRROR)),
    "rules empty": (create(filterRules=[]), CreateAction("1", MIRROR)),
    "rules null": (create(filterRules=None), CreateAction("1", MIRROR)),
    "no actionId": (
        request({"type": "CreateTrafficMirroring", "actionParams": PARAMS}),
        CreateAction("", MIRROR),
    ),
    "actionId null": (create(action_id=None), CreateAction("", MIRROR)),
    "actionId not ASCII": (create(action_id="ß"), CreateAction("ß", MIRROR)),
    "type in lower camel": (
        request({"type": "createTrafficMirroring", "actionParams": PARAMS}),
        CreateAction("", MIRROR),
    ),
    "params type": (create(type="CreateTrafficMirroringParams"), numbered(None)),
    "params type in lower camel": (
        create(type="createTrafficMirroringParams"),
        numbered(None),
    ),
    "params type null": (create(type=None), numbered(None)),
    "actionTarget": (
        request({**create_action(), "actionTarget": None, "x": [1]}),
        numbered(None),
    ),
    "unknown keys at the root": (
        json.dumps({"driverRequest": {"actions": [create_action()], "a": 1}, "b": 2}),
        numbered(None),
    ),
    "source in blanks": (create(sourceNicId=f" {SOURCE}\n"), numbered(None)),
    "target in blanks": (create(targetNicId=f"\t{TARGET} "), numbered(None)),
    "short ids": (
        create(sourceNicId="eni-01234567"),
        CreateAction("1", Mirror("eni-01234567", TARGET)),
    ),
    "number empty": (create(sessionNumber=""), numbered(None)),
    "number blank": (create(sessionNumber="  "), numbered(None)),
    "number null": (create(sessionNumber=None), numbered(None)),
    "number text": (create(sessionNumber="5"), numbered(5)),
    "number integer": (create(sessionNumber=5), numbered(5)),
    "number in blanks": (create(sessionNumber=" 5 "), numbered(5)),
    "number with zeros": (create(sessionNumber="00005"), numbered(5)),
    "lowest number": (create(sessionNumber="1"), numbered(1)),
    "highest number": (create(sessionNumber=32766), numbered(32766)),
    "direction in capitals": (rule(direction="INGRESS"), ingress()),
    "egress": (
        rule(direction="Egress"),
        ruled(FilterRule("egress", 6, "0.0.0.0/0", "0.0.0.0/0")),
    ),
    "rule type": (rule(type="TrafficFilterRule"), ingress()),
    "rule type in lower camel": (rule(type="trafficFilterRule"), ingress()),
    "protocol in capitals": (rule(protocol="TCP"), ingress()),
    "protocol mixed": (rule(protocol="IPv6-Route"), ingress(43)),
    "protocol number": (rule(protocol=17), ingress(17)),
    "protocol number as text": (rule(protocol="17"), ingress(17)),
    "protocol number in blanks": (rule(protocol=" 6 "), ingress()),
    "protocol 0": (rule(protocol="0"), ingress(0)),
    "protocol 255": (rule(protocol=255), ingress(255)),
    "protocol all": (rule(protocol="all"), ingress(None)),
    "protocol Any": (rule(protocol="Any"), ingress(None)),
    "protocol -1": (rule(protocol=-1), ingress(None)),
    "protocol -1 as text": (rule(protocol="-1"), ingress(None)),
    "protocol icmp": (rule(protocol="icmp"), ingress(1)),
    "protocol ipv6-icmp": (rule(protocol="ipv6-icmp"), ingress(58, "::/0", "::/0")),
    "protocol icmpv6": (rule(protocol="ICMPv6"), ingress(58, "::/0", "::/0")),
    "protocol gre": (rule(protocol="GRE"), ingress(47)),
    "ports null": (
        rule(sourcePortRange=None, destinationPortRange=None, protocol="icmp"),
        ingress(1),
    ),
    "ports as integers": (
        rule(sourcePortRange={"fromPort": 0, "toPort": 0}),
        ingress(source_ports=PortRange(0, 0)),
    ),
    "ports as text, all of them": (
        rule(destinationPortRange={"fromPort": " 0", "toPort": "65535 "}),
        ingress(destination_ports=PortRange(0, 65535)),
    ),
    "ports with type": (
        rule(sourcePortRange={"type": "portRange", "fromPort": "80", "toPort": 80}),
        ingress(source_ports=PortRange(80, 80)),
    ),
    "ports with udp by number": (
        rule(protocol=17, sourcePortRange={"fromPort": 53, "toPort": 53}),
        ingress(17, source_ports=PortRange(53, 53)),
    ),
    "CIDR null": (rule(sourceCidr=None, destinationCidr=None), ingress()),
    "host bits": (
        rule(sourceCidr="192.168.0.124/24"),
        ingress(source="192.168.0.0/24"),
    ),
    "bare address": (rule(sourceCidr="10.1.2.3"), ingress(source="10.1.2.3/32")),
    "everywhere": (rule(sourceCidr="10.1.2.3/0"), ingress()),
    "bare IPv6 address": (
        rule(destinationCidr="2001:DB8::1"),
        ingress(source="::/0", destination="2001:db8::1/128"),
    ),
    "IPv6 host bits": (
        rule(sourceCidr="2001:db8:0:0::7/64"),
        ingress(source="2001:db8::/64", destination="::/0"),
    ),
    "both IPv6": (
        rule(sourceCidr="::/0", destinationCidr="fd00::/8"),
        ingress(source="::/0", destination="fd00::/8"),
    ),
    "10 rules": (create(filterRules=[RULE] * 10), ruled(*[TCP] * 10)),
    "numbers of different sources": (
        request(
            create_action(sessionNumber=5, sourceNicId="eni-00000001"),
            create_action(sessionNumber=5, sourceNicId="eni-00000002"),
        ),
        CreateAction("1", Mirror("eni-00000001", TARGET), 5),
    ),
    "equal actions with one number": (
        request(create_action(sessionNumber=5), create_action(sessionNumber="5")),
        numbered(5),
    ),
}

SESSION = "tms-0123456789abcdef0"
ODD_REMOVES = {
    "session": (remove(sessionId=SESSION), RemoveAction("1", SESSION)),
    "session, target empty": (
        remove(sessionId=SESSION, targetNicId=""),
        RemoveAction("1", SESSION),
    ),
    "session, target null": (
        remove(sessionId=SESSION, targetNicId=None),
        RemoveAction("1", SESSION),
    ),
    "session in blanks": (remove(sessionId=f" {SESSION} "), RemoveAction("1", SESSION)),
    "target": (remove(targetNicId=TARGET), RemoveAction("1", None, TARGET)),
    "target, session blank": (
        remove(sessionId=" ", targetNicId=TARGET),
        RemoveAction("1", None, TARGET),
    ),
    "unknown keys": (
        remove(targetNicId=TARGET, actionTarget=None, sourceNicId="x"),
        RemoveAction("1", None, TARGET),
    ),
}


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
