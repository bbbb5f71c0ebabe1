"""
Commands cancelled, sent again, sent at once, throttled.

The ids in the tests' names are those of known faults of another implementation.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

from cloudshell.api.cloudshell_api import InputNameValue

from emulator.faults import Fault
from emulator.lab import RESOURCE
from tests.request_texts import request
from tests.scenario.conftest import EMPTY

TCP = {"direction": "ingress", "protocol": "tcp"}


def enqueue(world, *actions):
    """Start a Create command of this world's sandbox; return its id."""
    return world.session.EnqueueCommand(
        world.sandbox.id,
        RESOURCE,
        "Resource",
        "CreateTrafficMirroring",
        [InputNameValue("request", request(*actions))],
    ).Id


def results_of(world, execution_id):
    """Wait for a command; return its results."""
    output = world.lab.execution.execution(execution_id).wait()
    return json.loads(output)["driverResponse"]["actionResults"]


def is_cancelled(results):
    """Tell whether every result says that the command was cancelled."""
    told = {(each["success"], each["sessionId"]) for each in results}
    messages = {each["errorMessage"] for each in results}
    cancelled = "The command was cancelled; what it made was undone"
    return told == {(False, "")} and messages == {cancelled}


def meeting(operation, count):
    """Return a before_call that lets the first calls of an operation meet."""
    barrier, places = Barrier(count, timeout=5), iter(range(count))

    def meet(name, writes):  # noqa: ARG001 - the signature is the emulator's
        if name == operation and next(places, None) is not None:
            barrier.wait()

    return meet


def at_once(world, operation, *commands):
    """Run Create commands (sandbox, action) that all ask this before any goes on."""
    world.ec2.settings.before_call = meeting(operation, len(commands))
    with ThreadPoolExecutor() as pool:
        running = [
            pool.submit(world.create, action, sandbox=sandbox)
            for sandbox, action in commands
        ]
    return [result for each in running for result in each.result()]


def test_k1_a_command_cancelled_before_its_turn_makes_nothing(world):
    """All ten actions say so, and the command before it is untouched."""
    apps = [f"app-{number}" for number in range(10)]
    world.sandbox = world.new_sandbox("web", "capture", "ids", *apps)
    looking, cancelled = Event(), Event()

    def hold(name, writes):  # noqa: ARG001 - the signature is the emulator's
        looking.set()
        cancelled.wait(10)

    world.ec2.settings.before_call = hold
    first = enqueue(world, world.mirror("web", "ids"))
    assert looking.wait(10)
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


def test_k2_a_command_cancelled_midway_leaves_nothing(world):
    """Cancelled when its first session is asked for, it undoes what all made."""
    apps = [f"app-{number}" for number in range(20)]
    world.sandbox = world.new_sandbox("capture", "ids", *apps)

    def cancel(name, writes):  # noqa: ARG001 - the signature is the emulator's
        if name == "CreateTrafficMirrorSession":
            world.lab.execution.cancel_reservation(world.sandbox.id)

    world.ec2.settings.before_call = cancel
    actions = [world.mirror(app, "capture") for app in apps[:10]]
    actions += [world.mirror(app, "ids") for app in apps[10:]]

    results = world.create(*actions)

    assert len(results) == 20
    assert is_cancelled(results)
    assert world.standing == EMPTY


def test_l1_a_request_sent_again_makes_no_duplicates(world):
    """Four times the same request is one session, and four times its id."""
    answers = [world.create(world.mirror(filterRules=[TCP])) for _ in range(4)]

    (session,) = world.sessions
    assert {result["sessionId"] for (result,) in answers} == {
        session["TrafficMirrorSessionId"]
    }
    assert world.held == {world.nic("web"): {1}}


def test_l2_a_request_with_a_given_number_sent_again_leaks_no_other(world):
    """One action names its number, another doesn't; the answer is the same."""
    actions = world.mirror("web", sessionNumber="7"), world.mirror("db")
    first = world.create(*actions)

    again = world.create(*actions)

    assert again == first
    assert {result["success"] for result in again} == {True}
    assert world.held == {world.nic("web"): {7}, world.nic("db"): {1}}


def test_l3_a_removal_sent_again_is_success(world):
    """By id and by target NIC, what is gone already is no failure."""
    (made,) = world.create(world.mirror())
    named = {"sessionId": made["sessionId"]}, {"targetNicId": world.nic("capture")}

    answers = [world.remove(**fields) for _ in range(2) for fields in named]

    assert {result["success"] for (result,) in answers} == {True}
    assert world.standing == EMPTY


def test_m1_one_target_for_sandboxes_that_ask_at_once(world):
    """Three that look for a target before any makes it all succeed on one."""
    sandboxes = [world.new_sandbox("a") for _ in range(3)]

    results = at_once(
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


def test_m2_sandboxes_that_ask_for_one_source_at_once_get_two_numbers(world):
    """Both succeed, as the first and the second session of the NIC."""
    results = at_once(
        world,
        "DescribeTrafficMirrorTargets",
        (world.sandbox, world.mirror("web", "capture")),
        (world.new_sandbox("a"), world.mirror("web", "ids")),
    )

    assert [result["errorMessage"] for result in results] == ["", ""]
    assert {each["SessionNumber"] for each in world.sessions} == {1, 2}
    assert world.held == {world.nic("web"): {1, 2}}


def throttled(operation, times):
    """Return a fault as EC2 answers where an account calls too often."""
    return Fault(
        operation=operation, code="RequestLimitExceeded", status=503, times=times
    )


def test_j1_throttling_three_times_in_a_row_is_survived(world):
    """The number of tries is the driver's own, whatever boto3 it was installed with."""
    world.ec2.faults.append(throttled("CreateTrafficMirrorFilter", 3))

    (result,) = world.create(world.mirror(filterRules=[TCP]))

    assert result["success"]
    assert len(world.sessions) == len(world.filters) == 1


def test_j2_throttling_stops_neither_undo_nor_removal(world):
    """A throttled delete is tried again, and nothing is left either way."""
    refused = Fault(operation="CreateTrafficMirrorSession", code="Unsupported")
    world.ec2.faults.extend([refused, throttled("DeleteTrafficMirrorFilter", 1)])
    (failed,) = world.create(world.mirror())
    assert "left behind" not in failed["errorMessage"]
    assert world.standing == EMPTY
    world.create(world.mirror())
    world.ec2.faults.append(throttled("DeleteTrafficMirrorFilter", 1))

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert world.standing == EMPTY
