"""Invalid requests are rejected as a whole, with a helpful error, without effect."""

from __future__ import annotations

import json

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from tests.request_texts import (
    PARAMS,
    RULE,
    SOURCE,
    TARGET,
    create,
    create_action,
    remove,
    remove_action,
    request,
    rule,
)
from traffic_mirroring.errors import InvalidRequest
from traffic_mirroring.request.parsing import parse_create

SESSION = "tms-0123456789abcdef0"
NUMBER = "actions[1].actionParams.sessionNumber"
FIRST_RULE = "actions[0].actionParams.filterRules[0]"
PORTS = f"{FIRST_RULE}.sourcePortRange"


def after_a_valid_one(action):
    """Return a Create request whose first action is valid and whose second is this."""
    return request(create_action(), action)


def numbered(number):
    """Return a Create request whose second action has this session number."""
    return after_a_valid_one(create_action(action_id="2", sessionNumber=number))


def ports(**fields):
    """Return a Create request with one rule that has these keys in its port range."""
    return rule(sourcePortRange=fields)


CREATES = {
    "type misspelt": (
        after_a_valid_one({**create_action(), "type": "CreateTraficMirroring"}),
        'actions[1].type: "CreateTraficMirroring"',
    ),
    "type missing": (
        after_a_valid_one({"actionId": "2", "actionParams": PARAMS}),
        "actions[1].type: is missing",
    ),
    "type of another action": (
        after_a_valid_one({**create_action(), "type": "connectSubnet"}),
        'actions[1].type: "connectSubnet"',
    ),
    "port keys misspelt": (
        ports(**{"from": "80", "to": "90"}),
        f"{PORTS}.from: is unknown; did you mean fromPort?",
    ),
    "one port empty": (
        ports(fromPort="", toPort="80"),
        f'{PORTS}.toPort: "80" is given, but fromPort is empty',
    ),
    "fromPort alone": (ports(fromPort="80"), f"{PORTS}.toPort: is missing"),
    "toPort alone": (ports(toPort="80"), f"{PORTS}.fromPort: is missing"),
    "ports reversed": (ports(fromPort="90", toPort="80"), f'{PORTS}.toPort: "80"'),
    "port too high": (ports(fromPort="1", toPort="70000"), f'{PORTS}.toPort: "70000"'),
    "port as a name": (
        ports(fromPort="http", toPort="80"),
        f'{PORTS}.fromPort: "http"',
    ),
    "range in one port": (
        ports(fromPort="80-90", toPort="90"),
        f'{PORTS}.fromPort: "80-90"',
    ),
    "protocol is a star": (rule(protocol="*"), f'{FIRST_RULE}.protocol: "*"'),
    "protocol empty": (rule(protocol=""), f'{FIRST_RULE}.protocol: ""'),
    "protocol unknown": (rule(protocol="tpc"), f'{FIRST_RULE}.protocol: "tpc"'),
    "protocol null": (rule(protocol=None), f"{FIRST_RULE}.protocol: is missing"),
    "icmp with ports": (
        rule(protocol="icmp", sourcePortRange={"fromPort": 1, "toPort": 2}),
        f'{FIRST_RULE}.protocol: "icmp"',
    ),
    "direction both": (rule(direction="both"), f'{FIRST_RULE}.direction: "both"'),
    "direction empty": (rule(direction=""), f'{FIRST_RULE}.direction: ""'),
    "CIDR invalid": (rule(sourceCidr="inside"), f'{FIRST_RULE}.sourceCidr: "inside"'),
    "eleven rules": (
        create(filterRules=[RULE] * 11),
        "allowed: at most 10 rules",
    ),
    "unknown key in actionParams": (
        create(sesionNumber="5"),
        "actions[0].actionParams.sesionNumber: is unknown",
    ),
    "unknown key in a rule": (
        rule(sourceCIDR="10.0.0.0/8"),
        f"{FIRST_RULE}.sourceCIDR: is unknown; did you mean sourceCidr?",
    ),
    "unknown key in a port range": (
        ports(fromPort="1", toPort="2", step="1"),
        f"{PORTS}.step: is unknown",
    ),
    "number zero": (numbered("0"), f'{NUMBER}: "0"; allowed: 1 to 32766'),
    "number negative": (numbered("-1"), f'{NUMBER}: "-1"'),
    "number too high": (numbered("32767"), f'{NUMBER}: "32767"'),
    "number with a fraction": (numbered("5.0"), f'{NUMBER}: "5.0"'),
    "number as a word": (numbered("abc"), f'{NUMBER}: "abc"'),
    "number with a sign": (numbered("+7"), f'{NUMBER}: "+7"'),
    "number with an underscore": (numbered("1_000"), f'{NUMBER}: "1_000"'),
    "number in Arabic-Indic digits": (numbered("\u0665"), f"{NUMBER}: "),
    "same number twice on a source": (
        request(
            create_action(sessionNumber="5"),
            create_action(sessionNumber="5", filterRules=[RULE]),
        ),
        f"{NUMBER}: 5 is taken on {SOURCE} by actions[0]",
    ),
    "source equals target": (
        create(targetNicId=SOURCE),
        f'actions[0].actionParams.targetNicId: "{SOURCE}"',
    ),
    "source NIC blank": (
        create(sourceNicId="   "),
        'actions[0].actionParams.sourceNicId: "   "',
    ),
    "actionParams missing": (
        after_a_valid_one({"actionId": "2", "type": "CreateTrafficMirroring"}),
        "actions[1].actionParams: is missing",
    ),
    "JSON malformed": ('{"driverRequest": ', "is not JSON"),
    "text empty": ("", "is not JSON"),
    "list instead of object": (
        "[]",
        "the request: []; allowed: an object with driverRequest",
    ),
    "driverRequest missing": ("{}", "driverRequest: is missing"),
    "actions is an object": (
        '{"driverRequest": {"actions": {}}}',
        "actions: {}; allowed: a list",
    ),
    "actions empty": (request(), "actions: []; allowed: a list of at least one"),
    "actions null": ('{"driverRequest": {"actions": null}}', "actions: is missing"),
}

REMOVES = {
    "type misspelt": (
        request(
            remove_action(sessionId=SESSION),
            {**remove_action(sessionId=SESSION), "type": "RemoveTraficMirroring"},
        ),
        'actions[1].type: "RemoveTraficMirroring"',
    ),
    "session and target empty": (
        remove(sessionId="", targetNicId=""),
        "exactly one of sessionId and targetNicId",
    ),
    "session and target given": (
        remove(sessionId=SESSION, targetNicId=TARGET),
        "exactly one of sessionId and targetNicId",
    ),
}

CASES = [
    pytest.param(command, text, named, id=f"{name} in {command[:6]}")
    for command, table in (
        ("CreateTrafficMirroring", CREATES),
        ("RemoveTrafficMirroring", REMOVES),
    )
    for name, (text, named) in table.items()
]


@pytest.mark.parametrize(("command", "text", "named"), CASES)
def test_an_invalid_request_fails_with_one_line_that_names_the_field(
    unchanged_world, command, text, named
):
    """The line is short, and neither EC2 nor the pools are called."""
    with pytest.raises(CloudShellAPIError) as refusal:
        unchanged_world.execute(command, text)

    problems = [line for line in refusal.value.message.split("\n") if "- " in line[:2]]
    assert [line for line in problems if named in line] != []
    assert [line for line in problems if len(line) > 400] == []
    assert unchanged_world.ec2.calls == unchanged_world.pools.calls == []


@pytest.mark.parametrize("text", [b"\xff", b"", None], ids=str)
def test_bytes_and_none_are_invalid_requests(text):
    """A caller in Python gets InvalidRequest for whatever is not JSON text."""
    with pytest.raises(InvalidRequest, match="is not JSON"):
        parse_create(text)


def test_an_error_does_not_repeat_a_long_request(world):
    """The error of a request without actions shows only the empty list."""
    long = {"driverRequest": {"actions": [], "padding": "x" * 5_000}}

    with pytest.raises(CloudShellAPIError) as refusal:
        world.execute("CreateTrafficMirroring", json.dumps(long))

    assert "xxx" not in refusal.value.message
