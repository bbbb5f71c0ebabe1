"""What runs concurrently and what one after the other, and the progress messages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.request_texts import request
from tests.scenario.barriers import hold_first_calls, max_concurrency
from tests.scenario.conftest import EMPTY

APPS = [f"app-{number}" for number in range(6)]


def test_actions_and_their_calls_run_in_parallel_but_bounded(world):
    """Many actions with many rules make several calls at a time, but not all."""
    sandbox = world.new_sandbox("capture", *APPS)
    rules = [{"direction": "ingress", "protocol": number} for number in range(1, 11)]
    target = world.nic("capture", sandbox)
    actions = [
        world.mirror(
            sourceNicId=world.nic(app, sandbox), targetNicId=target, filterRules=rules
        )
        for app in APPS
    ]
    world.ec2.settings.latency = 0.05
    world.ec2.clear_calls()

    results = world.create(*actions, sandbox=sandbox)

    assert [result["success"] for result in results] == [True] * len(APPS)
    assert 8 < max_concurrency(world.ec2.calls) <= 32
    assert len(world.targets) == 1


def test_equal_concurrent_commands_create_one_mirror(world):
    """A sandbox's commands wait for each other, so the later ones find the mirror."""
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


def test_commands_of_different_sandboxes_run_concurrently(world):
    """A command of one sandbox doesn't wait for a command of another."""
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
    assert max_concurrency(creates) > 1


def test_sandboxes_that_need_the_same_target_share_it(world):
    """One of the concurrent commands creates the target, the others use it."""
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


def test_a_long_command_reports_its_progress_to_the_sandbox(world):
    """It writes at most five messages, and the last says that all is done."""
    sandbox = world.new_sandbox("capture", *APPS)
    actions = [
        world.mirror(
            sourceNicId=world.nic(app, sandbox),
            targetNicId=world.nic("capture", sandbox),
        )
        for app in APPS
    ]

    world.create(*actions, sandbox=sandbox)

    assert sandbox.output[0] == "Creating traffic mirrors: 0 of 6 done"
    assert sandbox.output[-1] == "Creating traffic mirrors: 6 of 6 done"
    assert len(sandbox.output) <= 5

    world.remove(targetNicId=world.nic("capture", sandbox), sandbox=sandbox)

    assert sandbox.output[-1] == "Removing traffic mirrors: 6 of 6 done"
    assert len(sandbox.output) <= 10
    assert world.state == EMPTY


def test_a_short_command_reports_no_progress(world):
    """Creating one mirror takes too little time for messages."""
    world.create(world.mirror())

    assert world.sandbox.output == []


def create_concurrently(world, operation, *commands):
    """Run a Create per (sandbox, action); all wait for each other at the operation."""
    world.ec2.settings.before_call = hold_first_calls(operation, len(commands))
    with ThreadPoolExecutor() as pool:
        running = [
            pool.submit(world.create, action, sandbox=sandbox)
            for sandbox, action in commands
        ]
    return [result for each in running for result in each.result()]


def test_concurrent_sandboxes_share_one_target(world):
    """Three commands find no target at the same time; all succeed with one target."""
    sandboxes = [world.new_sandbox("a") for _ in range(3)]

    results = create_concurrently(
        world,
        "DescribeTrafficMirrorTargets",
        *(
            (sandbox, world.mirror(sourceNicId=world.nic("a", sandbox)))
            for sandbox in sandboxes
        ),
    )

    assert [result["errorMessage"] for result in results] == ["", "", ""]
    assert len(world.targets) == 1
    assert len(world.sessions) == 3


def test_concurrent_sandboxes_on_one_source_get_different_numbers(world):
    """Both commands succeed, with session numbers 1 and 2 of the NIC."""
    results = create_concurrently(
        world,
        "DescribeTrafficMirrorTargets",
        (world.sandbox, world.mirror("web", "capture")),
        (world.new_sandbox("a"), world.mirror("web", "ids")),
    )

    assert [result["errorMessage"] for result in results] == ["", ""]
    assert {each["SessionNumber"] for each in world.sessions} == {1, 2}
    assert world.held == {world.nic("web"): {1, 2}}
