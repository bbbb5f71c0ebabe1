"""The scripts of examples/, run as the README says."""

from __future__ import annotations

import importlib
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

    def run_script(name, *arguments, sandbox=world.sandbox.id, **variables):
        path = f"examples/{name}.py"
        server = {"CLOUDSHELL_SERVER": world.lab.cloudshell.host}
        return run(path, sandbox, *arguments, **{**server, **variables})

    return run_script


def test_the_scripts_create_and_remove_a_mirror(world, script):
    """Everything is mirrored by default; in the end EC2 and pools are empty."""
    created = script("create_traffic_mirroring", "web", "capture")
    (session,), (mirror_filter,) = world.sessions, world.filters
    removed = script("remove_traffic_mirroring", "--target-nic", world.nic("capture"))

    assert created.returncode == removed.returncode == 0
    (result,) = json.loads(created.stdout)["driverResponse"]["actionResults"]
    assert result["sessionId"] == session["TrafficMirrorSessionId"]
    assert session["NetworkInterfaceId"] == world.nic("web")
    for direction, end in (("Ingress", "Source"), ("Egress", "Destination")):
        rules = mirror_filter[f"{direction}FilterRules"]
        assert {rule[f"{end}CidrBlock"] for rule in rules} == {"0.0.0.0/0", "::/0"}
        assert not any("Protocol" in rule for rule in rules)
    assert world.state == EMPTY


def test_a_script_mirrors_what_its_options_say(world, script):
    """The port is at either end of a packet, the CIDR at the other end than web."""
    options = "--protocol udp --port 53-54 --cidr 10.1.0.0/16 --number 7".split()

    done = script("create_traffic_mirroring", "web", "capture", *options)

    assert (done.returncode, done.stderr) == (0, "")
    (session,), (mirror_filter,) = world.sessions, world.filters
    assert session["SessionNumber"] == 7
    ports = {"FromPort": 53, "ToPort": 54}
    for direction, here, there in (
        ("Ingress", "Destination", "Source"),
        ("Egress", "Source", "Destination"),
    ):
        rules = mirror_filter[f"{direction}FilterRules"]
        assert {rule["Protocol"] for rule in rules} == {17}
        assert {rule[f"{here}CidrBlock"] for rule in rules} == {"0.0.0.0/0"}
        assert {rule[f"{there}CidrBlock"] for rule in rules} == {"10.1.0.0/16"}
        assert [rule.get(f"{here}PortRange") for rule in rules] == [ports, None]
        assert [rule.get(f"{there}PortRange") for rule in rules] == [None, ports]


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
    """With --dry-run. Of a protocol alone, both address families are mirrored."""
    options = ("--dry-run", "--protocol", "tcp")
    done = script("create_traffic_mirroring", "web", "capture", *options)

    assert done.returncode == 0
    (result,) = json.loads(done.stdout)["driverResponse"]["actionResults"]
    assert result["infoMessage"].startswith("Would create a session that mirrors ")
    assert world.state == EMPTY
    creations = [
        call for call in world.ec2.calls if call.operation.endswith("FilterRule")
    ]
    assert len(creations) == 1


def test_a_script_ends_with_the_error_of_a_rejected_request(script, tmp_path):
    """The user gets CloudShell's error instead of a traceback."""
    bad = tmp_path / "request.json"
    bad.write_text("{}", encoding="utf-8-sig")

    done = script("create_traffic_mirroring", "--request", str(bad))

    assert done.returncode == 1
    assert "driverRequest: is missing" in done.stderr
    assert "Traceback" not in done.stderr


UNKNOWN = "b39e5b99-0000-4468-a5c3-f93a69b46b76"


@pytest.mark.parametrize(
    ("name", "arguments", "variables", "message"),
    [
        (
            "create_traffic_mirroring",
            ["web", "capture"],
            {"CLOUDSHELL_PASSWORD": "wrong"},
            "admin can't log on to ",
        ),
        (
            "remove_traffic_mirroring",
            ["--session", "tms-0"],
            {"CLOUDSHELL_SERVER": "127.255.255.254"},
            "127.255.255.254, the CLOUDSHELL_SERVER, can't be reached: ",
        ),
        ("show_traffic_mirroring", [], {"sandbox": UNKNOWN}, UNKNOWN),
        (
            "show_traffic_mirroring",
            ["--svg", "no folder/mirrors.svg"],
            {},
            "no folder/mirrors.svg can't be written: No such file",
        ),
        (
            "create_traffic_mirroring",
            ["--request", "none.json"],
            {},
            "none.json can't be read: No such file",
        ),
    ],
)
def test_a_problem_ends_a_script_in_one_line(
    script, name, arguments, variables, message
):
    """With exit code 1, and without a traceback."""
    done = script(name, *arguments, **variables)

    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert message in line


def test_help_names_the_variables_of_every_script():
    """One process asks them all."""
    code = (
        "import runpy, sys\n"
        "sys.path.insert(0, 'examples')\n"
        "for name in sys.argv[1:]:\n"
        "    sys.argv = [name, '--help']\n"
        "    try:\n"
        "        runpy.run_path(f'examples/{name}', run_name='__main__')\n"
        "    except SystemExit:\n"
        "        pass\n"
    )
    names = [path.name for path in (ROOT / "examples").glob("*_traffic_mirroring.py")]

    done = run("-c", code, *names)

    assert len(names) == 3
    for name in ("SERVER", "USER", "PASSWORD", "DOMAIN"):
        assert done.stdout.count(f"\n  CLOUDSHELL_{name} ") == 3


@pytest.fixture
def command_line(monkeypatch):
    """Return the module that the scripts share."""
    monkeypatch.syspath_prepend(ROOT / "examples")
    return importlib.import_module("command_line")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "latin-1"])
def test_a_request_file_of_another_encoding_is_an_error_of_one_line(
    command_line, tmp_path, encoding
):
    """PowerShell's `>` writes UTF-16; a script would send it as another text."""
    file = tmp_path / "request.json"
    file.write_text('{"description": "\u00e4"}', encoding=encoding)

    with pytest.raises(SystemExit) as end:
        command_line.read_request(file)

    assert end.value.code == f"{file} is not UTF-8 text: save it as UTF-8"


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


def test_a_script_with_a_request_takes_no_other_options(script):
    """They would have no effect."""
    done = script("create_traffic_mirroring", "--request", "x", "--dry-run")

    assert done.returncode == 2
    assert "everything else about the mirror is in the file" in done.stderr


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
