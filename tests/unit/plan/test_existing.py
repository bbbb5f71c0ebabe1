"""Which sessions are a mirror that exists, and whether EC2 lists all of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from traffic_mirroring import tags
from traffic_mirroring.models import (
    CreateAction,
    Filter,
    FilterRule,
    Mirror,
    PortRange,
    Sandbox,
    Session,
    Target,
)
from traffic_mirroring.plan.existing import ExistingMirrors, Resources, describe_rule

HERE = Sandbox("res-1", "", "", "")
A, B, C = "eni-0000000a", "eni-0000000b", "eni-0000000c"
ACTION = CreateAction("", Mirror(A, C))
OTHER = CreateAction("", Mirror(A, B))
TARGET = Target("tmt-1", C, {})
FILTER = Filter("tmf-1", {}, ACTION.mirror.rules)


def session(action):
    """Return a session as Create makes it for an action."""
    wanted = tags.session_tags(HERE, action, 5)
    return Session("tms-1", A, "tmt-1", "tmf-1", 5, wanted)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (Resources([TARGET], [session(ACTION)], [FILTER]), True),
        (Resources([], [session(ACTION)], [FILTER]), False),
        (Resources([TARGET], [session(ACTION)], []), False),
        (Resources([], [session(OTHER)], []), True),
        (Resources([], [], []), True),
    ],
    ids=["whole", "no target", "no filter", "another mirror", "no session"],
)
def test_a_mirror_is_listed_whole_with_target_and_filter(found, expected):
    """Those of other mirrors' sessions are not looked up."""
    assert ExistingMirrors(found, HERE).is_listed_whole(ACTION) is expected


def test_of_equal_sessions_the_one_with_the_lowest_number_is_the_mirror():
    """EC2 asks it first, so it gets the packets."""
    low, high = (
        replace(session(ACTION), id=f"tms-{number}", number=number) for number in (2, 9)
    )
    found = Resources([TARGET], [high, low], [FILTER])

    assert ExistingMirrors(found, HERE).find(ACTION) == low


ARN = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/net/x/0"


@pytest.mark.parametrize(
    ("destination", "requested", "actual", "difference"),
    [
        (C, 96, 96, None),
        (C, 96, 9, "packetLength is 9, not 96"),
        (C, None, 8500, "packetLength is 8500, not absent"),
        (ARN, None, 8500, None),
        (ARN, None, 9, "packetLength is 9, not absent"),
        (ARN, 8500, 8500, None),
    ],
)
def test_whole_packets_to_a_load_balancer_are_8500_bytes(
    destination, requested, actual, difference
):
    """EC2 sets that itself; any other length was changed by hand."""
    mirror = Mirror(A, destination, packet_length=requested)
    wanted = CreateAction("", mirror)
    target = replace(TARGET, destination=destination)
    found = ExistingMirrors(
        Resources([target], [replace(session(wanted), packet_length=actual)], [FILTER]),
        HERE,
    )

    if difference is None:
        assert found.find(wanted)
        return
    _, differences = found.find_drifted(wanted)
    assert differences == [f"its value of {difference}"]


RULES = tuple(
    FilterRule(direction, protocol, "0.0.0.0/0", "0.0.0.0/0")
    for direction in ("ingress", "egress")
    for protocol in (6, 17, 1)
)
TEXTS = {
    each: f"accept protocol {each} from 0.0.0.0/0 to 0.0.0.0/0" for each in (1, 2, 17)
}


@pytest.mark.parametrize(
    ("rules", "services", "difference"),
    [
        (
            (RULES[0], replace(RULES[1], protocol=2), *RULES[2:]),
            (),
            f"its ingress rule 2 is {TEXTS[2]}, not {TEXTS[17]}",
        ),
        (
            (*RULES[:4], replace(RULES[4], protocol=2), RULES[5]),
            (),
            f"its egress rule 2 is {TEXTS[2]}, not {TEXTS[17]}",
        ),
        (RULES[:5], (), f"its egress rule 3 is absent, not {TEXTS[1]}"),
        (RULES, ("amazon-dns",), "networkServices is absent, not amazon-dns"),
    ],
    ids=["ingress", "egress", "deleted", "services"],
)
def test_only_what_differs_of_a_filter_is_named(rules, services, difference):
    """With what it is and what was requested."""
    wanted = CreateAction("", Mirror(A, C, RULES, network_services=services))
    filters = [replace(FILTER, rules=rules)]
    found = ExistingMirrors(Resources([TARGET], [session(wanted)], filters), HERE)

    _, (named,) = found.find_drifted(wanted)

    assert named.endswith(difference)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (
            FilterRule("ingress", None, "0.0.0.0/0", "10.0.0.0/8"),
            "accept protocol all from 0.0.0.0/0 to 10.0.0.0/8",
        ),
        (
            FilterRule(
                "egress",
                6,
                "10.0.0.0/8",
                "0.0.0.0/0",
                PortRange(1, 2),
                PortRange(3, 4),
                "reject",
            ),
            "reject protocol 6 from 10.0.0.0/8 ports 1-2 to 0.0.0.0/0 ports 3-4",
        ),
    ],
)
def test_a_rule_is_described_by_all_that_it_compares(rule, text):
    """For the message of a drifted mirror."""
    assert describe_rule(rule) == text
