"""The scripts of examples/, run as the README says."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.scenario.conftest import EMPTY
from tests.scenario.ec2_resources import attach_nic
from tools.checkout import ROOT


def run(*command, **environment):
    """Run a Python program in the repository's root."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def script(world):
    """Return a function that runs a script of examples/ in the lab's sandbox."""

    def run_script(name, *arguments):
        path = f"examples/{name}.py"
        server = world.lab.cloudshell.host
        return run(path, world.sandbox.id, *arguments, CLOUDSHELL_SERVER=server)

    return run_script


def test_the_scripts_create_and_remove_a_mirror(world, script):
    """They find the NICs by the Apps' names; in the end EC2 and pools are empty."""
    created = script("create_traffic_mirroring", "web", "capture")
    (session,) = world.sessions
    removed = script("remove_traffic_mirroring", "--target-nic", world.nic("capture"))

    assert created.returncode == removed.returncode == 0
    (result,) = json.loads(created.stdout)["driverResponse"]["actionResults"]
    assert result["sessionId"] == session["TrafficMirrorSessionId"]
    assert session["NetworkInterfaceId"] == world.nic("web")
    assert world.state == EMPTY


def test_a_script_uses_the_primary_nic_or_the_one_that_is_named(world, script):
    """Neither the order of the NICs in CloudShell nor the case of their key matters."""
    web, capture = (a for a in world.sandbox.apps if a.name in ("web", "capture"))
    primary = web.nics[0].id
    attach_nic(world.client, web, key="NIC")
    second = attach_nic(world.client, capture, key="NIC")

    done = script("create_traffic_mirroring", "web", "capture", "--target-nic", "1")
    wrong = script("create_traffic_mirroring", "web", "capture", "--source-nic", "2")

    assert (done.returncode, wrong.returncode) == (0, 1)
    (session,), (target,) = world.sessions, world.targets
    assert session["NetworkInterfaceId"] == primary
    assert target["NetworkInterfaceId"] == second
    assert "There is no NIC 2" in wrong.stderr


def test_a_script_ends_with_the_error_of_a_rejected_request(script, tmp_path):
    """The user gets CloudShell's error instead of a traceback."""
    bad = tmp_path / "request.json"
    bad.write_text("{}")

    done = script("create_traffic_mirroring", "--request", str(bad))

    assert done.returncode == 1
    assert "driverRequest: is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_script_ends_with_an_error_for_an_unknown_app(script):
    """The error names the App."""
    done = script("create_traffic_mirroring", "web", "nobody")

    assert done.returncode == 1
    assert "'nobody'" in done.stderr


def test_a_script_without_apps_or_request_prints_its_usage(script):
    """It sends nothing and exits with code 2."""
    done = script("create_traffic_mirroring", "web")

    assert done.returncode == 2
    assert "name the source App and the target App, or give --request" in done.stderr
