"""
Requests that can't be meant: refused whole, in words that help, nothing touched.

The ids in the tests' names are those of known faults of another implementation.
"""

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
from tests.scenario.conftest import fresh
from traffic_mirroring.errors import InvalidRequest
from traffic_mirroring.request.parsing import parse_create

SESSION = "tms-0123456789abcdef0"
NUMBER = "actions[1].actionParams.sessionNumber"
FIRST_RULE = "actions[0].actionParams.filterRules[0]"
PORTS = f"{FIRST_RULE}.sourcePortRange"


def beside_a_good_one(action):
    """Return a Create request of a good action and this one."""
    return request(create_action(), action)


def numbered(number):
    """Return a Create request whose second action has this session number."""
    return beside_a_good_one(create_action(action_id="2", sessionNumber=number))


def ports(**fields):
    """Return a Create request with one rule that has this source port range."""
    return rule(sourcePortRange=fields)


CREATES = {
    "H2 type misspelt": (
        beside_a_good_one({**create_action(), "type": "CreateTraficMirroring"}),
        'actions[1].type: "CreateTraficMirroring"',
    ),
    "H3 type missing": (
        beside_a_good_one({"actionId": "2", "actionParams": PARAMS}),
        "actions[1].type: is missing",
    ),
    "H4 another kind of action": (
        beside_a_good_one({**create_action(), "type": "connectSubnet"}),
        'actions[1].type: "connectSubnet"',
    ),
    "H5 ports misspelt": (
        ports(**{"from": "80", "to": "90"}),
        f"{PORTS}.from: is unknown; did you mean fromPort?",
    ),
    "H5 a port empty": (
        ports(fromPort="", toPort="80"),
        f'{PORTS}.toPort: "80" is given, but fromPort is empty',
    ),
    "H8 only from": (ports(fromPort="80"), f"{PORTS}.toPort: is missing"),
    "H8 only to": (ports(toPort="80"), f"{PORTS}.fromPort: is missing"),
    "H8 reversed": (ports(fromPort="90", toPort="80"), f'{PORTS}.toPort: "80"'),
    "H8 too high": (ports(fromPort="1", toPort="70000"), f'{PORTS}.toPort: "70000"'),
    "H8 a name": (ports(fromPort="http", toPort="80"), f'{PORTS}.fromPort: "http"'),
    "H8 two in one": (
        ports(fromPort="80-90", toPort="90"),
        f'{PORTS}.fromPort: "80-90"',
    ),
    "H9 star": (rule(protocol="*"), f'{FIRST_RULE}.protocol: "*"'),
    "H9 empty": (rule(protocol=""), f'{FIRST_RULE}.protocol: ""'),
    "H9 unknown": (rule(protocol="tpc"), f'{FIRST_RULE}.protocol: "tpc"'),
    "H10 null": (rule(protocol=None), f"{FIRST_RULE}.protocol: is missing"),
    "H12 icmp with ports": (
        rule(protocol="icmp", sourcePortRange={"fromPort": 1, "toPort": 2}),
        f'{FIRST_RULE}.protocol: "icmp"',
    ),
    "H13 both": (rule(direction="both"), f'{FIRST_RULE}.direction: "both"'),
    "H13 empty": (rule(direction=""), f'{FIRST_RULE}.direction: ""'),
    "H16 nonsense": (rule(sourceCidr="inside"), f'{FIRST_RULE}.sourceCidr: "inside"'),
    "H18 eleven rules": (
        create(filterRules=[RULE] * 11),
        "allowed: at most 10 rules",
    ),
    "H21 unknown in params": (
        create(sesionNumber="5"),
        "actions[0].actionParams.sesionNumber: is unknown",
    ),
    "H21 unknown in a rule": (
        rule(sourceCIDR="10.0.0.0/8"),
        f"{FIRST_RULE}.sourceCIDR: is unknown; did you mean sourceCidr?",
    ),
    "H21 unknown in a port range": (
        ports(fromPort="1", toPort="2", step="1"),
        f"{PORTS}.step: is unknown",
    ),
    "H22 zero": (numbered("0"), f'{NUMBER}: "0"; allowed: 1 to 32766'),
    "H22 negative": (numbered("-1"), f'{NUMBER}: "-1"'),
    "H22 too high": (numbered("32767"), f'{NUMBER}: "32767"'),
    "H22 a fraction": (numbered("5.0"), f'{NUMBER}: "5.0"'),
    "H22 a word": (numbered("abc"), f'{NUMBER}: "abc"'),
    "H23 signed": (numbered("+7"), f'{NUMBER}: "+7"'),
    "H23 underscored": (numbered("1_000"), f'{NUMBER}: "1_000"'),
    "H23 Arabic-Indic": (numbered("\u0665"), f"{NUMBER}: "),
    "H26 one number twice": (
        request(
            create_action(sessionNumber="5"),
            create_action(sessionNumber="5", filterRules=[RULE]),
        ),
        f"{NUMBER}: 5 is taken on {SOURCE} by actions[0]",
    ),
    "H28 source is target": (
        create(targetNicId=SOURCE),
        f'actions[0].actionParams.targetNicId: "{SOURCE}"',
    ),
    "H28 blanks": (
        create(sourceNicId="   "),
        'actions[0].actionParams.sourceNicId: "   "',
    ),
    "H29 no actionParams": (
        beside_a_good_one({"actionId": "2", "type": "CreateTrafficMirroring"}),
        "actions[1].actionParams: is missing",
    ),
    "H30 malformed": ('{"driverRequest": ', "is not JSON"),
    "H30 empty": ("", "is not JSON"),
    "H30 a list": ("[]", "the request: []; allowed: an object with driverRequest"),
    "H30 no driverRequest": ("{}", "driverRequest: is missing"),
    "H30 actions an object": (
        '{"driverRequest": {"actions": {}}}',
        "actions: {}; allowed: a list",
    ),
    "H31 no actions": (request(), "actions: []; allowed: a list of at least one"),
    "H31 actions null": ('{"driverRequest": {"actions": null}}', "actions: is missing"),
}

REMOVES = {
    "H2 type misspelt": (
        request(
            remove_action(sessionId=SESSION),
            {**remove_action(sessionId=SESSION), "type": "RemoveTraficMirroring"},
        ),
        'actions[1].type: "RemoveTraficMirroring"',
    ),
    "H32 both empty": (
        remove(sessionId="", targetNicId=""),
        "exactly one of sessionId and targetNicId",
    ),
    "H32 both given": (
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


@pytest.fixture(scope="module")
def still_world(lab):
    """Begin once: a test that leaves anything has failed."""
    return fresh(lab)


@pytest.mark.parametrize(("command", "text", "named"), CASES)
def test_h_the_command_is_refused_in_one_line_that_names_the_place(
    still_world, command, text, named
):
    """The caller reads what is wrong and where, in few words; nothing is touched."""
    world = still_world
    world.ec2.clear_calls()
    world.pools.calls.clear()

    with pytest.raises(CloudShellAPIError) as refusal:
        world.execute(command, text)

    problems = [line for line in refusal.value.message.split("\n") if "- " in line[:2]]
    assert [line for line in problems if named in line] != []
    assert [line for line in problems if len(line) > 400] == []
    assert world.ec2.calls == world.pools.calls == []


@pytest.mark.parametrize("text", [b"\xff", b"", None], ids=str)
def test_h30_what_is_no_text_is_an_invalid_request_too(text):
    """Reading alone: whatever a caller inside Python passes gets the same error."""
    with pytest.raises(InvalidRequest, match="is not JSON"):
        parse_create(text)


def test_h31_a_long_request_is_not_repeated_in_its_error(world):
    """Of a request without actions the error shows no more than that."""
    long = {"driverRequest": {"actions": [], "padding": "x" * 5_000}}

    with pytest.raises(CloudShellAPIError) as refusal:
        world.execute("CreateTrafficMirroring", json.dumps(long))

    assert "xxx" not in refusal.value.message
