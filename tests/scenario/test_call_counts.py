"""How many EC2 calls a command makes, and which of them run concurrently."""

from __future__ import annotations

import pytest

from tests.scenario.barriers import CallBarriers
from tests.scenario.conftest import create_mirrors

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
FILTER_AND_TARGET = {"CreateTrafficMirrorFilter", "CreateTrafficMirrorTarget"}


@pytest.mark.parametrize(("rules", "calls"), [(1, 9), (10, 18)])
def test_one_mirror_is_created_in_four_concurrent_steps(world, rules, calls):
    """The steps are look-ups, target and filter, all rules, and the session."""
    barriers = CallBarriers(
        (LOOKUPS, 3), (FILTER_AND_TARGET, 2), ({"CreateTrafficMirrorFilterRule"}, rules)
    )
    world.ec2.settings.before_call = barriers

    (result,) = world.create(world.mirror(filterRules=RULES[:rules]))

    assert result["success"]
    assert not barriers.is_broken
    assert len(world.ec2.calls) == calls


def test_one_mirror_is_removed_with_few_calls(world):
    """Three look-ups come before the session's deletion, and two after it."""
    world.create(world.mirror())
    world.ec2.clear_calls()

    world.remove(targetNicId=world.nic("capture"))

    assert len(world.ec2.calls) == 8


def test_a_number_is_released_while_filter_and_target_are_deleted(world):
    """The calls to EC2 and CloudShell run concurrently."""
    world.create(world.mirror())
    deletes = {"DeleteTrafficMirrorFilter", "DeleteTrafficMirrorTarget"}
    barriers = CallBarriers(({*deletes, "ReleaseFromPool"}, 3))
    world.ec2.settings.before_call = barriers
    world.pools.before_call = barriers

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert not barriers.is_broken


def test_look_ups_do_not_wait_for_the_releases_of_many_numbers(world):
    """All filters of the deleted sessions are looked up before the first release."""
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

    deletion = operations.index("DeleteTrafficMirrorSession")
    look_up = operations.index("DescribeTrafficMirrorFilters", deletion)
    assert look_up < operations.index("ReleaseFromPool")
    assert operations.count("ReleaseFromPool") == len(apps)


def test_an_existing_mirror_costs_only_the_first_lookups(world):
    """A repeated request also looks at the filter, and makes no other call."""
    world.create(world.mirror())
    world.ec2.clear_calls()

    world.create(world.mirror())

    filters = {"DescribeTrafficMirrorFilters"}
    assert {call.operation for call in world.ec2.calls} == LOOKUPS | filters
    assert len(world.ec2.calls) == 4


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
