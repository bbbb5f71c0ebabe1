"""Which sessions are a mirror that exists, and whether EC2 lists all of it."""

from __future__ import annotations

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
