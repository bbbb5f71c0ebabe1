"""Bad packages are rejected with a reason."""

import pytest
from cloudshell.rest.exceptions import PackagingRestApiError, ShellNotFound

from tests.emulator.cloudshell.shell_texts import DEFINITION, META, METADATA, package

BAD_PACKAGES = {
    "no meta": ({META: None}, f"has no {META}"),
    "no entry": ({META: "CSAR-Version: 1.1\n"}, "no Entry-Definitions"),
    "blank line": ({META: "Entry-Definitions: x\n\n"}, "every line"),
    "no definition": ({"definition.yaml": None}, "no definition.yaml"),
    "definition elsewhere": ({META: "Entry-Definitions: ../x"}, "no ../x"),
    "definition no YAML": ({"definition.yaml": "{"}, "can't be read"),
    "no icon": (
        {"icon.png": None},
        "no icon.png, which template_icon of definition.yaml",
    ),
    "no artifact": ({"manual.txt": None}, "no manual.txt, which artifact manual"),
    "no driver": ({"Driver.zip": None}, "no Driver.zip, which artifact driver"),
    "driver no zip": ({"Driver.zip": "text"}, "Driver.zip can't be unpacked"),
    "driver not named": (
        {"definition.yaml": DEFINITION.replace("driver:", "drivers:")},
        "artifacts have no driver",
    ),
    "version of words": (
        {"definition.yaml": DEFINITION.replace("1.9.0", "one")},
        "template_version is 'one'",
    ),
    "absolute path": ({"/icon.png": ""}, "must be relative"),
    "path upwards": ({"a/../../icon.png": ""}, "must be relative"),
    "path of Windows": ({"a\\b": ""}, "must be relative"),
    "compiled": ({"__pycache__/x.txt": ""}, "compiled files"),
}
BAD_DRIVERS = {
    "no metadata": ({"drivermetadata.xml": None}, "no drivermetadata.xml"),
    "no requirements": ({"requirements.txt": None}, "no requirements.txt"),
    "no module": ({"driver.py": None}, "no module driver"),
    "module of a package": (
        {"drivermetadata.xml": METADATA.format("a.b"), "a.py": ""},
        "no module a.b",
    ),
    "Python 2": (
        {"drivermetadata.xml": METADATA.format("driver").replace('"3"', '"2"')},
        "PythonVersion",
    ),
    "no name": (
        {"drivermetadata.xml": METADATA.format("driver").replace('"Y"', '""')},
        "no Name",
    ),
    "path upwards": ({"../driver.py": ""}, "Driver.zip contains '../driver.py'"),
    "compiled": ({"x.pyc": ""}, "Driver.zip contains 'x.pyc'"),
}


@pytest.mark.parametrize(
    ("changes", "complaint"), BAD_PACKAGES.values(), ids=BAD_PACKAGES
)
def test_a_bad_package_is_refused(client, changes, complaint):
    """A problem of a package is an error that names it, and installs nothing."""
    with pytest.raises(PackagingRestApiError) as caught:
        client.add_shell_from_buffer(package(changes))
    assert complaint in str(caught.value)
    with pytest.raises(ShellNotFound):
        client.get_shell("Shell Y")


@pytest.mark.parametrize(
    ("changes", "complaint"), BAD_DRIVERS.values(), ids=BAD_DRIVERS
)
def test_a_bad_driver_is_refused(client, changes, complaint):
    """So is a problem of the driver's zip in the package."""
    with pytest.raises(PackagingRestApiError) as caught:
        client.add_shell_from_buffer(package(driver_changes=changes))
    assert complaint in str(caught.value)


def test_what_is_no_zip_is_refused(client):
    """Text and truncated packages are rejected."""
    for content in (b"", b"text", package()[:200]):
        with pytest.raises(PackagingRestApiError, match="can't be unpacked"):
            client.add_shell_from_buffer(content)
