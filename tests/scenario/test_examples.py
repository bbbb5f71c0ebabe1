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
    """The shell finds the Apps' NICs; in the end EC2 and pools are empty."""
    created = script("create_traffic_mirroring", "web", "capture")
    (session,) = world.sessions
    removed = script("remove_traffic_mirroring", "--target-nic", world.nic("capture"))

    assert created.returncode == removed.returncode == 0
    (result,) = json.loads(created.stdout)["driverResponse"]["actionResults"]
    assert result["sessionId"] == session["TrafficMirrorSessionId"]
    assert session["NetworkInterfaceId"] == world.nic("web")
    assert world.state == EMPTY


def test_a_script_takes_the_id_of_a_nic_for_an_app(world, script):
    """The App's primary NIC is used otherwise."""
    web, capture = (a for a in world.sandbox.apps if a.name in ("web", "capture"))
    primary = web.nics[0].id
    attach_nic(world.client, web)
    second = attach_nic(world.client, capture)

    done = script("create_traffic_mirroring", "web", second)

    assert done.returncode == 0
    (session,), (target,) = world.sessions, world.targets
    assert session["NetworkInterfaceId"] == primary
    assert target["NetworkInterfaceId"] == second


def test_a_script_says_what_it_would_create(world, script):
    """With --dry-run, which a request file can't be combined with."""
    done = script("create_traffic_mirroring", "web", "capture", "--dry-run")
    both = script("create_traffic_mirroring", "--request", "x", "--dry-run")

    assert done.returncode == 0
    (result,) = json.loads(done.stdout)["driverResponse"]["actionResults"]
    assert result["infoMessage"].startswith("Would create a session that mirrors ")
    assert world.state == EMPTY
    assert both.returncode == 2
    assert "set dryRun in the file" in both.stderr


def test_a_script_ends_with_the_error_of_a_rejected_request(script, tmp_path):
    """The user gets CloudShell's error instead of a traceback."""
    bad = tmp_path / "request.json"
    bad.write_text("{}")

    done = script("create_traffic_mirroring", "--request", str(bad))

    assert done.returncode == 1
    assert "driverRequest: is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_script_ends_with_an_error_for_an_unknown_app(script):
    """The answer names the App, and those that there are."""
    done = script("create_traffic_mirroring", "web", "nobody")

    assert done.returncode == 1
    assert "App 'nobody' can't be used" in done.stdout
    assert "capture (eni-" in done.stdout


def test_a_script_without_apps_or_request_prints_its_usage(script):
    """It sends nothing and exits with code 2."""
    done = script("create_traffic_mirroring", "web")

    assert done.returncode == 2
    assert "name the source App and the target App, or give --request" in done.stderr
