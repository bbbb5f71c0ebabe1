"""How many EC2 calls a command makes, and how many of them wait for one another."""

from __future__ import annotations

import pytest

LATENCY = 0.25
RULES = [
    {
        "direction": "ingress",
        "protocol": "tcp",
        "destinationPortRange": {"fromPort": port, "toPort": port},
    }
    for port in range(10)
]


def longest_chain(calls):
    """Return how many calls at most began each after the one before had ended."""
    chains = []
    for call in sorted(calls, key=lambda each: each.ended):
        before = [length for length, ended in chains if ended <= call.started]
        chains.append((1 + max(before, default=0), call.ended))
    return max(length for length, _ in chains)


@pytest.fixture
def slow(world):
    """Let each call of a warm driver take so long that what can overlap does."""
    world.create(world.mirror("db", "ids"))
    world.ec2.clear_calls()
    world.ec2.latency = LATENCY
    return world


@pytest.mark.parametrize(("rules", "calls"), [(1, 10), (10, 19)])
def test_one_mirror_is_made_in_four_steps(slow, rules, calls):
    """Look-ups, then target and filter, then rules, then the session."""
    slow.create(slow.mirror(filterRules=RULES[:rules]))

    assert len(slow.ec2.calls) == calls
    assert longest_chain(slow.ec2.calls) == 4


def test_one_mirror_is_removed_in_five_steps(slow):
    """Three look-ups, then the session, then filter and target."""
    slow.create(slow.mirror())
    slow.ec2.clear_calls()

    slow.remove(targetNicId=slow.nic("capture"))

    assert len(slow.ec2.calls) == 7
    assert longest_chain(slow.ec2.calls) == 5


def test_a_mirror_that_stands_costs_the_first_look_ups_alone(slow):
    """The same request again makes no other call."""
    slow.create(slow.mirror())
    slow.ec2.clear_calls()

    slow.create(slow.mirror())

    assert len(slow.ec2.calls) == 4
    assert longest_chain(slow.ec2.calls) == 1


@pytest.mark.parametrize(("mirrors", "calls"), [(10, 57), (30, 159)])
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
