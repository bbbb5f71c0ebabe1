"""A role that is assumed, in this account or another."""

from __future__ import annotations

import json

import pytest
from cloudshell.api.cloudshell_api import InputNameValue
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.cloudshell import Resource
from emulator.lab import ACCESS_KEY
from tests.request_texts import remove_action, request
from tests.troubleshooting import check_explained

ROLE = "arn:aws:iam::210987654321:role/sandbox-mirroring"
ONLY_ASSUME = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE}],
}


class Elsewhere:
    """Apps in the account of a role, and a resource that works there."""

    def __init__(self, world, number):
        self.world = world
        self.name = f"AWS in a role {number}"
        world.ec2.add_role(ROLE)
        world.ec2.restrict(ACCESS_KEY, ONLY_ASSUME)
        self.client = world.ec2.client(role=ROLE)
        self.sandbox = world.lab.deploy(
            "shared", dict.fromkeys(("web", "capture")), client=self.client
        )
        shell = world.lab.execution.shell
        attributes = {
            "Region": world.ec2.region,
            "AWS Access Key ID": ACCESS_KEY,
            "AWS Secret Access Key": "invented",
            "Shared VPC Role Arn": ROLE,
        }
        world.lab.cloudshell.add_resource(
            Resource(name=self.name, shell=shell, attributes=attributes)
        )
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
def elsewhere(world, request):
    """Have Apps in another account."""
    return Elsewhere(world, request.node.name)


def test_mirrors_are_made_in_the_roles_account(elsewhere):
    """The keys themselves may do nothing but assume the role."""
    result = elsewhere.create()

    assert result["errorMessage"] == ""
    assert "warning" not in result["infoMessage"]
    assert "not checked" not in result["infoMessage"]
    assert [each["OwnerId"] for each in elsewhere.sessions] == ["210987654321"]
    assert elsewhere.world.sessions == []


def test_they_are_removed_there(elsewhere):
    """Remove works in the role too."""
    made = elsewhere.create()

    gone = elsewhere.execute(
        "RemoveTrafficMirroring", remove_action(sessionId=made["sessionId"])
    )

    assert gone["success"]
    assert elsewhere.sessions == []


def test_the_role_is_assumed_once_for_many_commands(elsewhere):
    """While a token lasts it is used again."""
    elsewhere.create()
    elsewhere.create()

    names = [call.operation for call in elsewhere.world.ec2.calls]
    assert names.count("AssumeRole") == 1


def test_a_driver_outlasts_its_token(elsewhere):
    """A token that ran out is replaced without a word, within a running driver."""
    elsewhere.world.ec2.settings.token_seconds = 60
    first = elsewhere.create()
    elsewhere.world.ec2.expire_tokens()
    elsewhere.world.ec2.clear_calls()

    again = elsewhere.create()

    assert again["sessionId"] == first["sessionId"]
    assert {call.error_code for call in elsewhere.world.ec2.calls} == {None}


def test_a_role_that_may_not_be_assumed_is_told(elsewhere):
    """The error names the permission's action and touches nothing."""
    elsewhere.world.ec2.restrict(
        ACCESS_KEY,
        {
            **ONLY_ASSUME,
            "Statement": [{**ONLY_ASSUME["Statement"][0], "Effect": "Deny"}],
        },
    )

    result = elsewhere.create()

    assert "AccessDenied" in result["errorMessage"]
    assert "sts:AssumeRole" in result["errorMessage"]
    with pytest.raises(CloudShellAPIError, match="sts:AssumeRole"):
        elsewhere.world.session.AutoLoad(elsewhere.name)


def test_discovery_checks_the_role(elsewhere):
    """What is checked are the role's permissions, not the keys'."""
    elsewhere.world.session.AutoLoad(elsewhere.name)

    assert len({call.access_key for call in elsewhere.world.ec2.calls}) == 2


@pytest.mark.parametrize(
    "arn", ["sandbox-mirroring", "arn:aws:iam::12:role/x", ROLE + " "]
)
def test_an_arn_that_is_none_is_refused(world, arn):
    """The error names the attribute; blanks around are forgiven."""
    name = f"AWS with {len(arn)}"
    attributes = {
        "Region": "us-east-1",
        "AWS Access Key ID": "A",
        "AWS Secret Access Key": "s",
        "Shared VPC Role Arn": arn,
    }
    world.lab.cloudshell.add_resource(
        Resource(name=name, shell=world.lab.execution.shell, attributes=attributes)
    )

    with pytest.raises(CloudShellAPIError) as refused:
        world.session.AutoLoad(name)

    check_explained(refused.value.message)
    assert ("'Shared VPC Role Arn'" in refused.value.message) == (arn.strip() != ROLE)


def test_without_credentials_no_role_can_be_assumed(world):
    """There are neither keys nor a role of the execution server."""
    attributes = {"Region": "us-east-1", "Shared VPC Role Arn": ROLE}
    world.lab.cloudshell.add_resource(
        Resource(
            name="AWS keyless", shell=world.lab.execution.shell, attributes=attributes
        )
    )

    with pytest.raises(CloudShellAPIError, match="no credentials to assume") as refused:
        world.session.AutoLoad("AWS keyless")

    check_explained(refused.value.message)
