"""What runs in parallel, what one after the other, and what the sandbox hears of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.request_texts import request
from tests.scenario.conftest import EMPTY

WIDE = [f"app-{number}" for number in range(6)]


def overlapping(calls):
    """Return the most calls that were in EC2's hands at one time."""
    edges = sorted(
        [(call.started, 1) for call in calls] + [(call.ended, -1) for call in calls]
    )
    now = most = 0
    for _, change in edges:
        now += change
        most = max(most, now)
    return most


def test_actions_and_their_calls_run_in_parallel_but_bounded(world):
    """Many actions with many rules keep several calls in flight, never all."""
    sandbox = world.new_sandbox("capture", *WIDE)
    rules = [{"direction": "ingress", "protocol": number} for number in range(1, 11)]
    target = world.nic("capture", sandbox)
    actions = [
        world.mirror(
            sourceNicId=world.nic(app, sandbox), targetNicId=target, filterRules=rules
        )
        for app in WIDE
    ]
    world.ec2.settings.latency = 0.05
    world.ec2.clear_calls()

    results = world.create(*actions, sandbox=sandbox)

    assert [result["success"] for result in results] == [True] * len(WIDE)
    assert 8 < overlapping(world.ec2.calls) <= 32
    assert len(world.targets) == 1


def test_equal_commands_at_once_make_one_mirror(world):
    """The commands of a sandbox wait for each other, and the later finds the mirror."""
    text = request(world.mirror())

    with ThreadPoolExecutor(4) as callers:
        answers = list(
            callers.map(
                lambda _: world.execute("CreateTrafficMirroring", text), range(4)
            )
        )

    (session,) = world.sessions
    assert {answer[0]["sessionId"] for answer in answers} == {
        session["TrafficMirrorSessionId"]
    }
    assert len(world.filters) == len(world.targets) == 1
    assert world.held == {world.nic("web"): {1}}


def test_commands_of_different_sandboxes_run_side_by_side(world):
    """A command of one sandbox doesn't wait for that of another."""
    others = [world.new_sandbox("web", "capture") for _ in range(3)]
    world.ec2.settings.latency = 0.1
    world.ec2.clear_calls()

    def create(sandbox):
        nics = {
            "sourceNicId": world.nic("web", sandbox),
            "targetNicId": world.nic("capture", sandbox),
        }
        return world.create(world.mirror(**nics), sandbox=sandbox)[0]["success"]

    with ThreadPoolExecutor(3) as callers:
        assert list(callers.map(create, others)) == [True] * 3

    creates = [call for call in world.ec2.calls if call.operation.endswith("Session")]
    assert len(creates) == 3
    assert overlapping(creates) > 1


def test_sandboxes_that_make_one_target_at_once_share_it(world):
    """One of them makes the target, and the others use it."""
    others = [world.new_sandbox("web") for _ in range(3)]
    target = world.nic("capture")
    world.ec2.settings.latency = 0.1

    def create(sandbox):
        nics = {"sourceNicId": world.nic("web", sandbox), "targetNicId": target}
        return world.create(world.mirror(**nics), sandbox=sandbox)[0]["success"]

    with ThreadPoolExecutor(3) as callers:
        assert list(callers.map(create, others)) == [True] * 3

    assert len(world.targets) == 1
    assert len(world.sessions) == 3


def test_a_long_command_tells_the_sandbox_how_far_it_is(world):
    """A handful of messages, the last of which says that all is done."""
    sandbox = world.new_sandbox("capture", *WIDE)
    actions = [
        world.mirror(
            sourceNicId=world.nic(app, sandbox),
            targetNicId=world.nic("capture", sandbox),
        )
        for app in WIDE
    ]

    world.create(*actions, sandbox=sandbox)

    assert sandbox.output[0] == "Creating traffic mirrors: 0 of 6 done"
    assert sandbox.output[-1] == "Creating traffic mirrors: 6 of 6 done"
    assert len(sandbox.output) <= 5

    world.remove(targetNicId=world.nic("capture", sandbox), sandbox=sandbox)

    assert sandbox.output[-1] == "Removing traffic mirrors: 6 of 6 done"
    assert len(sandbox.output) <= 10
    assert world.standing == EMPTY


def test_a_short_command_says_nothing(world):
    """One mirror is made before anybody has read a message."""
    world.create(world.mirror())

    assert world.sandbox.output == []
