"""`make package` builds a complete shell and finds what shellfoundry overlooks."""

from __future__ import annotations

import io
import sys
import zipfile

import pytest

from tests.environments import environment
from tools.checkout import copy_checkout
from tools.package import BadPackage, build, check

DRIVER = "AwsTrafficMirroringDriver.zip"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """Return a copy of the checkout."""
    return copy_checkout(tmp_path_factory.mktemp("copy") / "checkout")


@pytest.fixture(scope="module")
def package(checkout, tmp_path_factory):
    """Build the package with the real shellfoundry; return its files."""
    shellfoundry = environment(sys.executable, "shellfoundry==1.2.29").with_name(
        "shellfoundry"
    )
    built = build(shellfoundry, checkout, tmp_path_factory.mktemp("dist"))
    assert built.name == "AWS Traffic Mirroring Shell.zip"
    return unzipped(built.read_bytes())


def unzipped(archive):
    """Return the files of an archive, by name."""
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        names = [name for name in opened.namelist() if not name.endswith("/")]
        return {name.removeprefix("./"): opened.read(name) for name in names}


def zipped(files):
    """Return an archive with these files."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return archive.getvalue()


def changed(package, name, old=b"", new=b"", *, inside=False):
    """Return the package with a file changed, added, or (without `old`) removed."""
    if inside:
        return {
            **package,
            DRIVER: zipped(changed(unzipped(package[DRIVER]), name, old, new)),
        }
    if not old:
        return {each: content for each, content in package.items() if each != name}
    assert name not in package or old in package[name]
    return {**package, name: package.get(name, old).replace(old, new)}


def test_the_package_is_fit(package, checkout):
    """A new build has everything that is needed and nothing else."""
    check(zipped(package), checkout)

    assert set(package) == {
        "TOSCA-Metadata/TOSCA.meta",
        "shell-definition.yaml",
        "shell-icon.png",
        DRIVER,
    }
    driver = unzipped(package[DRIVER])
    assert {"driver.py", "drivermetadata.xml", "requirements.txt"} < set(driver)
    assert {name.split("/")[0] for name in driver if "/" in name} == {
        "traffic_mirroring"
    }


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("shell-icon.png",), "has no shell-icon.png"),
        (("shell-definition.yaml",), "has no shell-definition.yaml"),
        (("TOSCA-Metadata/TOSCA.meta",), "has no TOSCA-Metadata/TOSCA.meta"),
        ((DRIVER,), f"has no {DRIVER}"),
        (("notes.txt", b"x", b"y"), "has notes.txt, which does not belong"),
        (
            ("shell-definition.yaml", b"template_version: ", b"template_version: 9"),
            "the versions differ",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_an_incomplete_package_is_rejected(package, checkout, change, named):
    """Shellfoundry itself only prints a message about a missing part."""
    with pytest.raises(BadPackage, match=named):
        check(zipped(changed(package, *change)), checkout)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (("requirements.txt",), "the driver has no requirements.txt"),
        (
            ("traffic_mirroring/flows/create.py",),
            "has no traffic_mirroring/flows/create.py",
        ),
        (("driver.py", b"class", b"class "), "driver.py differs from src/driver.py"),
        (
            ("traffic_mirroring/__pycache__/tags.cpython-39.pyc", b"x", b"y"),
            "which does not belong in it",
        ),
        (("emulator/lab.py", b"x", b"y"), "has emulator/lab.py, which"),
        (
            ("drivermetadata.xml", b'"get_inventory"', b'"getInventory"'),
            "has no get_inventory in the category Hidden Commands",
        ),
        (
            ("drivermetadata.xml", b'Name="Hidden Commands"', b'Name="Visible"'),
            "has CreateTrafficMirroring in Visible",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_an_incomplete_driver_is_rejected(package, checkout, change, named):
    """CloudShell itself would fail only when a command is called."""
    with pytest.raises(BadPackage, match=named):
        check(zipped(changed(package, *change, inside=True)), checkout)
