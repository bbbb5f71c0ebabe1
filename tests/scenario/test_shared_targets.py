"""Sandboxes that share a target NIC, at the same moment and after each other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.scenario.barriers import hold_first_calls
from tests.scenario.conftest import EMPTY, clean_up, create_mirrors

COUNT = 4


@pytest.fixture
def sandboxes(world):
    """Start sandboxes with a source each."""
    return [world.new_sandbox("web") for _ in range(COUNT)]


def mirror_of(world, sandbox):
    """Return the action that mirrors the sandbox's source to the shared NIC."""
    return world.mirror(
        sourceNicId=world.nic("web", sandbox), targetNicId=world.nic("capture")
    )


def create(world, sandbox):
    """Create a sandbox's mirror to the shared NIC; return its result."""
    return world.create(mirror_of(world, sandbox), sandbox=sandbox)[0]


def remove(world, sandbox):
    """Remove a sandbox's mirror from the shared NIC; return its result."""
    return world.remove(targetNicId=world.nic("capture"), sandbox=sandbox)[0]


def at_once(command, world, sandboxes):
    """Run a command in all sandboxes at the same moment; all must succeed."""
    with ThreadPoolExecutor(len(sandboxes)) as callers:
        results = list(callers.map(lambda each: command(world, each), sandboxes))
    assert [result["errorMessage"] for result in results] == [""] * len(sandboxes)


def test_creates_at_once_make_one_target(world, sandboxes):
    """And the same requests again create nothing."""
    world.ec2.settings.before_call = hold_first_calls(
        "DescribeTrafficMirrorTargets", COUNT
    )
    at_once(create, world, sandboxes)
    assert len(world.targets) == 1
    assert len(world.sessions) == COUNT
    before = world.state

    at_once(create, world, sandboxes)

    assert world.state == before


@pytest.mark.parametrize("command", [remove, clean_up], ids=["remove", "clean up"])
def test_removals_at_once_leave_nothing(world, sandboxes, command):
    """Whichever deletes the last session deletes the target."""
    at_once(create, world, sandboxes)
    world.ec2.settings.before_call = hold_first_calls(
        "DeleteTrafficMirrorSession", COUNT
    )

    at_once(command, world, sandboxes)

    assert world.state == EMPTY


def test_a_create_and_the_last_remove_at_once_both_succeed(world, sandboxes):
    """The target is kept, or created again, without waiting for seconds."""
    first, second, *_ = sandboxes
    for _ in range(5):
        create_mirrors(world, mirror_of(world, first), sandbox=first)
        with ThreadPoolExecutor(2) as callers:
            removed = callers.submit(remove, world, first)
            created = callers.submit(create, world, second)

        assert removed.result()["errorMessage"] == ""
        assert created.result()["errorMessage"] == ""
        (session,) = world.sessions
        (target,) = world.targets
        assert session["TrafficMirrorTargetId"] == target["TrafficMirrorTargetId"]
        assert remove(world, second)["success"]
        assert world.state == EMPTY


def test_a_target_in_use_is_not_waited_for(world, sandboxes):
    """Another sandbox uses it, which is success after one refusal."""
    for sandbox in sandboxes[:2]:
        create_mirrors(world, mirror_of(world, sandbox), sandbox=sandbox)
    world.ec2.clear_calls()

    assert remove(world, sandboxes[0])["success"]

    deletes = [c for c in world.ec2.calls if c.operation == "DeleteTrafficMirrorTarget"]
    assert len(deletes) == 1
    assert len(world.targets) == len(world.sessions) == 1
