"""Another driver offers the commands, as docs/plug-in.md says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from cloudshell.api.cloudshell_api import InputNameValue

from emulator.lab import RESOURCE, Lab
from tests.environments import ROOT, environment
from tests.request_texts import DOCUMENTED_CREATE, SOURCE, TARGET, remove
from tools.checkout import copy_checkout

PAGE = (ROOT / "docs" / "plug-in.md").read_text()


def block(language):
    """Return the page's one block in a language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return found


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the library."""
    folder = tmp_path_factory.mktemp("wheel")
    source = copy_checkout(folder / "source")
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder]
    subprocess.run([*build, source], check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel):
    """Have an environment with the library, and nothing else of the project."""
    requirements = str(Path("src") / "requirements.txt")
    python = environment(sys.executable, "-r", requirements, purpose="plug-in")
    install = [python, "-m", "pip", "install", "-q", "--no-deps", "--force-reinstall"]
    subprocess.run([*install, wheel], check=True, capture_output=True)
    return python


@pytest.fixture
def lab(python, tmp_path):
    """Run the documented driver under a resource of its own."""
    (tmp_path / "driver.py").write_text(block("python"))
    (tmp_path / "drivermetadata.xml").write_text(block("xml"))
    with Lab(python=str(python), driver_folder=tmp_path) as lab:
        yield lab


def test_another_driver_creates_and_removes_mirrors(lab):
    """The documented lines are all that it takes."""
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
