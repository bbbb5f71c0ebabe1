"""What keeps an existing mirror from working."""

from __future__ import annotations

import pytest

from traffic_mirroring.models import Filter, Mirror, Session, Target
from traffic_mirroring.plan.listing import FoundMirror, find_present_warnings
from traffic_mirroring.topology import (
    AllowedSources,
    Attachments,
    Instance,
    Nic,
    Topology,
    Unchecked,
)

SOURCE, TARGET = "eni-0000000a", "eni-0000000b"
MIRROR = Mirror(SOURCE, TARGET)
OPEN = AllowedSources(frozenset({"0.0.0.0/0"}))
NETWORK = Topology({}, {"sg-1": OPEN}, {}, frozenset(), {})


def attached(states):
    """Return NICs on instances in these states; None: the NIC is on no instance."""
    return Attachments(
        {
            nic: Nic(nic, bool(state), "vpc-1", "10.0.0.1", frozenset({"sg-1"}))
            for nic, state in states.items()
        },
        {
            nic: Instance(f"i-{nic}", "t3.micro", state)
            for nic, state in states.items()
            if state
        },
    )


@pytest.mark.parametrize(
    ("states", "warnings"),
    [
        ({SOURCE: "running", TARGET: "running"}, []),
        (
            {TARGET: "running"},
            [
                f"warning: {SOURCE} can't be found in the region and account of the "
                "cloud provider resource: check the id"
            ],
        ),
        (
            {SOURCE: None, TARGET: None},
            [f"warning: {SOURCE}, {TARGET} must be attached to an instance first"],
        ),
        (
            {SOURCE: "running", TARGET: "stopped"},
            [
                f"warning: {TARGET} can't be a target, because its instance i-{TARGET} "
                "is stopped: start it first"
            ],
        ),
        (
            {SOURCE: "running", TARGET: "pending"},
            [
                f"warning: {TARGET} can't be a target yet, because its instance "
                f"i-{TARGET} is still starting: try again once it runs"
            ],
        ),
        (
            {SOURCE: "running"},
            [
                f"not checked: whether UDP 4789 of {TARGET} is open to {SOURCE} "
                f"({TARGET} can't be seen)"
            ],
        ),
    ],
)
def test_obstacles_to_a_new_mirror_are_warnings_of_an_existing_one(states, warnings):
    """A target that can't be seen is another account's."""
    assert find_present_warnings(MIRROR, attached(states), NETWORK) == warnings


def test_what_could_not_be_looked_up_is_unchecked():
    """There is no obstacle then."""
    unchecked = Unchecked("no")

    warnings = find_present_warnings(MIRROR, Attachments(unchecked, unchecked), NETWORK)

    assert warnings
    assert all(each.startswith("not checked: ") for each in warnings)


def test_a_mirror_is_known_if_its_target_and_filter_are():
    """Without either, EC2 doesn't say what is mirrored to where."""
    session = Session("tms-1", SOURCE, "tmt-1", "tmf-1", 5, {}, 96, 77)
    target, filter_ = Target("tmt-1", TARGET, {}), Filter("tmf-1", {}, MIRROR.rules)

    assert FoundMirror(session, None, filter_).mirror is None
    assert FoundMirror(session, target, None).mirror is None
    assert FoundMirror(session, Target("tmt-1", "", {}), filter_).mirror is None
    assert FoundMirror(session, target, filter_).mirror == Mirror(
        SOURCE, TARGET, MIRROR.rules, 96, 77
    )
