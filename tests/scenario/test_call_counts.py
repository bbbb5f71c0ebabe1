"""How many EC2 calls a command makes, and which of them run concurrently."""

from __future__ import annotations

import pytest

from tests.scenario.barriers import CallSteps
from tests.scenario.conftest import clean_up, create_mirrors

RULES = [
    {
        "direction": "ingress",
        "protocol": "tcp",
        "destinationPortRange": {"fromPort": port, "toPort": port},
    }
    for port in range(10)
]


LOOKUPS = {
    "DescribeInstances",
    "DescribeTrafficMirrorSessions",
    "DescribeTrafficMirrorTargets",
}
DELETIONS = [
    "DeleteTrafficMirrorFilter",
    "DeleteTrafficMirrorTarget",
    "ReleaseFromPool",
]


@pytest.mark.parametrize("rules", [1, 10])
def test_one_mirror_is_created_in_five_steps(world, rules):
    """All other calls are concurrent with look-ups, number, filter, rules, session."""
    world.ec2.settings.before_call = world.pools.before_call = steps = CallSteps(
        LOOKUPS,
        ["CheckoutFromPool", "CreateTrafficMirrorTarget", "DescribeSecurityGroups"],
        ["CreateTrafficMirrorFilter", "DescribeTrafficMirrorTargets"],
        ["CreateTrafficMirrorFilterRule"] * rules,
        ["CreateTrafficMirrorSession"],
    )

    (result,) = world.create(world.mirror(filterRules=RULES[:rules]))

    assert result["success"]
    assert steps.are_right


def test_one_mirror_is_removed_by_target_nic_in_four_steps(world):
    """Filter and target are deleted at once, and EC2 decides if others use them."""
    world.create(world.mirror())
    world.ec2.settings.before_call = world.pools.before_call = steps = CallSteps(
        ["DescribeTrafficMirrorFilters", "DescribeTrafficMirrorTargets"],
        ["DescribeTrafficMirrorSessions"],
        ["DeleteTrafficMirrorSession", "DescribeTrafficMirrorSessions"],
        DELETIONS,
    )

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert steps.are_right


def test_one_mirror_is_removed_by_id_in_three_steps(world):
    """What the session uses is looked up while the session is deleted."""
    (created,) = create_mirrors(world, world.mirror())
    world.ec2.settings.before_call = world.pools.before_call = steps = CallSteps(
        ["DescribeTrafficMirrorSessions"],
        [
            "DeleteTrafficMirrorSession",
            "DescribeTrafficMirrorFilters",
            "DescribeTrafficMirrorSessions",
            "DescribeTrafficMirrorTargets",
        ],
        DELETIONS,
    )

    (result,) = world.remove(sessionId=created["sessionId"])

    assert result["success"]
    assert steps.are_right


def test_a_sandbox_is_cleaned_up_in_three_steps(world):
    """The first one finds everything that the sandbox created."""
    create_mirrors(world, world.mirror())
    world.ec2.settings.before_call = world.pools.before_call = steps = CallSteps(
        [
            "DescribeTrafficMirrorFilters",
            "DescribeTrafficMirrorSessions",
            "DescribeTrafficMirrorTargets",
        ],
        ["DeleteTrafficMirrorSession", "DescribeTrafficMirrorSessions"],
        DELETIONS,
    )

    assert clean_up(world)["success"]
    assert steps.are_right


def test_look_ups_do_not_wait_for_the_releases_of_many_numbers(world):
    """Users of the targets are looked up while the sessions are deleted."""
    apps = [f"web {number}" for number in range(10)]
    sandbox = world.new_sandbox(*apps, "ids")
    target = world.nic("ids", sandbox)
    actions = [
        world.mirror(sourceNicId=world.nic(app, sandbox), targetNicId=target)
        for app in apps
    ]
    create_mirrors(world, *actions, sandbox=sandbox)
    operations = []

    def record(operation, _writes=True):
        operations.append(operation)

    world.ec2.settings.before_call = world.pools.before_call = record

    world.remove(sandbox, targetNicId=target)

    released = operations.index("ReleaseFromPool")
    assert operations[:released].count("DescribeTrafficMirrorSessions") == 2
    assert operations.count("ReleaseFromPool") == len(apps)


def test_an_existing_mirror_costs_only_lookups(world):
    """A repeated request looks at the filter and, for warnings, at security groups."""
    world.create(world.mirror())
    world.ec2.clear_calls()

    world.create(world.mirror())

    others = {"DescribeTrafficMirrorFilters", "DescribeSecurityGroups"}
    assert {call.operation for call in world.ec2.calls} == LOOKUPS | others
    assert len(world.ec2.calls) == 5


def test_a_second_mirror_between_two_nics_costs_no_further_lookup(world):
    """Which of the two gets packets first is known from what was looked up anyway."""
    world.create(world.mirror(filterRules=RULES[:1]))
    world.ec2.clear_calls()

    (result,) = world.create(world.mirror(filterRules=RULES[1:2]))

    assert "gets each packet first" in result["infoMessage"]
    assert len(world.ec2.calls) == 8


@pytest.mark.parametrize(("mirrors", "calls"), [(10, 56), (30, 158)])
def test_each_further_mirror_costs_only_its_own_calls(world, mirrors, calls):
    """A mirror needs its filter, rules and session; look-ups and targets are shared."""
    apps = [f"web {number}" for number in range(mirrors)]
    targets = [f"ids {number}" for number in range(mirrors // 10)]
    sandbox = world.new_sandbox(*apps, *targets)
    actions = [
        world.mirror(
            sourceNicId=world.nic(app, sandbox),
            targetNicId=world.nic(targets[number // 10], sandbox),
            filterRules=RULES[:3],
        )
        for number, app in enumerate(apps)
    ]
    world.ec2.clear_calls()

    world.create(*actions, sandbox=sandbox)

    assert len(world.ec2.calls) == calls
