"""Cancelling CreateTrafficMirroring."""

from __future__ import annotations

import json
import time

import pytest
from cloudshell.api.cloudshell_api import InputNameValue

from emulator.lab import RESOURCE
from tests.request_texts import request
from tests.scenario.conftest import EMPTY


@pytest.mark.parametrize("made", range(8))
def test_a_cancelled_create_leaves_nothing(world, made):
    """Cancelled after any number of writes, all is undone; every result says so."""
    world.ec2.latency = 0.05
    rules = [{"direction": "ingress", "protocol": "tcp"}]
    actions = [world.mirror("web", filterRules=rules), world.mirror("db")]
    execution_id = world.session.EnqueueCommand(
        world.sandbox.id,
        RESOURCE,
        "Resource",
        "CreateTrafficMirroring",
        [InputNameValue("request", request(*actions))],
    ).Id
    execution = world.lab.execution.execution(execution_id)
    deadline = time.monotonic() + 20
    while len(world.ec2.writes()) < made and time.monotonic() < deadline:
        time.sleep(0.005)

    assert world.lab.execution.cancel(execution_id)

    results = json.loads(execution.wait())["driverResponse"]["actionResults"]
    assert [result["success"] for result in results] == [False, False]
    assert [result["sessionId"] for result in results] == ["", ""]
    assert {result["errorMessage"] for result in results} == {
        "The command was cancelled"
    }
    assert world.standing == EMPTY
