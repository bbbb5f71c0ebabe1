"""AWS and CloudShell misbehaving: absorbed within bounds, a clear error beyond them."""

from __future__ import annotations

import json

import pytest

from emulator.faults import Fault
from tests.scenario.conftest import EMPTY, settled

TCP = {"direction": "ingress", "protocol": "tcp"}


def test_a_new_id_that_ec2_does_not_know_yet_is_waited_for(quick_world):
    """Every id that a create returns is unknown to the next calls that name it."""
    quick_world.ec2.settings.propagation_requests = 2

    (result,) = quick_world.create(quick_world.mirror(filterRules=[TCP]))

    assert result["success"]
    assert len(settled(quick_world).sessions) == 1


def test_an_id_that_stays_unknown_is_an_error_in_the_end(quick_world):
    """Beyond the bound the action fails as it would with any error, and is undone."""
    quick_world.ec2.faults.append(
        Fault(
            operation="CreateTrafficMirrorSession",
            code="InvalidTrafficMirrorFilterId.NotFound",
            message="never heard of it",
            times=None,
        )
    )

    (result,) = quick_world.create(quick_world.mirror())

    assert "InvalidTrafficMirrorFilterId.NotFound" in result["errorMessage"]
    assert quick_world.standing == EMPTY


def test_what_was_just_made_is_undone_though_ec2_does_not_know_it_yet(quick_world):
    """An undo that meets NotFound on a fresh id doesn't take it for gone."""
    quick_world.ec2.settings.propagation_requests = 3
    quick_world.ec2.faults.append(
        Fault(operation="CreateTrafficMirrorSession", code="Unsupported", message="no")
    )

    (result,) = quick_world.create(quick_world.mirror(filterRules=[TCP]))

    assert not result["success"]
    assert settled(quick_world).standing == EMPTY


def test_a_target_deleted_just_before_it_is_used_is_made_again(quick_world):
    """Another sandbox may delete the target it no longer uses at the wrong moment."""
    world = quick_world
    made = world.client.create_traffic_mirror_target(
        NetworkInterfaceId=world.nic("capture")
    )
    found = made["TrafficMirrorTarget"]["TrafficMirrorTargetId"]

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


def test_a_use_that_is_about_to_end_is_waited_for(quick_world):
    """Filter and target are in use for a while after their session was deleted."""
    quick_world.create(quick_world.mirror())
    quick_world.ec2.settings.in_use_requests = 3

    (result,) = quick_world.remove(targetNicId=quick_world.nic("capture"))

    assert result["success"]
    assert quick_world.standing == EMPTY


def test_a_use_that_does_not_end_is_an_error_that_says_what_to_do(quick_world):
    """The session is gone all the same; what is left is named."""
    quick_world.create(quick_world.mirror())
    quick_world.ec2.settings.in_use_requests = 1_000

    (result,) = quick_world.remove(targetNicId=quick_world.nic("capture"))

    assert "TrafficMirrorFilterInUse" in result["errorMessage"]
    assert "remove the sessions that use it first" in result["errorMessage"]
    assert quick_world.sessions == []
    assert quick_world.held == {}


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("TrafficMirrorSessionLimitExceeded", "remove mirrors that are not needed"),
        ("TrafficMirrorSourcesPerTargetLimitExceeded", "remove mirrors that are not"),
        ("InvalidTrafficMirrorTarget", "start the target's instance first"),
        ("UnauthorizedOperation", "allow the credentials"),
        ("AuthFailure", "check the keys"),
    ],
)
def test_an_error_with_a_known_cause_says_what_to_do(quick_world, code, advice):
    """Behind AWS's own words stands what helps."""
    quick_world.ec2.faults.append(
        Fault(operation="CreateTrafficMirrorSession", code=code, message="AWS says no.")
    )

    (result,) = quick_world.create(quick_world.mirror())

    assert f"{code}: AWS says no." in result["errorMessage"]
    assert advice in result["errorMessage"]


def test_a_checkout_without_answer_is_not_sent_again(quick_world):
    """Sent twice it would take two numbers; the error says that one may stay out."""
    quick_world.pools.faults.append(
        Fault("CheckoutFromPool", drop_connection=True, after_effect=True)
    )

    (result,) = quick_world.create(quick_world.mirror())

    assert "may stay checked out until the sandbox ends" in result["errorMessage"]
    assert quick_world.held == {quick_world.nic("web"): {1}}


def test_more_than_a_thousand_sessions_are_all_removed(quick_world):
    """Every page is found, and every number goes back."""
    world, count = quick_world, 1_100
    world.ec2.settings.quotas.sessions_per_source = count
    world.create(world.mirror(filterRules=[TCP]))
    (first,) = world.sessions
    for number in range(2, count + 1):
        world.client.create_traffic_mirror_session(
            NetworkInterfaceId=first["NetworkInterfaceId"],
            TrafficMirrorTargetId=first["TrafficMirrorTargetId"],
            TrafficMirrorFilterId=first["TrafficMirrorFilterId"],
            SessionNumber=number,
            TagSpecifications=[
                {"ResourceType": "traffic-mirror-session", "Tags": first["Tags"]}
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
    assert world.standing == EMPTY
