"""The scripts of examples/, run as the README says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from itertools import combinations
from xml.etree import ElementTree

import pytest

from tests.scenario.conftest import EMPTY, create_mirrors
from tests.scenario.ec2_resources import attach_nic
from tools.checkout import ROOT

SVG = "{http://www.w3.org/2000/svg}"


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


def test_a_script_prints_and_draws_the_mirrors(world, script, tmp_path):
    """Sources, sessions and targets are boxes; a session with a warning is red."""
    reject = {"direction": "egress", "protocol": "udp", "ruleAction": "reject"}
    open_, rejecting, other = create_mirrors(
        world,
        world.mirror("web", "capture"),
        world.mirror("web", "ids", sessionNumber=7, filterRules=[reject]),
        world.mirror("db", "capture"),
    )
    picture = tmp_path / "mirrors.svg"

    done = script("show_traffic_mirroring", "--svg", str(picture))

    assert (done.returncode, done.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    row = lines.index(
        f"{world.nic('web')} 7 {rejecting['virtualNetworkId']} {world.nic('ids')} "
        "unknown unknown"
    )
    assert lines[row + 1] == f"session {rejecting['sessionId']}"
    assert lines[row + 2] == "reject egress udp from 0.0.0.0/0 to 0.0.0.0/0"
    assert lines[row + 3].startswith("warning: no filter rule accepts anything")
    assert lines.count("everything") == 2
    assert lines[-1].startswith("Sessions of this sandbox: 3")
    svg = ElementTree.parse(picture).getroot()  # noqa: S314 - the script's own file
    texts = ["".join(each.itertext()) for each in svg.iter(f"{SVG}text")]
    for app in ("web", "db", "capture", "ids"):
        assert texts.count(world.nic(app)) == 1
    for each in (open_, rejecting, other):
        network = f"VXLAN network {each['virtualNetworkId']}"
        assert f"number {each['sessionNumber']}, {network}" in texts
    assert texts.count("rules: 1, packets: unknown, warnings: 1") == 1
    paths = list(svg.iter(f"{SVG}path"))
    assert len(paths) == 6
    assert len([each for each in paths if each.get("stroke-dasharray")]) == 2
    assert not overlapping(svg)


def overlapping(svg):
    """Return the boxes of a picture that overlap another one, without the ground."""
    _, *boxes = [
        [float(rect.get(key, 0)) for key in ("x", "y", "width", "height")]
        for rect in svg.iter(f"{SVG}rect")
    ]
    return [
        (one, other)
        for one, other in combinations(boxes, 2)
        if all(
            one[axis] < other[axis] + other[axis + 2]
            and other[axis] < one[axis] + one[axis + 2]
            for axis in (0, 1)
        )
    ]


def test_a_sandbox_without_mirrors_is_drawn_empty(script, tmp_path):
    """There are headings and no boxes."""
    picture = tmp_path / "mirrors.svg"

    done = script("show_traffic_mirroring", "--svg", str(picture))

    assert done.stdout.splitlines()[-1] == "Sessions of this sandbox: 0"
    svg = ElementTree.parse(picture).getroot()  # noqa: S314 - the script's own file
    assert len([*svg.iter(f"{SVG}rect")]) == 1
