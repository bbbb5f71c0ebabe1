"""The cloud provider resource's attributes, and commands that can't start."""

from __future__ import annotations

from uuid import uuid4

import pytest
from cloudshell.api.cloudshell_api import InputNameValue
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.cloudshell import Resource
from emulator.faults import Fault
from tests.request_texts import request
from tests.troubleshooting import check_explained
from traffic_mirroring import __version__

KEYS = {"AWS Access Key ID": "AKIAOTHER", "AWS Secret Access Key": "an-other-secret"}


def create_on(world, attributes):
    """Run a Create on a resource of its own; return what it answers."""
    name = f"AWS {uuid4()}"
    world.lab.cloudshell.add_resource(
        Resource(name=name, shell=world.lab.execution.shell, attributes=attributes)
    )
    return world.session.ExecuteCommand(
        world.sandbox.id,
        name,
        "Resource",
        "CreateTrafficMirroring",
        [InputNameValue("request", request(world.mirror()))],
    ).Output


def log_of(world, sandbox_id):
    """Return what all files of a sandbox's log hold."""
    files = (world.lab.execution.log_path / sandbox_id).rglob("*.log")
    return "".join(path.read_text() for path in files)


def test_credentials_come_decrypted_from_the_resource(world):
    """EC2 sees the plain key id, which CloudShell stores encrypted."""
    create_on(world, {"Region": "us-east-1", **KEYS})

    assert {call.access_key for call in world.ec2.calls} == {"AKIAOTHER"}


def test_the_region_is_the_resources(world):
    """The mirrors of another region are made there."""
    create_on(world, {"Region": "eu-central-1", **KEYS})

    assert {call.region for call in world.ec2.calls} == {"eu-central-1"}


@pytest.mark.parametrize(
    ("attributes", "named"),
    [
        ({"Region": "", **KEYS}, "no value for 'Region'"),
        ({"Region": "not a region", **KEYS}, "not a region"),
        ({"Region": "us-east-1", "AWS Access Key ID": "AKIA"}, "AWS Secret Access Key"),
        ({"Region": "us-east-1", "AWS Secret Access Key": "s"}, "AWS Access Key ID"),
    ],
)
def test_a_resource_that_can_not_work_fails_the_command(world, attributes, named):
    """The error names the attribute, and neither EC2 nor the pool is called."""
    with pytest.raises(CloudShellAPIError) as refusal:
        create_on(world, attributes)

    assert "InvalidConfiguration" in refusal.value.message
    assert named in refusal.value.message
    check_explained(refusal.value.message)
    assert world.ec2.calls == []
    assert world.pools.calls == []


def test_without_keys_or_role_every_action_says_so(world):
    """The chain of boto3 finds nothing here, and its words reach the caller."""
    output = create_on(world, {"Region": "us-east-1"})

    assert "Unable to locate credentials" in output


def test_secrets_reach_neither_log_nor_console(world):
    """No file that the driver or the execution server writes holds the secret."""
    create_on(world, {"Region": "us-east-1", **KEYS})

    logs = [path for path in world.lab.execution.log_path.rglob("*") if path.is_file()]
    assert logs
    assert [path for path in logs if "an-other-secret" in path.read_text()] == []


def test_clients_are_made_once(world):
    """A second command of a warm driver asks CloudShell for no secrets again."""
    world.create(world.mirror())
    world.lab.cloudshell.calls.clear()

    world.create(world.mirror("db"))

    assert "CheckoutFromPool" in world.lab.cloudshell.calls
    assert "DecryptPassword" not in world.lab.cloudshell.calls


def test_a_sandboxs_log_holds_its_own_errors_alone(world):
    """What its threads log is in its folder, and in no other sandbox's."""
    other = world.new_sandbox("web", "capture")
    targets = {each.id: world.nic("capture", each) for each in (world.sandbox, other)}
    for sandbox in (world.sandbox, other):
        world.ec2.faults.append(Fault("CreateTrafficMirrorTarget", code="Unsupported"))
        nics = {
            "sourceNicId": world.nic("web", sandbox),
            "targetNicId": targets[sandbox.id],
        }
        world.create(world.mirror(**nics), sandbox=sandbox)

    for sandbox_id, nic in targets.items():
        text = log_of(world, sandbox_id)
        assert f"traffic mirror target on {nic}" in text
        assert [each for each in targets.values() if each in text] == [nic]
    assert not (world.lab.execution.log_path / "missed_logs.log").exists()


def test_a_sandboxs_log_names_the_versions(world):
    """Whoever reads it later knows what wrote it."""
    world.create(world.mirror())

    text = log_of(world, world.sandbox.id)
    assert f"Shell Version       : {__version__}" in text
    assert "CloudShell Version  : " in text
    assert "Python Version      : 3." in text


def test_what_fails_a_command_is_in_its_log(world):
    """With where it happened, which the caller doesn't see."""
    with pytest.raises(CloudShellAPIError):
        world.execute("CreateTrafficMirroring", "no JSON")

    assert "Traceback" in log_of(world, world.sandbox.id)
