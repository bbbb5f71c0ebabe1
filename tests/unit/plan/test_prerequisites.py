"""What AWS demands of NICs and instances before it creates a mirror."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.plan.two_nics import (
    ARN,
    IDS,
    MIRROR,
    NOT_ALLOWED,
    SOURCE,
    TARGET,
    WEB,
    A,
    B,
    attachments,
)
from traffic_mirroring.errors import Ec2Failed
from traffic_mirroring.models import Mirror
from traffic_mirroring.plan.prerequisites import find_obstacle, find_sources_limit
from traffic_mirroring.topology import Attachments


@pytest.mark.parametrize(
    ("around", "target_exists", "named"),
    [
        (attachments(), False, None),
        (attachments(source=None), False, f"{A} can't be found"),
        (attachments(source=None), True, f"{A} can't be found"),
        (attachments(target=None), False, f"{B} can't be found"),
        (attachments(target=None), True, None),
        (
            attachments(source=replace(SOURCE, attached=False)),
            False,
            f"{A} must be attached",
        ),
        (
            attachments(target=replace(TARGET, attached=False)),
            False,
            f"{B} must be attached",
        ),
        (attachments(ids=replace(IDS, state="stopped")), False, "i-b is stopped"),
        (attachments(ids=replace(IDS, state="stopped")), True, "i-b is stopped"),
        (
            attachments(ids=replace(IDS, state="shutting-down")),
            False,
            "i-b is shutting",
        ),
        (attachments(ids=replace(IDS, state="pending")), False, None),
        (attachments(web=replace(WEB, state="stopped")), False, None),
        (attachments(ids=None), False, None),
        (Attachments(NOT_ALLOWED, NOT_ALLOWED), False, None),
        (attachments(None, None), False, f"{A}, {B} can't be found"),
        (
            attachments(None, replace(TARGET, attached=False)),
            False,
            f"{A} can't be found in the region and account of the cloud provider "
            f"resource: check the id; {B} must be attached",
        ),
    ],
)
def test_an_obstacle_is_named(around, target_exists, named):
    """What AWS would certainly refuse is found before anything is created."""
    obstacle = find_obstacle(MIRROR, around, target_exists=target_exists)

    assert obstacle == named or named in obstacle


def test_a_load_balancer_is_no_nic():
    """A mirror to a load balancer only needs its source."""
    alone = attachments(target=None, ids=None)

    assert find_obstacle(Mirror(A, ARN), alone, target_exists=False) is None


TOO_MANY = "TrafficMirrorSourcesPerTargetLimitExceeded"


@pytest.mark.parametrize(
    ("code", "kind", "named"),
    [
        (TOO_MANY, "m5.large", "AWS allows 10 sources for a target on m5.large"),
        (TOO_MANY, "m5.large", "100 on the largest types"),
        (TOO_MANY, "m5.24xlarge", "AWS allows 100 sources for a target on m5.24"),
        ("TrafficMirrorSessionLimitExceeded", "m5.large", None),
    ],
)
def test_the_limit_of_sources_is_that_of_the_targets_type(code, kind, named):
    """AWS's error says neither the limit nor on what it depends."""
    around = attachments(ids=replace(IDS, type=kind))

    limit = find_sources_limit(Ec2Failed("Creating", "", code=code), MIRROR, around)

    assert limit == named or named in limit


def test_the_limit_of_sources_of_an_unknown_type_is_not_guessed():
    """The instance may be unknown, or invisible in another account."""
    error = Ec2Failed("Creating", "", code=TOO_MANY)

    assert find_sources_limit(error, MIRROR, attachments(ids=None)) is None
    unseen = Attachments({}, NOT_ALLOWED)
    assert find_sources_limit(error, MIRROR, unseen) is None
    assert find_sources_limit(ValueError(), MIRROR, attachments()) is None
