"""Commands that are cancelled, repeated, concurrent or throttled."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from cloudshell.api.cloudshell_api import InputNameValue

from emulator.ec2 import Fault
from emulator.lab import RESOURCE
from tests.request_texts import request
from tests.scenario.barriers import hold_first_calls
from tests.scenario.conftest import EMPTY, TCP


def enqueue(world, *actions):
    """Start a Create command in the sandbox; return the command's id."""
    return world.session.EnqueueCommand(
        world.sandbox.id,
        RESOURCE,
        "Resource",
        "CreateTrafficMirroring",
        [InputNameValue("request", request(*actions))],
    ).Id


def results_of(world, execution_id):
    """Wait for a command to end; return its results."""
    output = world.lab.execution.execution(execution_id).wait()
    return json.loads(output)["driverResponse"]["actionResults"]


def is_cancelled(results):
    """Return whether every result says that the command was cancelled."""
    outcomes = {(each["success"], each["sessionId"]) for each in results}
    messages = {each["errorMessage"] for each in results}
    cancelled = "The command was cancelled; what it made was undone"
    return outcomes == {(False, "")} and messages == {cancelled}


def create_concurrently(world, operation, *commands):
    """Run a Create per (sandbox, action); all wait for each other at the operation."""
    world.ec2.before_call = hold_first_calls(operation, len(commands))
    with ThreadPoolExecutor() as pool:
        running = [
            pool.submit(world.create, action, sandbox=sandbox)
            for sandbox, action in commands
        ]
    return [result for each in running for result in each.result()]


def test_a_command_cancelled_while_it_waits_creates_nothing(world):
    """Its ten results say that it was cancelled; the command before it succeeds."""
    apps = [f"app-{number}" for number in range(10)]
    world.sandbox = world.new_sandbox("web", "capture", "ids", *apps)
    started, cancelled = Event(), Event()

    def hold(_operation, _writes):
        started.set()
        cancelled.wait(10)

    world.ec2.before_call = hold
    first = enqueue(world, world.mirror("web", "ids"))
    assert started.wait(10)
    second = enqueue(world, *(world.mirror(app) for app in apps))
    assert world.lab.execution.cancel(second)
    cancelled.set()

    (made,) = results_of(world, first)
    results = results_of(world, second)

    assert len(results) == 10
    assert is_cancelled(results)
    assert [each["TrafficMirrorSessionId"] for each in world.sessions] == [
        made["sessionId"]
    ]
    assert len(world.filters) == len(world.targets) == 1
    assert set(world.held) == {world.nic("web")}


def test_a_command_cancelled_midway_leaves_nothing(world):
    """Cancelled at its first session, it rolls back all of its actions."""
    apps = [f"app-{number}" for number in range(20)]
    world.sandbox = world.new_sandbox("capture", "ids", *apps)

    def cancel(operation, _writes):
        if operation == "CreateTrafficMirrorSession":
            world.lab.execution.cancel_reservation(world.sandbox.id)

    world.ec2.before_call = cancel
    actions = [world.mirror(app, "capture") for app in apps[:10]]
    actions += [world.mirror(app, "ids") for app in apps[10:]]

    results = world.create(*actions)

    assert len(results) == 20
    assert is_cancelled(results)
    assert world.state == EMPTY


def test_a_repeated_create_makes_no_duplicates(world):
    """The same request, sent four times, creates one session and returns its id."""
    answers = [world.create(world.mirror(filterRules=[TCP])) for _ in range(4)]

    (session,) = world.sessions
    assert {result["sessionId"] for (result,) in answers} == {
        session["TrafficMirrorSessionId"]
    }
    assert world.held == {world.nic("web"): {1}}


def test_a_repeated_create_leaks_no_session_number(world):
    """The answer is the same with a requested number and with an allocated one."""
    actions = world.mirror("web", sessionNumber="7"), world.mirror("db")
    first = world.create(*actions)

    again = world.create(*actions)

    assert again == first
    assert {result["success"] for result in again} == {True}
    assert world.held == {world.nic("web"): {7}, world.nic("db"): {1}}


def test_a_repeated_remove_succeeds(world):
    """By id and by target NIC, a session that no longer exists is no failure."""
    (made,) = world.create(world.mirror())
    named = {"sessionId": made["sessionId"]}, {"targetNicId": world.nic("capture")}

    answers = [world.remove(**fields) for _ in range(2) for fields in named]

    assert {result["success"] for (result,) in answers} == {True}
    assert world.state == EMPTY


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


def throttled(operation, times):
    """Return the fault that EC2 answers when an account exceeds its request rate."""
    return Fault(
        operation=operation, code="RequestLimitExceeded", status=503, times=times
    )


def test_a_call_throttled_three_times_in_a_row_succeeds(world):
    """The driver sets the number of attempts itself, not boto3's default."""
    world.ec2.faults.append(throttled("CreateTrafficMirrorFilter", 3))

    (result,) = world.create(world.mirror(filterRules=[TCP]))

    assert result["success"]
    assert len(world.sessions) == len(world.filters) == 1


def test_throttled_deletes_are_retried(world):
    """Neither a rollback nor a Remove leaves anything if EC2 throttles a delete."""
    refused = Fault(operation="CreateTrafficMirrorSession", code="Unsupported")
    world.ec2.faults.extend([refused, throttled("DeleteTrafficMirrorFilter", 1)])
    (failed,) = world.create(world.mirror())
    assert "left behind" not in failed["errorMessage"]
    assert world.state == EMPTY
    world.create(world.mirror())
    world.ec2.faults.append(throttled("DeleteTrafficMirrorFilter", 1))

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert world.state == EMPTY
