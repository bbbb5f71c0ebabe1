"""Transient errors of EC2, handled by the retries of the product's real limits."""

from __future__ import annotations

import pytest

from emulator.ec2 import Lag, Lags
from emulator.faults import Fault
from tests.scenario.conftest import EMPTY, TCP


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
def test_transient_errors_are_retried(world, fault):
    """The call is repeated with the same client token until it succeeds."""
    world.ec2.faults.append(Fault(operation="CreateTrafficMirrorFilter", **fault))
    world.ec2.faults.append(Fault(operation="CreateTrafficMirrorSession", **fault))

    (result,) = world.create(world.mirror(filterRules=[TCP]))

    assert result["success"]
    assert len(world.filters) == len(world.sessions) == 1


def test_an_error_that_lasts_is_reported_after_at_least_four_attempts(world):
    """The message has the action, code, text, request id and advice."""
    world.ec2.faults.append(
        Fault(
            operation="CreateTrafficMirrorFilter",
            code="InternalError",
            message="An internal error has occurred",
            status=500,
            times=None,
        )
    )

    (result,) = world.create(world.mirror(filterRules=[TCP]))

    attempts = [
        call
        for call in world.ec2.calls
        if call.operation == "CreateTrafficMirrorFilter"
    ]
    assert len(attempts) >= 4
    for part in (
        "Creating the traffic mirror filter filter-1_",
        "InternalError: An internal error has occurred",
        f"request id {attempts[-1].request_id}",
        "try again later",
    ):
        assert part in result["errorMessage"]
    assert world.state == EMPTY


def test_not_found_for_a_new_id_is_retried(world):
    """The product's waits are long enough for two failed calls."""
    settings = world.ec2.settings
    settings.unknown_lag = settings.creation_lag = Lags.of_all(2)

    (result,) = world.create(world.mirror(filterRules=[TCP]))

    assert result["success"]
    assert len(world.sessions) == 1


def test_a_delete_is_retried_while_ec2_reports_in_use(world):
    """Filter and target stay in use for a while after their session is deleted."""
    world.create(world.mirror())
    world.ec2.settings.in_use_lag = Lag(2)

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert world.state == EMPTY


def throttled(operation, times):
    """Return the fault that EC2 answers when an account exceeds its request rate."""
    return Fault(
        operation=operation, code="RequestLimitExceeded", status=503, times=times
    )


def test_a_call_throttled_three_times_in_a_row_succeeds(world):
    """boto3's default is fewer attempts."""
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
