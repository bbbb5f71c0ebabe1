"""What get_inventory says about permissions that AWS's answers don't prove."""

from __future__ import annotations

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.faults import Fault
from emulator.lab import ACCESS_KEY, RESOURCE
from tests.troubleshooting import check_explained

pytestmark = pytest.mark.short_waits

NEEDS_ID = "ec2:DeleteTrafficMirrorTarget"
NEEDS_NONE = "ec2:CreateTrafficMirrorFilter"


def deny(world, *actions):
    """Deny some permissions to the driver's credentials."""
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    denied = {"Effect": "Deny", "Action": list(actions), "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [allow, denied]}
    world.ec2.restrict(ACCESS_KEY, policy)


def discovery_error(world):
    """Run a discovery that fails; return its error."""
    with pytest.raises(CloudShellAPIError, match="InvalidConfiguration") as failed:
        world.session.AutoLoad(RESOURCE)
    check_explained(failed.value.message)
    return failed.value.message


def log_of(world):
    """Return the text of the log of discoveries."""
    (log,) = (world.lab.execution.log_path / "inventory").rglob(f"{RESOURCE}.log")
    return log.read_text()


@pytest.mark.parametrize("ids_first", [False, True])
def test_a_missing_permission_is_named_or_named_as_not_checked(world, ids_first):
    """Whether AWS looks for the resource first or checks the permission first."""
    world.ec2.settings.ids_before_permissions = ids_first
    deny(world, NEEDS_ID, NEEDS_NONE)

    error = discovery_error(world)

    missing, _, unchecked = error.partition("; not checked: ")
    assert NEEDS_NONE in missing
    assert (NEEDS_ID in unchecked) == ids_first
    assert (NEEDS_ID in missing) != ids_first


def test_unchecked_permissions_alone_are_no_error(world):
    """They are in the log."""
    world.ec2.settings.ids_before_permissions = True
    deny(world, NEEDS_ID)

    world.session.AutoLoad(RESOURCE)

    prefix = "Permissions not checked: "
    (*_, line) = (each for each in log_of(world).splitlines() if prefix in each)
    unchecked = line.partition(prefix)[2].split(", ")
    assert NEEDS_ID in unchecked
    assert NEEDS_NONE not in unchecked


@pytest.mark.parametrize("ids_first", [False, True])
def test_a_denied_permission_fails_the_commands_in_either_order(world, ids_first):
    """The action is rolled back, and its error names the operation."""
    world.ec2.settings.ids_before_permissions = ids_first
    deny(world, "ec2:CreateTrafficMirrorSession")

    (result,) = world.create(world.mirror())

    assert "UnauthorizedOperation" in result["errorMessage"]
    assert world.targets == world.filters == []


def test_throttled_checks_are_an_error(world):
    """Nothing is known about the permissions then."""
    throttled = {"code": "RequestLimitExceeded", "status": 503, "times": None}
    world.ec2.faults.append(Fault("DescribeTrafficMirrorTargets", **throttled))

    error = discovery_error(world)

    assert "Checking the permission ec2:DescribeTrafficMirrorTargets" in error
    assert "AWS limits how often the account may call" in error
