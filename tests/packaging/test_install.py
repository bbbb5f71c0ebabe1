"""The packed shell installs with Quali's shellfoundry, and its commands run."""

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
    """Return the Python that CloudShell's execution servers have."""
    return need_python("3.9")


@pytest.fixture(scope="module")
def program(python):
    """Return shellfoundry; it needs click 7, and so an environment of its own."""
    return environment(python, SHELLFOUNDRY).with_name("shellfoundry")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """Return a copy of the checkout."""
    return copy_checkout(tmp_path_factory.mktemp("copy") / "checkout")


@pytest.fixture(scope="module")
def packages(program, checkout):
    """Return the folder of packages that `shellfoundry dist` makes."""
    # pip's own settings and its cache are at home.
    succeed(Shellfoundry(program, checkout, home=Path.home()), "dist")
    return checkout / "dist" / "offline_requirements"


def succeed(shellfoundry, *arguments):
    """Run shellfoundry and return its words."""
    done = shellfoundry.run(*arguments)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture
def install(program, checkout, tmp_path):
    """Return a function that installs the shell in a lab and adds its resource."""
    shellfoundry = Shellfoundry(program, checkout, home=tmp_path)

    def run(lab):
        succeed(shellfoundry, "config", "host", lab.cloudshell.host)
        told = succeed(shellfoundry, "install")
        lab.add_provider(lab.cloudshell.shell(SHELL))
        return told

    return run


@pytest.fixture
def call(lab, sandbox):
    """Return a function that calls a command with one action and returns its result."""
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
def lab(python):
    """Return a lab without a shell."""
    with Lab(python=python, driver_folder=None) as lab:
        yield lab


@pytest.fixture
def sandbox(lab):
    """Return a sandbox with two Apps."""
    return lab.deploy("installed", {"web": None, "capture": None})


def standing(lab):
    """Return the ids of what traffic mirroring stands in EC2."""
    sessions = lab.client.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]
    filters = lab.client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    targets = lab.client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]
    return (
        [each["TrafficMirrorSessionId"] for each in sessions],
        [each["TrafficMirrorFilterId"] for each in filters],
        [each["TrafficMirrorTargetId"] for each in targets],
    )


def test_the_installed_shell_runs_its_commands(lab, install, sandbox, call):
    """Packed, installed and set up by pip on Python 3.9, the shell does its job."""
    assert "Successfully installed shell" in install(lab)
    lab.cloudshell.session().AutoLoad(RESOURCE)
    web, capture = (app.nics[0].id for app in sandbox.apps)
    mirror = {
        "type": "CreateTrafficMirroring",
        "actionParams": {"sourceNicId": web, "targetNicId": capture},
    }

    created = call("CreateTrafficMirroring", **mirror)
    assert standing(lab)[0] == [created["sessionId"]]
    call(
        "RemoveTrafficMirroring",
        type="RemoveTrafficMirroring",
        sessionId=created["sessionId"],
    )
    assert standing(lab) == ([], [], [])
    call("CreateTrafficMirroring", **mirror)
    call("CleanupSandboxInfra", type="cleanupNetwork")
    assert standing(lab) == ([], [], [])
    assert lab.cloudshell.pools.held() == {}

    driver = lab.execution.loaded_driver(RESOURCE)
    assert driver.python.startswith("3.9.")
    assert driver.prefix.parent == lab.execution.log_path / "venv"
    assert driver.file.parent == lab.cloudshell.shell(SHELL).driver_folder
    assert ROOT not in driver.file.parents


def test_an_execution_server_without_internet_needs_only_what_dist_makes(
    python, packages, install
):
    """The folder of `shellfoundry dist` holds all, and pip asks no index."""
    with Lab(python=python, driver_folder=None, packages=packages) as lab:
        install(lab)
        lab.cloudshell.session().AutoLoad(RESOURCE)
