"""Quali's shellfoundry can install the packed shell, and its commands run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cloudshell.api.cloudshell_api import InputNameValue

from emulator.lab import RESOURCE, Lab
from tests.environments import environment, need_python
from tools.checkout import ROOT, copy_checkout
from tools.shellfoundry import Shellfoundry

SHELL = "AWS Traffic Mirroring Shell"
SHELLFOUNDRY = "shellfoundry==1.2.29"


@pytest.fixture(scope="module")
def python():
    """Return the Python version of CloudShell's execution servers."""
    return need_python("3.9")


@pytest.fixture(scope="module")
def program(python):
    """Return shellfoundry; it needs click 7, so it gets its own environment."""
    return environment(python, SHELLFOUNDRY).with_name("shellfoundry")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """Return a copy of the checkout."""
    return copy_checkout(tmp_path_factory.mktemp("copy") / "checkout")


@pytest.fixture(scope="module")
def packages(program, checkout):
    """Return the folder of packages that `shellfoundry dist` creates."""
    # pip finds its settings and cache in the home folder.
    succeed(Shellfoundry(program, checkout, home=Path.home()), "dist")
    return checkout / "dist" / "offline_requirements"


def succeed(shellfoundry, *arguments):
    """Run shellfoundry, which must succeed; return its output."""
    done = shellfoundry.run(*arguments)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture
def install(program, checkout, tmp_path):
    """Return a function that installs the shell in a lab and adds its resource."""
    shellfoundry = Shellfoundry(program, checkout, home=tmp_path)

    def run(lab):
        succeed(shellfoundry, "config", "host", lab.cloudshell.host)
        output = succeed(shellfoundry, "install")
        lab.add_provider(lab.cloudshell.shell(SHELL))
        return output

    return run


@pytest.fixture
def call(lab, sandbox):
    """Return a function that runs a command with one action; it returns the result."""
    session = lab.cloudshell.session()

    def execute(command, **action):
        text = json.dumps({"driverRequest": {"actions": [{"actionId": "1", **action}]}})
        inputs = [InputNameValue("request", text)]
        answer = session.ExecuteCommand(
            sandbox.id, RESOURCE, "Resource", command, inputs
        )
        (result,) = json.loads(answer.Output)["driverResponse"]["actionResults"]
        assert result["success"], result["errorMessage"]
        return result

    return execute


@pytest.fixture
def lab(python, packages):
    """Run a lab without a shell, whose execution server has no internet access."""
    with Lab(python=python, driver_folder=None, packages=packages) as lab:
        yield lab


@pytest.fixture
def sandbox(lab):
    """Start a sandbox with two Apps."""
    return lab.deploy("installed", {"web": None, "capture": None})


def mirroring_state(lab):
    """Return the ids of the sessions, filters and targets in EC2."""
    sessions = lab.client.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]
    filters = lab.client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    targets = lab.client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]
    return (
        [each["TrafficMirrorSessionId"] for each in sessions],
        [each["TrafficMirrorFilterId"] for each in filters],
        [each["TrafficMirrorTargetId"] for each in targets],
    )


def test_the_installed_shell_runs_its_commands(lab, install, sandbox, call):
    """
    Packed and installed, with its requirements on Python 3.9, the shell works.

    The folder of `shellfoundry dist` has all packages that pip needs.
    """
    assert "Successfully installed shell" in install(lab)
    lab.cloudshell.session().AutoLoad(RESOURCE)
    web, capture = (app.nics[0].id for app in sandbox.apps)
    mirror = {
        "type": "CreateTrafficMirroring",
        "actionParams": {"sourceNicId": web, "targetNicId": capture},
    }

    created = call("CreateTrafficMirroring", **mirror)
    assert mirroring_state(lab)[0] == [created["sessionId"]]
    call(
        "RemoveTrafficMirroring",
        type="RemoveTrafficMirroring",
        sessionId=created["sessionId"],
    )
    assert mirroring_state(lab) == ([], [], [])
    call("CreateTrafficMirroring", **mirror)
    call("CleanupSandboxInfra", type="cleanupNetwork")
    assert mirroring_state(lab) == ([], [], [])
    assert lab.cloudshell.pools.held() == {}

    driver = lab.execution.loaded_driver(RESOURCE)
    assert driver.python.startswith("3.9.")
    assert driver.prefix.parent == lab.execution.log_path / "venv"
    assert driver.file.parent == lab.cloudshell.shell(SHELL).driver_folder
    assert ROOT not in driver.file.parents
