"""What AWS and other accounts do: used numbers, services' NICs, starts and ends."""

from __future__ import annotations

import pytest

from tests.scenario.conftest import EMPTY, clean_up
from tests.scenario.ec2_resources import network_ids

pytestmark = pytest.mark.short_waits


def instance_of(world, app):
    """Return the id of an App's instance."""
    return next(each.instance_id for each in world.sandbox.apps if each.name == app)


@pytest.mark.parametrize(("hidden", "number"), [({1}, 2), ({1, 2}, 3)])
def test_numbers_of_another_accounts_sessions_are_skipped(world, hidden, number):
    """In a shared VPC EC2 refuses numbers that no session shows; they are released."""
    web = world.nic("web")
    world.ec2.settings.hidden_session_numbers[web] = hidden

    (result,) = world.create(world.mirror())

    assert result["success"]
    assert [each["SessionNumber"] for each in world.sessions] == [number]
    assert world.held == {web: {number}}


@pytest.mark.parametrize(
    ("hidden", "given", "words"),
    [
        ({5}, 5, "Session number 5 on"),
        ({1, 2, 3}, None, "TrafficMirrorSessionsPerInterfaceLimitExceeded"),
    ],
)
def test_without_another_number_the_error_is_awss(world, hidden, given, words):
    """Nothing is left behind."""
    world.ec2.settings.hidden_session_numbers[world.nic("web")] = hidden

    (result,) = world.create(world.mirror(sessionNumber=given))

    assert words in result["errorMessage"]
    assert world.state == EMPTY


def service_nic(world, requester, kind):
    """Create a NIC that an AWS service manages; return its id."""
    made = world.client.create_network_interface(SubnetId=network_ids(world)[1])
    nic = made["NetworkInterface"]["NetworkInterfaceId"]
    world.ec2.give_to_service(nic, requester, kind)
    return nic


def test_the_nic_of_a_database_can_be_mirrored(world):
    """It is attached, though not to an instance of this account."""
    nic = service_nic(world, "amazon-rds", "interface")

    (result,) = world.create(world.mirror(sourceNicId=nic))

    assert result["success"]
    (session,) = world.sessions
    assert session["NetworkInterfaceId"] == nic


@pytest.mark.parametrize("end", ["sourceNicId", "targetNicId"])
@pytest.mark.parametrize(
    ("requester", "kind"),
    [
        ("AROAINVENTED:function", "lambda"),
        ("amazon-elb", "network_load_balancer"),
        ("amazon-aws", "nat_gateway"),
    ],
)
def test_a_nic_that_aws_refuses_leaves_nothing(world, end, requester, kind):
    """The error is AWS's, and everything is rolled back."""
    nic = service_nic(world, requester, kind)

    (result,) = world.create(world.mirror(**{end: nic}))

    assert "UnsupportedOperation" in result["errorMessage"]
    assert world.state == EMPTY


def test_a_target_that_starts_is_waited_for(world):
    """The sandbox's output says so."""
    instance = instance_of(world, "capture")
    world.ec2.keep_pending(instance, requests=2)

    (result,) = world.create(world.mirror())

    assert result["success"]
    assert world.sandbox.output == [f"Waiting for {instance} to start"]


@pytest.mark.parametrize("app", ["web", "capture"])
@pytest.mark.parametrize("command", ["session id", "target NIC", "cleanup"])
def test_terminated_instances_leave_nothing_to_remove(world, app, command):
    """AWS deletes the instance's NIC, and the sessions of which it is the source."""
    (made,) = world.create(world.mirror())
    nic = world.nic("capture")
    world.client.terminate_instances(InstanceIds=[instance_of(world, app)])

    if command == "cleanup":
        result = clean_up(world)
    elif command == "session id":
        (result,) = world.remove(sessionId=made["sessionId"])
    else:
        (result,) = world.remove(targetNicId=nic)

    assert result["success"]
    assert world.state == EMPTY
