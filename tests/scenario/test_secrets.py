"""Secrets reach no log and no answer, whatever the host and AWS do."""

from __future__ import annotations

from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.faults import Fault
from emulator.lab import ACCESS_KEY
from emulator.secret_values import new_secret
from tests.scenario.conftest import add_provider

ROLE = "arn:aws:iam::210987654321:role/mirrors"


def discover(world):
    """Check a resource with a role; return the error and the driver's console."""
    world.ec2.add_role(ROLE)
    attributes = {
        "Region": world.ec2.region,
        "AWS Access Key ID": ACCESS_KEY,
        "AWS Secret Access Key": new_secret(),
        "Shared VPC Role Arn": ROLE,
    }
    name = add_provider(world, attributes)
    try:
        world.session.AutoLoad(name)
    except CloudShellAPIError as error:
        return error.message, world.lab.execution.console_log(name).read_text()
    return "", world.lab.execution.console_log(name).read_text()


def test_a_host_that_logs_at_debug_gets_no_key_of_an_assumed_role(quick_world):
    """Botocore would log the whole answer of STS."""
    error, console = discover(quick_world)

    assert error == ""
    assert "AssumeRole" in {call.operation for call in quick_world.ec2.calls}
    assert "DEBUG:urllib3" in console
    assert "DEBUG:botocore" not in console


def test_an_answer_of_sts_that_cannot_be_read_is_not_quoted(quick_world):
    """Botocore's error has all of it."""
    reply = f"<AssumeRoleResponse><SecretAccessKey>{new_secret()}".encode()
    quick_world.ec2.faults.append(
        Fault(operation="AssumeRole", status=200, reply=reply, times=None)
    )

    error, console = discover(quick_world)

    assert "Unable to parse response" in error
    assert "SecretAccessKey" not in error + console
