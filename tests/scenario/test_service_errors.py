"""Delays and errors of AWS and CloudShell are tolerated up to a limit."""

from __future__ import annotations

import json

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.ec2 import Lag, Lags, Throttle, Throttles, TokenBuckets
from emulator.faults import Fault
from emulator.lab import RESOURCE
from tests.scenario.conftest import EMPTY, TCP

pytestmark = pytest.mark.short_waits


def test_not_found_for_a_new_id_is_retried(quick_world):
    """A Create succeeds though EC2 doesn't know a new id in the next two calls."""
    settings = quick_world.ec2.settings
    settings.unknown_lag = settings.creation_lag = Lags.of_all(2)

    (result,) = quick_world.create(quick_world.mirror(filterRules=[TCP]))

    assert result["success"]
    assert len(quick_world.sessions) == 1


def test_not_found_that_lasts_is_an_error(quick_world):
    """When the retries run out, the action fails and is rolled back."""
    quick_world.ec2.faults.append(
        Fault(
            operation="CreateTrafficMirrorSession",
            code="InvalidTrafficMirrorFilterId.NotFound",
            message="unknown",
            times=None,
        )
    )

    (result,) = quick_world.create(quick_world.mirror())

    assert "InvalidTrafficMirrorFilterId.NotFound" in result["errorMessage"]
    assert quick_world.state == EMPTY


def test_rollback_retries_not_found_for_a_new_id(quick_world):
    """A rollback doesn't take NotFound for a new id as a proof that it is deleted."""
    settings = quick_world.ec2.settings
    settings.unknown_lag = settings.creation_lag = Lags.of_all(3)
    quick_world.ec2.faults.append(
        Fault(operation="CreateTrafficMirrorSession", code="Unsupported", message="no")
    )

    (result,) = quick_world.create(quick_world.mirror(filterRules=[TCP]))

    assert not result["success"]
    assert quick_world.state == EMPTY


def test_a_target_deleted_just_before_its_use_is_created_again(world):
    """Another sandbox can delete its unused target between look-up and use."""
    created = world.client.create_traffic_mirror_target(
        NetworkInterfaceId=world.nic("capture")
    )
    found = created["TrafficMirrorTarget"]["TrafficMirrorTargetId"]

    def delete_target(operation, _writes):
        if operation == "CreateTrafficMirrorSession":
            world.ec2.settings.before_call = None
            world.client.delete_traffic_mirror_target(TrafficMirrorTargetId=found)

    world.ec2.settings.before_call = delete_target

    (result,) = world.create(world.mirror())

    (target,) = world.targets
    (session,) = world.sessions
    assert result["success"]
    assert target["TrafficMirrorTargetId"] != found
    assert session["TrafficMirrorTargetId"] == target["TrafficMirrorTargetId"]


def test_a_delete_is_retried_while_ec2_reports_in_use(quick_world):
    """Filter and target stay in use for a while after their session is deleted."""
    quick_world.create(quick_world.mirror())
    quick_world.ec2.settings.in_use_lag = Lag(3)

    (result,) = quick_world.remove(targetNicId=quick_world.nic("capture"))

    assert result["success"]
    assert quick_world.state == EMPTY


def test_in_use_that_lasts_is_an_error_with_advice(quick_world):
    """The session is removed all the same, and the error names what is left."""
    quick_world.create(quick_world.mirror())
    quick_world.ec2.settings.in_use_lag = Lag(1_000)

    (result,) = quick_world.remove(targetNicId=quick_world.nic("capture"))

    assert "TrafficMirrorFilterInUse" in result["errorMessage"]
    assert "remove the sessions that use it first" in result["errorMessage"]
    assert quick_world.sessions == []
    assert quick_world.held == {}


def test_a_create_that_is_always_throttled_fails(quick_world):
    """It is rolled back, and the error is AWS's with advice."""
    never = Throttle(burst=0, per_second=0)
    quick_world.ec2.settings.throttle = TokenBuckets(Throttles(writes=never))

    (result,) = quick_world.create(quick_world.mirror())

    assert "RequestLimitExceeded" in result["errorMessage"]
    assert "try again later" in result["errorMessage"]
    assert quick_world.state == EMPTY


def test_discovery_reports_that_ec2_throttles(quick_world):
    """Permissions that could not be checked are not taken for granted."""
    never = Throttle(burst=0, per_second=0)
    quick_world.ec2.settings.throttle = TokenBuckets(Throttles(never, never, never))

    with pytest.raises(CloudShellAPIError, match="RequestLimitExceeded") as refused:
        quick_world.session.AutoLoad(RESOURCE)

    assert "Checking the permission ec2:" in refused.value.message


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("TrafficMirrorSessionLimitExceeded", "remove mirrors that are not needed"),
        ("TrafficMirrorSourcesPerTargetLimitExceeded", "remove mirrors that are not"),
        ("InvalidTrafficMirrorTarget", "start the target's instance first"),
        ("UnauthorizedOperation", "allow this to the credentials"),
        ("AuthFailure", "check the keys"),
    ],
)
def test_an_error_with_a_known_cause_gives_advice(quick_world, code, advice):
    """The advice follows AWS's own message."""
    quick_world.ec2.faults.append(
        Fault(operation="CreateTrafficMirrorSession", code=code, message="AWS says no.")
    )

    (result,) = quick_world.create(quick_world.mirror())

    assert f"{code}: AWS says no." in result["errorMessage"]
    assert advice in result["errorMessage"]


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("number", [None, 5])
def test_a_lost_checkout_is_retried(quick_world, after_effect, number):
    """The mirror is created with one number, whether the first call took effect."""
    quick_world.pools.faults.append(
        Fault("CheckoutFromPool", drop_connection=True, after_effect=after_effect)
    )

    (result,) = quick_world.create(quick_world.mirror(sessionNumber=number))

    assert result["sessionNumber"] == number or 1
    assert quick_world.held == {quick_world.nic("web"): {number or 1}}


def test_a_checkout_that_is_lost_twice_is_an_error(quick_world):
    """It says that a number may stay checked out."""
    quick_world.pools.faults.append(
        Fault("CheckoutFromPool", times=2, drop_connection=True)
    )

    (result,) = quick_world.create(quick_world.mirror())

    assert "may stay checked out until the sandbox ends" in result["errorMessage"]
    assert quick_world.state == EMPTY


def test_more_than_a_thousand_sessions_are_all_removed(world):
    """Every page is read, and every number is released."""
    count = 1_100
    world.ec2.settings.quotas.sessions_per_source = count
    world.ec2.settings.equal_sessions = True
    world.create(world.mirror(filterRules=[TCP]))
    (first,) = world.sessions
    for number in range(2, count + 1):
        world.client.create_traffic_mirror_session(
            NetworkInterfaceId=first["NetworkInterfaceId"],
            TrafficMirrorTargetId=first["TrafficMirrorTargetId"],
            TrafficMirrorFilterId=first["TrafficMirrorFilterId"],
            SessionNumber=number,
            TagSpecifications=[
                {
                    "ResourceType": "traffic-mirror-session",
                    "Tags": [
                        tag
                        for tag in first["Tags"]
                        if tag["Key"] not in ("Name", "MirrorSessionNumber")
                    ],
                }
            ],
        )
        world.session.CheckoutFromPool(
            json.dumps(
                {
                    "type": "SpecificNumeric",
                    "requestedItem": {"Value": str(number)},
                    "isolation": "Exclusive",
                    "reservationId": world.sandbox.id,
                    "poolId": first["NetworkInterfaceId"],
                    "ownerId": "trafficmirrorsessionnumber",
                }
            )
        )

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert world.state == EMPTY
