"""
Hundreds of mirrors at once.

The ids in the tests' names are those of known faults of another implementation.
"""

from __future__ import annotations

import pytest

from tests.request_texts import create_action, remove_action, request
from tests.scenario.conftest import EMPTY

TCP = {"direction": "ingress", "protocol": "tcp"}
MORE_THAN_A_FILTER_TAKES = 201


@pytest.fixture
def wide(world):
    """Let a target serve as many sources as a test likes."""
    world.ec2.settings.quotas.sources_per_target = 100
    return world


def run_apps(world, count):
    """Run so many Apps in a network of their own; return their NICs."""
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
    """Return Create actions: three for each source, round the targets."""
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


def made(world, sources, targets):
    """Create three mirrors for each of so many sources; return targets, results."""
    nics = run_apps(world, sources + targets)
    results = world.create(*mirrors_between(nics[:sources], nics[sources:]))
    assert {result["success"] for result in results} == {True}
    return nics[sources:], results


def remove_all(world, field, values):
    """Remove what each value names, in one request; return the results."""
    actions = [
        remove_action(action_id=str(index), **{field: value})
        for index, value in enumerate(values)
    ]
    return world.execute("RemoveTrafficMirroring", request(*actions))


def test_n1_many_actions_share_their_targets(wide):
    """Every action gets a session of its own, and every target NIC one target."""
    targets, results = made(wide, sources=40, targets=12)

    ids = [result["sessionId"] for result in results]
    assert [result["actionId"] for result in results] == [str(n) for n in range(120)]
    assert len(set(ids)) == len(wide.sessions) == len(wide.filters) == 120
    assert {each["NetworkInterfaceId"] for each in wide.targets} == set(targets)
    assert len(wide.targets) == 12


def test_n2_more_sessions_than_a_filter_takes_values_are_removed(wide):
    """All sessions that one request names by id go, however many it names."""
    _, created = made(wide, sources=67, targets=5)
    assert len(created) == MORE_THAN_A_FILTER_TAKES

    results = remove_all(wide, "sessionId", (result["sessionId"] for result in created))

    assert {result["success"] for result in results} == {True}
    assert wide.standing == EMPTY


def test_n3_each_result_lists_the_sessions_of_its_own_action(wide):
    """By target NIC, a result tells of that NIC's sessions alone; all numbers go."""
    targets, _ = made(wide, sources=20, targets=6)
    nics = {each["TrafficMirrorTargetId"]: each for each in wide.targets}
    own = {nic: set() for nic in targets}
    for session in wide.sessions:
        nic = nics[session["TrafficMirrorTargetId"]]["NetworkInterfaceId"]
        own[nic].add(session["TrafficMirrorSessionId"])

    results = remove_all(wide, "targetNicId", targets)

    everybody = set().union(*own.values())
    for nic, result in zip(targets, results):
        told = {each for each in everybody if each in result["infoMessage"]}
        assert result["success"]
        assert told == own[nic]
    assert wide.standing == EMPTY


def test_n4_more_targets_than_a_filter_takes_values_are_made(wide):
    """A request may name more target NICs than one look-up of EC2 can."""
    targets, _ = made(wide, sources=67, targets=MORE_THAN_A_FILTER_TAKES)

    assert {each["NetworkInterfaceId"] for each in wide.targets} == set(targets)
