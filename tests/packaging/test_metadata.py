"""The shell's metadata files match each other and the driver."""

from __future__ import annotations

import inspect
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from cloudshell.shell.core.resource_driver_interface import ResourceDriverInterface

from driver import TrafficMirroringDriver
from tests.environments import built_wheel
from tools.pythons import supported_versions
from traffic_mirroring import __version__
from traffic_mirroring.request import shapes

ROOT = Path(__file__).resolve().parents[2]
INJECTED = {"self", "context", "cancellation_context"}


@pytest.fixture(scope="module")
def driver():
    """Return the root element of drivermetadata.xml."""
    return ElementTree.parse(ROOT / "src" / "drivermetadata.xml").getroot()  # noqa: S314 - our own file


@pytest.fixture(scope="module")
def definition():
    """Return the shell's definition."""
    return yaml.safe_load((ROOT / "shell-definition.yaml").read_text())


def methods():
    """Return the driver's commands, by name."""
    lifecycle = {
        name for name in vars(ResourceDriverInterface) if not name.startswith("_")
    }
    return {
        name: method
        for name, method in vars(TrafficMirroringDriver).items()
        if not name.startswith("_") and name not in lifecycle
    }


def test_every_command_of_the_driver_is_declared_hidden(driver):
    """All commands are declared, in the category for calls by the API."""
    declared = [
        (category.get("Name"), command.get("Name"))
        for category in driver.iter("Category")
        for command in category.iter("Command")
    ]

    assert sorted(declared) == sorted(("Hidden Commands", name) for name in methods())


@pytest.mark.parametrize(
    ("command", "shape"),
    [
        ("CreateTrafficMirroring", shapes.CreateTrafficMirroringParams),
        ("RemoveTrafficMirroring", shapes.RemoveTrafficMirroring),
        ("GetTrafficMirroring", shapes.GetTrafficMirroring),
        ("CleanupSandboxInfra", shapes.CleanupNetwork),
    ],
)
def test_the_portal_describes_every_field(driver, command, shape):
    """The description of a command's input names every field of its request."""
    (description,) = (
        parameter.get("Description")
        for each in driver.iter("Command")
        for parameter in each.iter("Parameter")
        if each.get("Name") == command
    )

    missing = {
        field.alias
        for field in shape.model_fields.values()
        if field.alias not in re.findall(r"\w+", description)
    }
    assert missing == set()


def test_the_declared_parameters_are_the_methods(driver):
    """CloudShell passes parameters by name, so the names must match."""
    for command in driver.iter("Command"):
        signature = inspect.signature(methods()[command.get("Name")])
        declared = {each.get("Name") for each in command.iter("Parameter")}

        assert declared == set(signature.parameters) - INJECTED


def test_commands_that_can_be_cancelled_are_declared_so(driver):
    """CloudShell needs both the method's parameter and the declaration."""
    for command in driver.iter("Command"):
        parameters = inspect.signature(methods()[command.get("Name")]).parameters
        declared = command.get("EnableCancellation", "false") == "true"

        assert declared == ("cancellation_context" in parameters)


def test_the_commands_can_be_called_on_an_unreserved_provider(driver):
    """A cloud provider resource is usually not part of the sandbox."""
    tags = {command.get("Tags") for command in driver.iter("Command")}

    assert tags == {"allow_unreserved"}


def test_the_driver_can_be_imported_from_the_metadata(driver):
    """MainClass names the driver's class."""
    assert driver.get("MainClass") == (
        f"{TrafficMirroringDriver.__module__}.{TrafficMirroringDriver.__name__}"
    )
    assert driver.get("PythonVersion") == "3"


def test_the_version_is_the_same_everywhere(driver, definition):
    """Package, driver and shell are released together."""
    assert {
        driver.get("Version"),
        str(definition["metadata"]["template_version"]),
    } == {__version__}


def test_the_readme_lists_the_supported_versions():
    """They are those of pyproject.toml's classifiers and of the requirements."""
    readme = (ROOT / "README.md").read_text()
    rows = dict(re.findall(r"^\| (\w+) \| (\d.*) \|$", readme, re.MULTILINE))
    requirements = (ROOT / "requirements.txt").read_text()
    lowest = dict(re.findall(r"^([\w-]+)>=([\d.]+)", requirements, re.MULTILINE))
    server = ".".join(lowest["cloudshell-automation-api"].split(".")[:2])

    assert rows == {
        "Python": ", ".join(supported_versions()),
        "boto3": f"{lowest['boto3']} and later",
        "CloudShell": f"{server} and later",
    }


def test_the_lowest_python_is_required():
    """Pip refuses a Python that is older than those that are tested."""
    (required,) = re.findall(
        r'^requires-python = ">=(.*)"$',
        (ROOT / "pyproject.toml").read_text(),
        re.MULTILINE,
    )

    assert required == supported_versions()[0]


def test_the_definition_names_files_that_exist(definition):
    """The icon exists where the shell's definition says."""
    (node,) = definition["node_types"].values()

    assert (ROOT / definition["metadata"]["template_icon"]).is_file()
    assert (ROOT / node["artifacts"]["icon"]["file"]).is_file()


@pytest.mark.parametrize("name", ["drivermetadata.xml", "requirements.txt"])
def test_the_root_has_the_drivers_own_file(name):
    """The file in the root is a link to the one in src/."""
    assert (ROOT / name).resolve() == ROOT / "src" / name


def test_the_wheel_contains_only_the_package():
    """The library is installed without driver, emulator and tests."""
    names = zipfile.ZipFile(built_wheel()).namelist()

    assert "traffic_mirroring/flows/create.py" in names
    assert "traffic_mirroring/py.typed" in names
    tops = {name.split("/")[0].split("-")[0] for name in names}
    assert tops == {"traffic_mirroring", "cloudshell_aws_traffic_mirroring"}
