"""CleanupSandboxInfra, from CloudShell's client to EC2 and back."""

from __future__ import annotations

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.faults import Fault
from tests.scenario.conftest import EMPTY, clean_up, create_foreign_session


def test_everything_of_the_sandbox_is_removed(world):
    """Cleanup removes sessions, filters, targets and numbers."""
    world.create(world.mirror("web"), world.mirror("db"), world.mirror("db", "ids"))

    result = clean_up(world)

    assert result == {
        "type": "CleanupNetwork",
        "actionId": "1",
        "success": True,
        "infoMessage": "Removed of this sandbox: sessions 3, filters 3, targets 2",
        "errorMessage": "",
    }
    assert world.state == EMPTY


def test_a_repeated_cleanup_succeeds(world):
    """Cleaning up a sandbox without mirrors is a success."""
    world.create(world.mirror())
    clean_up(world)

    result = clean_up(world)

    assert result["success"]
    assert "sessions 0, filters 0, targets 0" in result["infoMessage"]


def test_unused_filters_and_targets_of_the_sandbox_are_removed(world):
    """Cleanup also removes what a killed process left without a session."""
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

    clean_up(world)

    assert world.state == EMPTY


def test_resources_of_others_are_kept(world):
    """Other sandboxes' mirrors and sessions from outside CloudShell are kept."""
    create_foreign_session(world, "db", 9)
    other = world.new_sandbox("web", "capture")
    nics = {
        "sourceNicId": world.nic("web", other),
        "targetNicId": world.nic("capture", other),
    }
    world.create(world.mirror(**nics), sandbox=other)
    before = world.state
    world.create(world.mirror())

    clean_up(world)

    assert world.state == before


def test_a_target_is_kept_until_its_last_sandbox_is_cleaned_up(world):
    """The target's last user deletes it, whichever sandbox created it."""
    other = world.new_sandbox("web")
    world.create(world.mirror())
    action = world.mirror(sourceNicId=world.nic("web", other))
    world.create(action, sandbox=other)

    assert clean_up(world)["success"]
    assert len(world.targets) == len(world.sessions) == 1

    assert clean_up(world, other)["success"]
    assert world.state == EMPTY


def test_a_failed_delete_is_reported_and_stops_nothing_else(world):
    """A second cleanup removes the rest."""
    world.create(world.mirror("web"), world.mirror("db"))
    world.ec2.faults.append(
        Fault(operation="DeleteTrafficMirrorFilter", code="Unsupported", message="no")
    )

    result = clean_up(world)

    (left,) = world.filters
    assert not result["success"]
    assert left["TrafficMirrorFilterId"] in result["errorMessage"]
    assert world.sessions == world.targets == []
    assert world.held == {}

    assert clean_up(world)["success"]
    assert world.state == EMPTY


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
def test_an_invalid_cleanup_request_is_rejected(world, text, named):
    """Only CloudShell's own teardown request, with its one action, is accepted."""
    with pytest.raises(CloudShellAPIError, match="InvalidRequest") as refusal:
        world.execute("CleanupSandboxInfra", text)

    assert named in refusal.value.message
    assert world.ec2.calls == []
