"""The scripts of examples/, run as a reader of the README runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.scenario.conftest import EMPTY
from tests.scenario.second_nics import attach_nic
from tools.checkout import ROOT


def run(*command, **environment):
    """Run a Python program of the repository."""
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
    """Run a script of examples/ against the lab, in the world's sandbox."""

    def run_script(name, *arguments):
        path = f"examples/{name}.py"
        server = world.lab.cloudshell.host
        return run(path, world.sandbox.id, *arguments, CLOUDSHELL_SERVER=server)

    return run_script


def test_the_scripts_create_and_remove_a_mirror(world, script):
    """The NICs are found by the Apps' names; afterwards the world is empty."""
    created = script("create_traffic_mirroring", "web", "capture")
    (session,) = world.sessions
    removed = script("remove_traffic_mirroring", "--target-nic", world.nic("capture"))

    assert created.returncode == removed.returncode == 0
    (result,) = json.loads(created.stdout)["driverResponse"]["actionResults"]
    assert result["sessionId"] == session["TrafficMirrorSessionId"]
    assert session["NetworkInterfaceId"] == world.nic("web")
    assert world.standing == EMPTY


def test_a_script_takes_the_primary_nic_or_the_one_that_it_is_told(world, script):
    """Whatever the order in which CloudShell lists them, and the case of their key."""
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


def test_a_script_ends_with_the_error_of_a_refused_request(script, tmp_path):
    """The user sees CloudShell's error text instead of a traceback."""
    bad = tmp_path / "request.json"
    bad.write_text("{}")

    done = script("create_traffic_mirroring", "--request", str(bad))

    assert done.returncode == 1
    assert "driverRequest: is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_script_ends_with_an_error_for_an_unknown_app(script):
    """The name that was looked for is named."""
    done = script("create_traffic_mirroring", "web", "nobody")

    assert done.returncode == 1
    assert "'nobody'" in done.stderr


def test_a_script_without_apps_and_without_request_says_what_to_give(script):
    """Nothing is looked for, and nothing sent."""
    done = script("create_traffic_mirroring", "web")

    assert done.returncode == 2
    assert "name the source App and the target App, or give --request" in done.stderr
