"""Commands that assume a role of another account."""

from __future__ import annotations

import json

import pytest
from cloudshell.api.cloudshell_api import InputNameValue
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.lab import ACCESS_KEY
from emulator.secret_values import new_secret
from tests.request_texts import remove_action, request
from tests.scenario.conftest import add_provider
from tests.troubleshooting import check_explained

ROLE = "arn:aws:iam::210987654321:role/sandbox-mirroring"
ONLY_ASSUME = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE}],
}


class RoleAccount:
    """Apps in a role's account, and a cloud provider resource that assumes the role."""

    def __init__(self, world):
        self.world = world
        world.ec2.add_role(ROLE)
        world.ec2.restrict(ACCESS_KEY, ONLY_ASSUME)
        self.client = world.ec2.client(role=ROLE)
        self.sandbox = world.lab.deploy(
            "shared", dict.fromkeys(("web", "capture")), account=ROLE.split(":")[4]
        )
        attributes = {
            "Region": world.ec2.region,
            "AWS Access Key ID": ACCESS_KEY,
            "AWS Secret Access Key": new_secret(),
            "Shared VPC Role Arn": ROLE,
        }
        self.name = add_provider(world, attributes)
        world.ec2.clear_calls()

    def execute(self, command, *actions):
        """Run a command; return its first result."""
        output = self.world.session.ExecuteCommand(
            self.sandbox.id,
            self.name,
            "Resource",
            command,
            [InputNameValue("request", request(*actions))],
        ).Output
        return json.loads(output)["driverResponse"]["actionResults"][0]

    def create(self):
        """Mirror web to capture."""
        nics = [self.world.nic(app, self.sandbox) for app in ("web", "capture")]
        ends = dict(zip(("sourceNicId", "targetNicId"), nics, strict=True))
        return self.execute("CreateTrafficMirroring", self.world.mirror(**ends))

    @property
    def sessions(self):
        """The sessions in the role's account."""
        return self.client.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]


@pytest.fixture
def account(world):
    """Start a sandbox in another account."""
    return RoleAccount(world)


def test_mirrors_are_created_in_the_roles_account(account):
    """The keys themselves need no permission but to assume the role."""
    result = account.create()

    assert result["errorMessage"] == ""
    assert "warning" not in result["infoMessage"]
    assert "not checked" not in result["infoMessage"]
    assert [each["OwnerId"] for each in account.sessions] == ["210987654321"]
    assert account.world.sessions == []


def test_mirrors_are_removed_in_the_roles_account(account):
    """Remove assumes the role, too."""
    made = account.create()

    removed = account.execute(
        "RemoveTrafficMirroring", remove_action(sessionId=made["sessionId"])
    )

    assert removed["success"]
    assert account.sessions == []


def test_the_role_is_assumed_once_for_many_commands(account):
    """A token is used until it expires."""
    account.create()
    account.create()

    names = [call.operation for call in account.world.ec2.calls]
    assert names.count("AssumeRole") == 1


def test_an_expired_token_is_replaced(account):
    """A running driver gets a new token without any failed call."""
    account.world.ec2.settings.token_seconds = 60
    first = account.create()
    account.world.ec2.expire_tokens()
    account.world.ec2.clear_calls()

    again = account.create()

    assert again["sessionId"] == first["sessionId"]
    assert {call.error_code for call in account.world.ec2.calls} == {None}


def test_a_role_that_can_not_be_assumed_is_reported(account):
    """The error names the missing permission."""
    account.world.ec2.restrict(
        ACCESS_KEY,
        {
            **ONLY_ASSUME,
            "Statement": [{**ONLY_ASSUME["Statement"][0], "Effect": "Deny"}],
        },
    )

    result = account.create()

    assert "AccessDenied" in result["errorMessage"]
    assert "sts:AssumeRole" in result["errorMessage"]
    with pytest.raises(CloudShellAPIError, match="sts:AssumeRole"):
        account.world.session.AutoLoad(account.name)


def test_discovery_checks_the_role(account):
    """It checks the permissions of the role, not those of the keys."""
    account.world.session.AutoLoad(account.name)

    assert len({call.access_key for call in account.world.ec2.calls}) == 2


@pytest.mark.parametrize(
    "arn", ["sandbox-mirroring", "arn:aws:iam::12:role/x", ROLE + " "]
)
def test_an_invalid_role_arn_is_rejected(world, arn):
    """The error names the attribute; blanks around a valid ARN are ignored."""
    attributes = {
        "Region": "us-east-1",
        "AWS Access Key ID": "A",
        "AWS Secret Access Key": "s",
        "Shared VPC Role Arn": arn,
    }

    with pytest.raises(CloudShellAPIError) as failure:
        world.session.AutoLoad(add_provider(world, attributes))

    check_explained(failure.value.message)
    assert ("'Shared VPC Role Arn'" in failure.value.message) == (arn.strip() != ROLE)


def test_a_role_without_credentials_is_reported(world):
    """Discovery fails without keys if the execution server has no role."""
    attributes = {"Region": "us-east-1", "Shared VPC Role Arn": ROLE}
    name = add_provider(world, attributes)

    with pytest.raises(CloudShellAPIError, match="no credentials to assume") as failure:
        world.session.AutoLoad(name)

    check_explained(failure.value.message)
