"""Passing faults of EC2, met by the product's own retries."""

from __future__ import annotations

import pytest

from emulator.faults import Fault
from tests.scenario.conftest import EMPTY, settled

TCP = {"direction": "ingress", "protocol": "tcp"}


@pytest.mark.parametrize(
    "fault",
    [
        {"code": "RequestLimitExceeded", "status": 503, "times": 3},
        {"code": "InternalError", "status": 500, "times": 2},
        {"drop_connection": True},
        {"drop_connection": True, "after_effect": True},
    ],
    ids=["throttled", "server error", "connection reset", "answer lost"],
)
def test_passing_faults_are_absorbed(world, fault):
    """Botocore repeats the call, with the same client token, until it is answered."""
    world.ec2.faults.append(Fault(operation="CreateTrafficMirrorFilter", **fault))
    world.ec2.faults.append(Fault(operation="CreateTrafficMirrorSession", **fault))

    (result,) = world.create(world.mirror(filterRules=[TCP]))

    assert result["success"]
    assert len(world.filters) == len(world.sessions) == 1


def test_a_fault_that_does_not_pass_is_an_error_after_at_least_four_attempts(world):
    """The error has code, message, what was being done, request id and advice."""
    world.ec2.faults.append(
        Fault(
            operation="CreateTrafficMirrorFilter",
            code="RequestLimitExceeded",
            message="Request limit exceeded.",
            status=503,
            times=None,
        )
    )

    (result,) = world.create(world.mirror(filterRules=[TCP]))

    tried = [
        call
        for call in world.ec2.calls
        if call.operation == "CreateTrafficMirrorFilter"
    ]
    assert len(tried) >= 4
    for part in (
        "Creating the traffic mirror filter filter-1_",
        "RequestLimitExceeded: Request limit exceeded.",
        f"request id {tried[-1].request_id}",
        "try again later",
    ):
        assert part in result["errorMessage"]
    assert world.standing == EMPTY


def test_a_new_id_that_ec2_does_not_know_yet_is_waited_for(world):
    """The waits of the product are long enough for two calls that fail."""
    world.ec2.settings.propagation_requests = 2

    (result,) = world.create(world.mirror(filterRules=[TCP]))

    assert result["success"]
    assert len(settled(world).sessions) == 1


def test_a_use_that_is_about_to_end_is_waited_for(world):
    """Filter and target are in use for a while after their session was deleted."""
    world.create(world.mirror())
    world.ec2.settings.in_use_requests = 2

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert world.standing == EMPTY
