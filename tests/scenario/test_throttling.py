"""EC2 throttles calls: by smaller token buckets than AWS's, which refill faster."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from cloudshell.api.cloudshell_api import InputNameValue

from emulator.ec2 import Throttle, Throttles, TokenBuckets
from emulator.lab import ACCESS_KEY, RESOURCE
from emulator.secret_values import new_secret
from tests.request_texts import remove_action, request
from tests.scenario.conftest import EMPTY, add_provider

RULES = [{"direction": "ingress", "protocol": name} for name in ("tcp", "udp", "icmp")]
RULE_CALL = "CreateTrafficMirrorFilterRule"
CANCELLED = "The command was cancelled; what it created was rolled back"
NEVER = Throttle(burst=0, per_second=0)
SMALL = Throttles(writes=Throttle(burst=5, per_second=20))
SLOW = Throttles(writes=Throttle(burst=1, per_second=8))
"""Even a slow machine makes the calls of a command faster than this."""


@pytest.fixture
def world(world):
    """Use a driver process of its own: it learns what EC2 throttles."""
    world.lab.execution.terminate(RESOURCE)
    yield world
    world.lab.execution.terminate(RESOURCE)


def limit(world, throttles=SMALL):
    """Limit the rate of all calls from now on."""
    world.ec2.clear_calls()
    world.ec2.settings.throttle = TokenBuckets(throttles)


def limit_rules(world, throttle):
    """Limit only the rate at which filter rules are created."""
    unlimited = Throttle(burst=10_000, per_second=0)
    limit(world, Throttles(unlimited, unlimited, unlimited, {RULE_CALL: throttle}))


def unlimited(world):
    """Stop throttling."""
    world.ec2.settings.throttle = None
    return world


def large_sandbox(world, mirrors):
    """Start a sandbox; return it with an action for each mirror, with three rules."""
    apps = [f"web {number}" for number in range(mirrors)]
    targets = [f"capture {number}" for number in range(0, mirrors, 10)]
    sandbox = world.new_sandbox(*apps, *targets)
    actions = [
        world.mirror(
            sourceNicId=world.nic(app, sandbox),
            targetNicId=world.nic(targets[number // 10], sandbox),
            filterRules=RULES,
        )
        for number, app in enumerate(apps)
    ]
    return sandbox, actions


def throttled_calls(world, operation=RULE_CALL):
    """Return the calls that EC2 has throttled."""
    return [
        call
        for call in world.ec2.calls
        if (call.operation, call.error_code) == (operation, "RequestLimitExceeded")
    ]


def test_a_large_request_is_created_and_removed_as_a_whole(world):
    """Throttled calls are repeated until EC2 serves them."""
    sandbox, actions = large_sandbox(world, 8)
    limit(world, SLOW)

    results = world.create(*actions, sandbox=sandbox)

    assert [result["errorMessage"] for result in results] == [""] * 8
    assert throttled_calls(world)
    targets = {action["actionParams"]["targetNicId"] for action in actions}
    removals = [remove_action(targetNicId=nic) for nic in targets]
    removed = world.execute("RemoveTrafficMirroring", request(*removals), sandbox)
    assert [result["errorMessage"] for result in removed] == [""] * len(targets)
    assert throttled_calls(world, "DeleteTrafficMirrorSession")
    assert unlimited(world).state == EMPTY


def test_processes_that_share_the_limit_both_succeed(world):
    """Neither loses a mirror, though EC2 serves the calls in no certain order."""
    keys = {"AWS Access Key ID": ACCESS_KEY, "AWS Secret Access Key": new_secret()}
    second = add_provider(world, {"Region": "us-east-1", **keys})
    sandboxes = [large_sandbox(world, 8) for _ in range(2)]
    limit(world)

    def create(resource, sandbox, actions):
        return world.session.ExecuteCommand(
            sandbox.id,
            resource,
            "Resource",
            "CreateTrafficMirroring",
            [InputNameValue("request", request(*actions))],
        ).Output

    with ThreadPoolExecutor() as threads:
        answers = list(
            threads.map(
                lambda each: create(each[0], *each[1]),
                zip((RESOURCE, second), sandboxes),
            )
        )

    assert not any('"success": false' in answer for answer in answers)
    pids = map(world.lab.execution.driver_pid, (RESOURCE, second))
    assert len(set(pids)) == 2
    assert len(unlimited(world).sessions) == 16


def test_a_small_command_overtakes_a_large_one(world):
    """Another sandbox's mirror doesn't wait for a large request."""
    large, actions = large_sandbox(world, 8)
    small, (action,) = large_sandbox(world, 1)
    limit_rules(world, Throttle(burst=5, per_second=5))
    is_throttled = Event()

    def observe(operation, _writes):
        if operation == RULE_CALL and throttled_calls(world):
            is_throttled.set()

    world.ec2.settings.before_call = observe

    with ThreadPoolExecutor() as threads:
        first = threads.submit(world.create, *actions, sandbox=large)
        assert is_throttled.wait(timeout=20)
        second = threads.submit(world.create, action, sandbox=small)

    results = [*first.result(), *second.result()]
    assert [result["errorMessage"] for result in results] == [""] * 9
    assert overtaking_rules(world, small) < 5  # up to 16 waited before


def overtaking_rules(world, sandbox):
    """Count others' rules that EC2 created while the rules of a sandbox waited."""
    (own,) = [each for each in world.filters if sandbox.id in str(each["Tags"])]
    (begin,) = [
        call.ended
        for call in world.ec2.calls
        if call.operation == "CreateTrafficMirrorFilter"
        and sandbox.id in call.parameters.values()
    ]
    served = [
        call.parameters["TrafficMirrorFilterId"] == own["TrafficMirrorFilterId"]
        for call in world.ec2.calls
        if call.operation == RULE_CALL and call.started > begin and not call.error_code
    ]
    last_own = len(served) - served[::-1].index(True)
    return served[:last_own].count(False)


def test_a_command_that_waits_can_be_cancelled(world):
    """It answers within seconds, and nothing of it is left."""
    sandbox, actions = large_sandbox(world, 5)
    limit_rules(world, NEVER)
    cancelled = []

    def cancel(operation, _writes):
        if operation == RULE_CALL and len(throttled_calls(world)) >= 6:
            world.lab.execution.cancel_reservation(sandbox.id)
            cancelled.append(time.monotonic())

    world.ec2.settings.before_call = cancel

    results = world.create(*actions, sandbox=sandbox)

    assert time.monotonic() - cancelled[0] < 10
    assert {result["errorMessage"] for result in results} == {CANCELLED}
    assert unlimited(world).state == EMPTY


def test_the_rollback_of_a_cancelled_command_is_throttled_and_complete(world):
    """Its deletes wait as long as EC2 serves some of them."""
    sandbox, actions = large_sandbox(world, 8)
    limit(world, Throttles(writes=Throttle(8, 5)))

    def cancel(operation, _writes):
        rules = [call for call in world.ec2.calls if call.operation == RULE_CALL]
        if operation == RULE_CALL and len(rules) > 8:
            world.lab.execution.cancel_reservation(sandbox.id)

    world.ec2.settings.before_call = cancel

    results = world.create(*actions, sandbox=sandbox)

    assert {result["errorMessage"] for result in results} == {CANCELLED}
    assert unlimited(world).state == EMPTY
