"""Where the lab deploys Apps, and keeps the logs of its drivers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.lab import ACCESS_KEY, LAB_LOGS, RESOURCE, Lab

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/mirror"
SECOND_KEY = "AKIAINVENTEDSECONDKEY"
NIC = "eni-0123456789abcdef0"


def test_apps_of_another_account() -> None:
    """Apps that are deployed by a role's client exist in its account only."""
    with Lab() as lab:
        lab.ec2.add_role(ROLE)
        there = lab.ec2.client(role=ROLE)
        sandbox = lab.deploy("elsewhere", {"web": NIC}, ACCOUNT)
        lab.deploy("here", {"web": None})
        (app,) = sandbox.apps
        (nic,) = app.nics
        found = there.describe_network_interfaces()["NetworkInterfaces"]
        assert [each["NetworkInterfaceId"] for each in found] == [NIC]
        assert found[0]["OwnerId"] == ACCOUNT
        assert found[0]["SubnetId"] == nic.subnet_id
        (own,) = lab.client.describe_network_interfaces()["NetworkInterfaces"]
        assert own["OwnerId"] != ACCOUNT


def test_two_resources_are_two_processes_on_one_account() -> None:
    """Each resource has its driver process and key; both see the same EC2."""
    with Lab() as lab:
        lab.add_provider(name="AWS 2", access_key=SECOND_KEY)
        lab.ec2.clear_calls()
        session = lab.cloudshell.session()
        for name in (RESOURCE, "AWS 2"):
            session.AutoLoad(name)
        pids = [lab.execution.driver_pid(name) for name in (RESOURCE, "AWS 2")]
        assert None not in pids
        assert len(set(pids)) == 2
        assert {call.access_key for call in lab.ec2.calls} == {ACCESS_KEY, SECOND_KEY}

        lab.cloudshell.remove_resource("AWS 2")
        assert lab.cloudshell.resource_names == [RESOURCE]
        assert lab.execution.driver_pid("AWS 2") is None
        assert lab.execution.driver_pid(RESOURCE) == pids[0]
        with pytest.raises(ProcessLookupError):
            os.kill(pids[1] or 0, 0)
        with pytest.raises(CloudShellAPIError, match="There is no resource 'AWS 2'"):
            session.AutoLoad("AWS 2")


@pytest.mark.parametrize("keep", [True, False])
def test_lab_logs_keeps_the_logs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, keep: bool
) -> None:
    """Without LAB_LOGS, a lab deletes its folder."""
    if keep:
        monkeypatch.setenv(LAB_LOGS, str(tmp_path / "logs"))
    else:
        monkeypatch.delenv(LAB_LOGS)

    with Lab(driver_folder=None) as lab:
        folder = lab.execution.log_path
        (folder / "AWS.log").write_text("a line")
        (folder / "venv").mkdir()

    assert folder.exists() == keep
    kept = [each.name for each in tmp_path.rglob("*") if each.is_file()]
    assert kept == (["AWS.log"] if keep else [])
    assert not (folder / "venv").exists()
