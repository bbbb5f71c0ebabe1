"""CleanupSandboxInfra, from the real client to EC2 and back."""

from __future__ import annotations

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.faults import Fault
from tests.scenario.conftest import EMPTY, cleanup, foreign_session


def test_everything_of_the_sandbox_goes(world):
    """Sessions, filters, targets and numbers; the answer is a CleanupNetwork result."""
    world.create(world.mirror("web"), world.mirror("db"), world.mirror("db", "ids"))

    result = cleanup(world)

    assert result == {
        "type": "CleanupNetwork",
        "actionId": "1",
        "success": True,
        "infoMessage": "Removed of this sandbox: sessions 3, filters 3, targets 2",
        "errorMessage": "",
    }
    assert world.standing == EMPTY


def test_cleaning_up_twice_is_success(world):
    """A sandbox without mirrors is clean."""
    world.create(world.mirror())
    cleanup(world)

    result = cleanup(world)

    assert result["success"]
    assert "sessions 0, filters 0, targets 0" in result["infoMessage"]


def test_what_a_killed_process_left_goes_too(world):
    """Filters and targets of this sandbox that no session uses."""
    tags = [
        {"Key": "ReservationId", "Value": world.sandbox.id},
        {"Key": "CreatedBy", "Value": "Cloudshell"},
    ]
    world.client.create_traffic_mirror_filter(
        TagSpecifications=[{"ResourceType": "traffic-mirror-filter", "Tags": tags}]
    )
    world.client.create_traffic_mirror_target(
        NetworkInterfaceId=world.nic("ids"),
        TagSpecifications=[{"ResourceType": "traffic-mirror-target", "Tags": tags}],
    )

    cleanup(world)

    assert world.standing == EMPTY


def test_nothing_of_others_is_touched(world):
    """Neither another sandbox's mirrors nor what was made outside CloudShell."""
    foreign_session(world, "db", 9)
    other = world.new_sandbox("web", "capture")
    nics = {
        "sourceNicId": world.nic("web", other),
        "targetNicId": world.nic("capture", other),
    }
    world.create(world.mirror(**nics), sandbox=other)
    before = world.standing
    world.create(world.mirror())

    cleanup(world)

    assert world.standing == before


def test_a_target_that_another_sandbox_uses_stays_until_that_goes(world):
    """The last of its users takes it along, whichever sandbox made it."""
    other = world.new_sandbox("web")
    world.create(world.mirror())
    action = world.mirror(sourceNicId=world.nic("web", other))
    world.create(action, sandbox=other)

    assert cleanup(world)["success"]
    assert len(world.targets) == len(world.sessions) == 1

    assert cleanup(world, other)["success"]
    assert world.standing == EMPTY


def test_what_fails_is_named_and_stops_nothing_else(world):
    """A second cleanup finishes the job."""
    world.create(world.mirror("web"), world.mirror("db"))
    world.ec2.faults.append(
        Fault(operation="DeleteTrafficMirrorFilter", code="Unsupported", message="no")
    )

    result = cleanup(world)

    (left,) = world.filters
    assert not result["success"]
    assert left["TrafficMirrorFilterId"] in result["errorMessage"]
    assert world.sessions == world.targets == []
    assert world.held == {}

    assert cleanup(world)["success"]
    assert world.standing == EMPTY


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "is not JSON"),
        ('{"driverRequest": {"actions": []}}', "actions: []"),
        (
            '{"driverRequest": {"actions": [{"type": "prepareSandboxInfra"}]}}',
            "allowed: CleanupNetwork",
        ),
        (
            '{"driverRequest": {"actions": [{"type": "cleanupNetwork"}, '
            '{"type": "cleanupNetwork"}]}}',
            "2 actions; allowed: one",
        ),
    ],
)
def test_a_bad_request_touches_nothing(world, text, named):
    """Only the standard teardown request, with its one action, is carried out."""
    with pytest.raises(CloudShellAPIError, match="InvalidRequest") as refusal:
        world.execute("CleanupSandboxInfra", text)

    assert named in refusal.value.message
    assert world.ec2.calls == []
