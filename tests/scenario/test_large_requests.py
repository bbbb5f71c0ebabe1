"""Requests with hundreds of mirrors."""

from __future__ import annotations

import pytest

from tests.request_texts import create_action, remove_action, request
from tests.scenario.conftest import EMPTY, TCP

MORE_THAN_A_FILTER_TAKES = 201
"""A filter of EC2's Describe operations takes at most 200 values."""


@pytest.fixture
def unlimited(world):
    """Raise EC2's quota of sources per target to 100."""
    world.ec2.settings.quotas.sources_per_target = 100
    return world


def run_apps(world, count):
    """Start `count` instances in a new VPC; return their NICs."""
    client = world.client
    vpc = client.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnet = client.create_subnet(VpcId=vpc, CidrBlock="10.1.0.0/16")["Subnet"]
    instances = client.run_instances(
        ImageId="ami-12c6146b",
        InstanceType="t3.micro",
        MinCount=count,
        MaxCount=count,
        SubnetId=subnet["SubnetId"],
    )["Instances"]
    return [each["NetworkInterfaces"][0]["NetworkInterfaceId"] for each in instances]


def mirrors_between(sources, targets):
    """Return three Create actions per source, spread evenly over the targets."""
    wanted = [source for source in sources for _ in range(3)]
    return [
        create_action(
            action_id=str(index),
            sourceNicId=source,
            targetNicId=targets[index % len(targets)],
            filterRules=[TCP],
        )
        for index, source in enumerate(wanted)
    ]


def create_many(world, sources, targets):
    """Create three mirrors for each source; return the target NICs and the results."""
    nics = run_apps(world, sources + targets)
    results = world.create(*mirrors_between(nics[:sources], nics[sources:]))
    assert {result["success"] for result in results} == {True}
    return nics[sources:], results


def remove_all(world, field, values):
    """Remove by each value of the field, in one request; return the results."""
    actions = [
        remove_action(action_id=str(index), **{field: value})
        for index, value in enumerate(values)
    ]
    return world.execute("RemoveTrafficMirroring", request(*actions))


def test_many_actions_share_their_targets(unlimited):
    """Every action gets its own session, and every target NIC gets one target."""
    targets, results = create_many(unlimited, sources=40, targets=12)

    ids = [result["sessionId"] for result in results]
    assert [result["actionId"] for result in results] == [str(n) for n in range(120)]
    assert len(set(ids)) == len(unlimited.sessions) == len(unlimited.filters) == 120
    assert {each["NetworkInterfaceId"] for each in unlimited.targets} == set(targets)
    assert len(unlimited.targets) == 12


def test_more_sessions_than_a_filter_takes_are_removed(unlimited):
    """A request can remove more sessions by id than an EC2 filter takes values."""
    _, created = create_many(unlimited, sources=67, targets=5)
    assert len(created) == MORE_THAN_A_FILTER_TAKES

    results = remove_all(
        unlimited, "sessionId", (result["sessionId"] for result in created)
    )

    assert {result["success"] for result in results} == {True}
    assert unlimited.state == EMPTY


def test_each_result_lists_the_sessions_of_its_own_action(unlimited):
    """A result lists only its own target NIC's sessions; all numbers are released."""
    targets, _ = create_many(unlimited, sources=20, targets=6)
    nics = {each["TrafficMirrorTargetId"]: each for each in unlimited.targets}
    own = {nic: set() for nic in targets}
    for session in unlimited.sessions:
        nic = nics[session["TrafficMirrorTargetId"]]["NetworkInterfaceId"]
        own[nic].add(session["TrafficMirrorSessionId"])

    results = remove_all(unlimited, "targetNicId", targets)

    everything = set().union(*own.values())
    for nic, result in zip(targets, results):
        listed = {each for each in everything if each in result["infoMessage"]}
        assert result["success"]
        assert listed == own[nic]
    assert unlimited.state == EMPTY


def test_more_targets_than_a_filter_takes_are_created(unlimited):
    """A request can name more target NICs than an EC2 filter takes values."""
    targets, _ = create_many(unlimited, sources=67, targets=MORE_THAN_A_FILTER_TAKES)

    assert {each["NetworkInterfaceId"] for each in unlimited.targets} == set(targets)
