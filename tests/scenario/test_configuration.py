"""The cloud provider resource's attributes, the driver's log, and invalid settings."""

from __future__ import annotations

import pytest
from cloudshell.api.cloudshell_api import InputNameValue
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.faults import Fault
from emulator.secret_values import SECRET_MARK
from tests.request_texts import request
from tests.scenario.conftest import add_provider
from tests.troubleshooting import check_explained
from traffic_mirroring import __version__

KEYS = {
    "AWS Access Key ID": "AKIAOTHER",
    "AWS Secret Access Key": f"{SECRET_MARK}-of-another",
}


def create_on(world, attributes):
    """Run a Create on a resource with these attributes; return its output."""
    return world.session.ExecuteCommand(
        world.sandbox.id,
        add_provider(world, attributes),
        "Resource",
        "CreateTrafficMirroring",
        [InputNameValue("request", request(world.mirror()))],
    ).Output


def log_of(world, sandbox_id):
    """Return the text of all log files of a sandbox."""
    files = (world.lab.execution.log_path / sandbox_id).rglob("*.log")
    return "".join(path.read_text() for path in files)


def test_credentials_of_the_resource_are_decrypted(world):
    """EC2 gets the plain key id, which CloudShell stores encrypted."""
    create_on(world, {"Region": "us-east-1", **KEYS})

    assert {call.access_key for call in world.ec2.calls} == {"AKIAOTHER"}


def test_the_region_is_the_resources(world):
    """Mirrors are created in the region of the resource."""
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
def test_an_invalid_resource_fails_the_command(world, attributes, named):
    """The error names the attribute, and neither EC2 nor the pools are called."""
    with pytest.raises(CloudShellAPIError) as refusal:
        create_on(world, attributes)

    assert "InvalidConfiguration" in refusal.value.message
    assert named in refusal.value.message
    check_explained(refusal.value.message)
    assert world.ec2.calls == []
    assert world.pools.calls == []


def test_missing_credentials_are_reported(world):
    """Without keys and role the caller gets boto3's error."""
    output = create_on(world, {"Region": "us-east-1"})

    assert "Unable to locate credentials" in output


def test_clients_are_created_once(world):
    """The second command of a running driver decrypts no secrets."""
    world.create(world.mirror())
    world.lab.cloudshell.calls.clear()

    world.create(world.mirror("db"))

    assert "CheckoutFromPool" in world.lab.cloudshell.calls
    assert "DecryptPassword" not in world.lab.cloudshell.calls


def test_a_sandboxs_log_has_only_its_own_errors(world):
    """A command's threads log to the folder of their own sandbox."""
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


def test_a_sandboxs_log_has_the_versions(world):
    """It names the versions of the shell, CloudShell and Python."""
    world.create(world.mirror())

    text = log_of(world, world.sandbox.id)
    assert f"Shell Version       : {__version__}" in text
    assert "CloudShell Version  : " in text
    assert "Python Version      : 3." in text


def test_the_log_has_the_traceback_of_a_failed_command(world):
    """The caller gets only the error."""
    with pytest.raises(CloudShellAPIError):
        world.execute("CreateTrafficMirroring", "no JSON")

    assert "Traceback" in log_of(world, world.sandbox.id)
