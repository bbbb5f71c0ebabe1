"""What get_inventory tells an admin who adds the resource."""

from __future__ import annotations

from uuid import uuid4

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.cloudshell import Resource
from emulator.faults import Fault
from emulator.lab import ACCESS_KEY, RESOURCE
from tests.troubleshooting import check_explained

ALL = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def allow_all_but(world, *actions):
    """Leave the driver's credentials without some permissions."""
    deny = {"Effect": "Deny", "Action": list(actions), "Resource": "*"}
    world.ec2.restrict(ACCESS_KEY, {**ALL, "Statement": [*ALL["Statement"], deny]})


def refusal(world, name=RESOURCE):
    """Run the discovery of a resource that can't work; return its error."""
    with pytest.raises(CloudShellAPIError) as refused:
        world.session.AutoLoad(name)
    assert "InvalidConfiguration" in refused.value.message
    check_explained(refused.value.message)
    return refused.value.message


def resource(world, **attributes):
    """Add a cloud provider resource with these attributes; return its name."""
    name = f"AWS {uuid4()}"
    given = {key.replace("_", " "): value for key, value in attributes.items()}
    world.lab.cloudshell.add_resource(
        Resource(name=name, shell=world.lab.execution.shell, attributes=given)
    )
    return name


def log_of(world):
    """Return everything that drivers have logged in discoveries."""
    folder = world.lab.execution.log_path
    logs = folder.rglob("*inventory*/**/*.log")
    return "\n".join(path.read_text() for path in logs)


def test_a_resource_that_can_work_is_taken(world):
    """Discovery finds nothing to add, and changes nothing in EC2."""
    world.session.AutoLoad(RESOURCE)

    assert world.ec2.writes() == []
    assert world.targets == world.filters == world.sessions == []


def test_the_log_says_whose_the_credentials_are(world):
    """An admin who mixed up accounts can see it."""
    world.session.AutoLoad(RESOURCE)

    assert "account 123456789012" in log_of(world)
    assert "arn:aws:" in log_of(world)


def test_every_missing_permission_is_named_at_once(world):
    """Whatever the shell can't do without stands in one error."""
    missing = [
        "ec2:CreateTrafficMirrorFilterRule",
        "ec2:DeleteTrafficMirrorTarget",
        "ec2:DescribeTrafficMirrorSessions",
    ]
    allow_all_but(world, *missing, "ec2:DescribeInstances")

    error = refusal(world)

    assert f"lack permissions: {', '.join(missing)};" in error
    assert "docs/iam-policy.json" in error


def test_creating_and_tagging_are_told_apart(world):
    """AWS refuses a tagged creation either way."""
    allow_all_but(world, "ec2:CreateTags")
    assert "lack permissions: ec2:CreateTags;" in refusal(world)

    allow_all_but(world, "ec2:CreateTrafficMirrorFilter")
    assert "lack permissions: ec2:CreateTrafficMirrorFilter;" in refusal(world)

    allow_all_but(world, "ec2:CreateTags", "ec2:CreateTrafficMirror*")
    assert "not checked: ec2:CreateTags, " in refusal(world)


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
    """The commands work without it."""
    allow_all_but(world, permission)

    world.session.AutoLoad(RESOURCE)

    assert f"Optional permissions are missing: {permission}" in log_of(world)


def test_credentials_that_aws_rejects_are_told(world):
    """The error has AWS's code and says what to check."""
    world.ec2.reject_key(ACCESS_KEY)

    error = refusal(world)

    assert "InvalidClientTokenId" in error
    assert "check the keys of the cloud provider resource" in error


def test_a_region_that_is_not_enabled_is_told(world):
    """STS knows the credentials, EC2 in that region doesn't."""
    world.ec2.faults.append(
        Fault("DescribeTrafficMirrorTargets", code="AuthFailure", status=401)
    )

    assert "whether the region is enabled" in refusal(world)


def test_a_region_that_does_not_exist_is_told(world):
    """The error offers similar ones that do."""
    name = resource(
        world, Region="us-esat-1", AWS_Access_Key_ID="AKIA", AWS_Secret_Access_Key="s"
    )

    error = refusal(world, name)

    assert "us-esat-1 is no known region; similar ones are" in error
    assert "us-east-1" in error


def test_without_credentials_it_says_so(world):
    """There are neither keys nor a role of the execution server."""
    error = refusal(world, resource(world, Region="us-east-1"))

    assert "Unable to locate credentials; give the cloud provider resource" in error


def test_sts_is_not_needed_for_keys(world):
    """A network may have a way to EC2 alone."""
    world.ec2.faults.append(Fault("GetCallerIdentity", drop_connection=True, times=4))

    world.session.AutoLoad(RESOURCE)

    assert "STS can't be reached" in log_of(world)
