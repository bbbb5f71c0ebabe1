"""get_inventory checks a new resource and reports to the admin what is missing."""

from __future__ import annotations

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.faults import Fault
from emulator.lab import ACCESS_KEY, RESOURCE
from tests.scenario.conftest import add_provider
from tests.troubleshooting import check_explained

ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def allow_all_but(world, *actions):
    """Deny some permissions to the driver's credentials."""
    deny = {"Effect": "Deny", "Action": list(actions), "Resource": "*"}
    world.ec2.restrict(ACCESS_KEY, {**ALL, "Statement": [*ALL["Statement"], deny]})


def discovery_error(world, name=RESOURCE):
    """Run the discovery of an invalid resource; return its error."""
    with pytest.raises(CloudShellAPIError) as refused:
        world.session.AutoLoad(name)
    assert "InvalidConfiguration" in refused.value.message
    check_explained(refused.value.message)
    return refused.value.message


def log_of(world):
    """Return the text of all log files of discoveries."""
    folder = world.lab.execution.log_path
    logs = folder.rglob("*inventory*/**/*.log")
    return "\n".join(path.read_text() for path in logs)


def test_a_valid_resource_is_accepted(world):
    """Discovery succeeds and changes nothing in EC2."""
    world.session.AutoLoad(RESOURCE)

    assert world.ec2.writes() == []
    assert world.targets == world.filters == world.sessions == []


def test_the_log_names_the_account_of_the_credentials(world):
    """An admin can see whether the account is the right one."""
    world.session.AutoLoad(RESOURCE)

    assert "account 123456789012" in log_of(world)
    assert "arn:aws:" in log_of(world)


def test_one_error_names_every_missing_permission(world):
    """It names all required permissions that are missing, and none of the optional."""
    missing = [
        "ec2:CreateTrafficMirrorFilterRule",
        "ec2:DeleteTrafficMirrorTarget",
        "ec2:DescribeTrafficMirrorSessions",
    ]
    allow_all_but(world, *missing, "ec2:DescribeInstances")

    error = discovery_error(world)

    assert f"lack permissions: {', '.join(missing)};" in error
    assert "docs/iam-policy.json" in error


def test_missing_create_and_tag_permissions_are_distinguished(world):
    """AWS denies a tagged Create if either permission is missing."""
    allow_all_but(world, "ec2:CreateTags")
    assert "lack permissions: ec2:CreateTags;" in discovery_error(world)

    allow_all_but(world, "ec2:CreateTrafficMirrorFilter")
    assert "lack permissions: ec2:CreateTrafficMirrorFilter;" in discovery_error(world)

    allow_all_but(world, "ec2:CreateTags", "ec2:CreateTrafficMirror*")
    assert "not checked: ec2:CreateTags, " in discovery_error(world)


@pytest.mark.parametrize(
    "permission",
    [
        "ec2:DescribeInstances",
        "ec2:GetManagedPrefixListEntries",
        "ec2:ModifyTrafficMirrorFilterNetworkServices",
        "elasticloadbalancing:DescribeListeners",
    ],
)
def test_an_optional_permission_is_only_logged(world, permission):
    """The commands work without it, so discovery succeeds."""
    allow_all_but(world, permission)

    world.session.AutoLoad(RESOURCE)

    assert f"Optional permissions are missing: {permission}" in log_of(world)


def test_rejected_credentials_are_reported(world):
    """The error has AWS's code and says what to check."""
    world.ec2.reject_key(ACCESS_KEY)

    error = discovery_error(world)

    assert "InvalidClientTokenId" in error
    assert "check the keys of the cloud provider resource" in error


def test_a_region_that_is_not_enabled_is_reported(world):
    """STS accepts the credentials, but EC2 in that region doesn't."""
    world.ec2.faults.append(
        Fault("DescribeTrafficMirrorTargets", code="AuthFailure", status=401)
    )

    assert "whether the region is enabled" in discovery_error(world)


def test_an_unknown_region_is_reported(world):
    """The error suggests similar regions."""
    attributes = {
        "Region": "us-esat-1",
        "AWS Access Key ID": "AKIA",
        "AWS Secret Access Key": "s",
    }

    error = discovery_error(world, add_provider(world, attributes))

    assert "us-esat-1 is no known region; similar ones are" in error
    assert "us-east-1" in error


def test_missing_credentials_are_reported(world):
    """Discovery fails without keys if the execution server has no role."""
    error = discovery_error(world, add_provider(world, {"Region": "us-east-1"}))

    assert "Unable to locate credentials; give the cloud provider resource" in error


def test_discovery_with_keys_does_not_need_sts(world):
    """It works in a network that can reach EC2, but not STS."""
    world.ec2.faults.append(Fault("GetCallerIdentity", drop_connection=True, times=4))

    world.session.AutoLoad(RESOURCE)

    assert "STS can't be reached" in log_of(world)
