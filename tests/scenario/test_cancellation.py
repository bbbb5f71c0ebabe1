"""CreateTrafficMirroring, cancelled while it waits or before any of its calls."""

from __future__ import annotations

import json
import threading
from threading import Event

import pytest
from cloudshell.api.cloudshell_api import InputNameValue

from emulator.lab import RESOURCE
from tests.request_texts import request
from tests.scenario.conftest import EMPTY, new_testbed

pytestmark = pytest.mark.short_waits

RULES = [{"direction": "ingress", "protocol": name} for name in ("tcp", "udp")]


def create(world, count):
    """Create the first `count` of three mirrors to two targets."""
    return world.create(
        *[
            world.mirror("web", "capture", filterRules=RULES),
            world.mirror("db", "capture", sessionNumber=7),
            world.mirror("db", "ids", filterRules=RULES[:1]),
        ][:count]
    )


class Canceller:
    """Cancels a sandbox's commands just before their nth writing call."""

    def __init__(self, world, nth):
        self.calls = 0
        self._lock = threading.Lock()
        self._world = world
        self._nth = nth
        world.ec2.settings.before_call = self._before_ec2
        world.pools.before_call = self._before

    def _before_ec2(self, operation, writes):
        if writes:
            self._before(operation)

    def _before(self, _name):
        with self._lock:
            self.calls += 1
            due = self.calls == self._nth
        if due:
            self._world.lab.execution.cancel_reservation(self._world.sandbox.id)


@pytest.mark.parametrize("count", [1, 3])
def test_a_create_leaves_nothing_whichever_call_it_is_cancelled_before(
    short_wait_lab, tally, count
):
    """All that was created is rolled back, and every result says it was cancelled."""
    world = new_testbed(short_wait_lab)
    counter = Canceller(world, nth=0)
    create(world, count)
    total = counter.calls
    assert total > 5 * count

    for nth in range(1, total + 1):
        world = new_testbed(short_wait_lab)
        Canceller(world, nth)

        results = create(world, count)

        assert [result["success"] for result in results] == [False] * count, nth
        assert {result["errorMessage"] for result in results} == {
            "The command was cancelled; what it created was rolled back"
        }
        assert {result["sessionId"] for result in results} == {""}
        assert world.state == EMPTY, nth
        tally[f"Create of {count}, cancelled"] += 1


def test_a_cancelled_create_keeps_a_mirror_that_existed_before(world):
    """Only what this command created is rolled back."""
    world.create(world.mirror("web"))
    before = world.state
    Canceller(world, nth=2)

    results = world.create(world.mirror("web"), world.mirror("db"))

    assert [result["success"] for result in results] == [False, False]
    assert world.state == before


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
    cancelled = "The command was cancelled; what it created was rolled back"
    return outcomes == {(False, "")} and messages == {cancelled}


def test_a_command_cancelled_while_it_waits_creates_nothing(world):
    """Its ten results say that it was cancelled; the command before it succeeds."""
    apps = [f"app-{number}" for number in range(10)]
    world.sandbox = world.new_sandbox("web", "capture", "ids", *apps)
    started, cancelled = Event(), Event()

    def hold(_operation, _writes):
        started.set()
        cancelled.wait(10)

    world.ec2.settings.before_call = hold
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

    world.ec2.settings.before_call = cancel
    actions = [world.mirror(app, "capture") for app in apps[:10]]
    actions += [world.mirror(app, "ids") for app in apps[10:]]

    results = world.create(*actions)

    assert len(results) == 20
    assert is_cancelled(results)
    assert world.state == EMPTY
