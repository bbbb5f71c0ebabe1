"""What keeps an existing mirror from working."""

from __future__ import annotations

from dataclasses import replace

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
TOPOLOGY = Topology({"sg-1": OPEN})
SESSION = Session("tms-1", SOURCE, "tmt-1", "tmf-1", 5, {})
FILTER = Filter("tmf-1", {}, MIRROR.rules)
FOUND = FoundMirror(SESSION, Target("tmt-1", TARGET, {}), FILTER)
GROUPS, ACCOUNT = frozenset({"sg-1"}), "123456789012"


def attached(states):
    """Return NICs on instances in these states; None: the NIC is on no instance."""
    return Attachments(
        {
            nic: Nic(nic, bool(state), "vpc-1", "s-1", "10.0.0.1", GROUPS, ACCOUNT)
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
    assert find_present_warnings(FOUND, attached(states), TOPOLOGY) == warnings


def test_what_could_not_be_looked_up_is_unchecked():
    """There is no obstacle then."""
    attachments = Attachments(Unchecked("no"), Unchecked("no"))

    warnings = find_present_warnings(FOUND, attachments, TOPOLOGY)

    assert warnings
    assert all(each.startswith("not checked: ") for each in warnings)


def test_the_nic_of_an_own_target_that_is_not_seen_is_gone():
    """Another account's is only unchecked, above."""
    own = replace(FOUND, target=Target("tmt-1", TARGET, {}, ACCOUNT))

    (warning,) = find_present_warnings(own, attached({SOURCE: "running"}), TOPOLOGY)

    assert warning.startswith(f"warning: {TARGET} does not exist any more")


def test_a_mirror_is_known_if_its_target_and_filter_are():
    """Without either, EC2 doesn't say what is mirrored to where."""
    session = replace(SESSION, packet_length=96, virtual_network_id=77)
    unknown = [
        FoundMirror(session, None, FILTER),
        FoundMirror(session, FOUND.target, None),
        FoundMirror(session, Target("tmt-1", "", {}), FILTER),
    ]

    assert [each.mirror for each in unknown] == [None] * 3
    for each in unknown:
        assert find_present_warnings(each, attached({}), TOPOLOGY) == []
    with_dns = replace(FILTER, network_services=("amazon-dns",))
    assert FoundMirror(session, FOUND.target, with_dns).mirror == Mirror(
        SOURCE, TARGET, MIRROR.rules, 96, 77, ("amazon-dns",)
    )
