"""Another driver can offer the commands as docs/plug-in.md shows."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cloudshell.api.cloudshell_api import InputNameValue

from emulator.lab import RESOURCE, Lab
from tests.environments import built_wheel, environment
from tests.request_texts import DOCUMENTED_CREATE, SOURCE, TARGET, remove
from tools.checkout import ROOT

PAGE = (ROOT / "docs" / "plug-in.md").read_text()


def block(language):
    """Return the page's only code block in a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return found


@pytest.fixture(scope="module")
def python():
    """Return the Python of an environment with only the library installed."""
    requirements = str(Path("src") / "requirements.txt")
    python = environment(sys.executable, "-r", requirements, purpose="plug-in")
    install = [python, "-m", "pip", "install", "-q", "--no-deps", "--force-reinstall"]
    subprocess.run([*install, built_wheel()], check=True, capture_output=True)
    return python


@pytest.fixture
def lab(python, tmp_path):
    """Run a lab with the documented driver."""
    (tmp_path / "driver.py").write_text(block("python"))
    (tmp_path / "drivermetadata.xml").write_text(block("xml"))
    with Lab(python=str(python), driver_folder=tmp_path) as lab:
        yield lab


def test_the_library_checks_requests(python):
    """Of a request on standard input, it prints what the request asks for."""
    done = subprocess.run(
        [python, "-m", "traffic_mirroring.check", "-"],
        input=DOCUMENTED_CREATE,
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"actions[0] mirrors {SOURCE} to {TARGET}, session")


def test_another_driver_creates_and_removes_mirrors(lab):
    """The documented driver needs no further code."""
    sandbox = lab.deploy("plug-in", {"web": SOURCE, "capture": TARGET})
    session = lab.cloudshell.session()

    def run(command, text):
        inputs = [InputNameValue("request", text)]
        done = session.ExecuteCommand(sandbox.id, RESOURCE, "Resource", command, inputs)
        (result,) = json.loads(done.Output)["driverResponse"]["actionResults"]
        return result

    created = run("CreateTrafficMirroring", DOCUMENTED_CREATE)
    removed = run("RemoveTrafficMirroring", remove(targetNicId=TARGET))

    assert created["success"]
    assert removed["success"]
    assert created["sessionId"] in removed["infoMessage"]
    assert lab.client.describe_traffic_mirror_sessions()["TrafficMirrorSessions"] == []
