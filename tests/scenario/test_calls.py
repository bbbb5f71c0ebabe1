"""How many EC2 calls a command makes, and which of them go side by side."""

from __future__ import annotations

from threading import Barrier

import pytest

RULES = [
    {
        "direction": "ingress",
        "protocol": "tcp",
        "destinationPortRange": {"fromPort": port, "toPort": port},
    }
    for port in range(10)
]


class Gates:
    """Let calls of a group through only once all of them are there."""

    def __init__(self, *groups):
        self.barriers = [
            (operations, Barrier(size, timeout=20)) for operations, size in groups
        ]

    def __call__(self, operation, _writes):
        for operations, barrier in self.barriers:
            if operation in operations:
                barrier.wait()


LOOK_UPS = {
    "DescribeInstances",
    "DescribeTrafficMirrorSessions",
    "DescribeTrafficMirrorTargets",
}
ENDS = {"CreateTrafficMirrorFilter", "CreateTrafficMirrorTarget"}


@pytest.mark.parametrize(("rules", "calls"), [(1, 9), (10, 18)])
def test_one_mirror_is_made_in_four_steps(world, rules, calls):
    """Look-ups, then target and filter, then all rules, then the session."""
    gates = Gates((LOOK_UPS, 3), (ENDS, 2), ({"CreateTrafficMirrorFilterRule"}, rules))
    world.ec2.settings.before_call = gates

    (result,) = world.create(world.mirror(filterRules=RULES[:rules]))

    assert result["success"]
    assert not any(barrier.broken for _, barrier in gates.barriers)
    assert len(world.ec2.calls) == calls


def test_one_mirror_is_removed_with_few_calls(world):
    """Four look-ups, then the session, then filter and target."""
    world.create(world.mirror())
    world.ec2.clear_calls()

    world.remove(targetNicId=world.nic("capture"))

    assert len(world.ec2.calls) == 7


def test_a_number_goes_back_beside_the_filter_and_target(world):
    """Neither EC2 nor CloudShell waits for the other to be done."""
    world.create(world.mirror())
    ends = {"DeleteTrafficMirrorFilter", "DeleteTrafficMirrorTarget"}
    gates = Gates(({*ends, "ReleaseFromPool"}, 3))
    world.ec2.settings.before_call = gates
    world.pools.before_call = lambda method: gates(method, True)

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert not any(barrier.broken for _, barrier in gates.barriers)


def test_a_mirror_that_stands_costs_the_first_look_ups_alone(world):
    """The same request again makes no other call."""
    world.create(world.mirror())
    world.ec2.clear_calls()

    world.create(world.mirror())

    assert {call.operation for call in world.ec2.calls} == LOOK_UPS
    assert len(world.ec2.calls) == 3


@pytest.mark.parametrize(("mirrors", "calls"), [(10, 56), (30, 158)])
def test_each_further_mirror_costs_what_ec2_demands(world, mirrors, calls):
    """A filter, its rules and the session; look-ups and targets are shared."""
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
