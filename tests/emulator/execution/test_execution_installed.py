"""An installed driver runs in an environment that pip makes from its requirements."""

import sys
import zipfile
from dataclasses import replace

import pytest

from emulator.execution import (
    ExecutionError,
    ExecutionServer,
    ShellError,
    load_shell,
    unpack,
    unpack_driver,
)

METADATA = '<Driver Name="Y" Version="1" MainClass="driver.Main" PythonVersion="3"/>'
DRIVER = """\
import only_there

class Main:
    def initialize(self, context):
        pass

    def tell(self):
        return only_there.TEXT + " in {release}"
"""
WHEEL = {
    "only_there.py": "TEXT = 'from the wheel'",
    "only_there-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: only-there\n"
    "Version: 1\n",
    "only_there-1.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
    "Tag: py3-none-any\n",
    "only_there-1.dist-info/RECORD": "",
}


def write_zip(path, files):
    """Write a zip of the files; return its path."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path


def driver_zip(tmp_path, release):
    """Unpack a driver that needs a package that is on no index."""
    files = {
        "drivermetadata.xml": METADATA,
        "requirements.txt": "only-there==1\n",
        "driver.py": DRIVER.replace("{release}", release),
    }
    folder = tmp_path / release
    unpack_driver(write_zip(tmp_path / f"{release}.zip", files), folder)
    return folder


@pytest.fixture
def installed(tmp_path, shell):
    """Return a shell whose driver was unpacked from a zip."""
    definition = shell.driver_folder.parent / "shell-definition.yaml"
    return load_shell(definition, driver_folder=driver_zip(tmp_path, "release 1"))


@pytest.fixture
def packages(tmp_path):
    """Return an empty folder for packages."""
    folder = tmp_path / "packages"
    folder.mkdir()
    return folder


@pytest.fixture
def server(tmp_path, packages):
    """Return an execution server without a shell of its own."""
    options = {"python": sys.executable, "packages": packages}
    with ExecutionServer(log_path=tmp_path / "log", **options) as server:
        yield server


def test_a_driver_runs_in_an_environment_of_its_own(
    server, packages, installed, request_for, tmp_path
):
    """Pip makes it once; drivers with the same name and version share it."""
    write_zip(packages / "only_there-1-py3-none-any.whl", WHEEL)
    later = replace(installed, driver_folder=driver_zip(tmp_path, "release 2"))

    def run(resource, shell):
        request = request_for("tell", resource=resource)
        return server.enqueue(request, shell=shell).wait(120)

    assert run("AWS", installed) == "from the wheel in release 1"
    (packages / "only_there-1-py3-none-any.whl").unlink()
    assert run("AWS 2", installed) == "from the wheel in release 1"
    assert run("AWS", later) == "from the wheel in release 2"
    loaded = server.loaded_driver("AWS")
    assert loaded.file == later.driver_folder / "driver.py"
    assert loaded.prefix == server.loaded_driver("AWS 2").prefix
    assert loaded.prefix == server.log_path / "venv" / "Y_1"
    assert loaded.python == ".".join(map(str, sys.version_info[:3]))


def test_a_package_that_is_missing_fails_the_command(server, installed, request_for):
    """The error has CloudShell's hint at the PyPi server, and pip's output."""
    execution = server.enqueue(request_for("tell"), shell=installed)
    with pytest.raises(ExecutionError, match="PyPi server") as caught:
        execution.wait(120)
    assert "only-there==1" in caught.value.message
    assert "driver 'Y'" in caught.value.message
    assert server.loaded_driver("AWS") is None


def test_an_interpreter_that_is_missing_fails_the_command(
    tmp_path, installed, request_for
):
    """An interpreter that can't be started gives the same error."""
    with ExecutionServer(log_path=tmp_path, python=tmp_path / "none") as server:
        execution = server.enqueue(request_for("tell"), shell=installed)
        with pytest.raises(ExecutionError, match="virtual environment of driver 'Y'"):
            execution.wait(20)


def test_a_server_without_shell_runs_nothing_by_itself(server, request_for):
    """A server without a shell needs one with each command."""
    with pytest.raises(ExecutionError, match="no driver") as caught:
        server.enqueue(request_for("tell"))
    assert caught.value.code == "129"


@pytest.mark.parametrize(
    ("missing", "complaint"),
    [
        ("drivermetadata.xml", r"no drivermetadata\.xml at its top"),
        ("requirements.txt", r"no requirements\.txt at its top"),
        ("driver.py", "no module driver"),
    ],
)
def test_a_driver_zip_must_be_whole(tmp_path, missing, complaint):
    """A driver's zip needs its files at the top."""
    files = {"drivermetadata.xml": METADATA, "requirements.txt": "", "driver.py": ""}
    files[f"deeper/{missing}"] = files.pop(missing)
    archive = write_zip(tmp_path / "driver.zip", files)
    with pytest.raises(ShellError, match=complaint):
        unpack_driver(archive, tmp_path / "driver")


def test_nothing_is_unpacked_beside_the_folder(tmp_path):
    """A path to the outside is rejected before anything is written."""
    archive = write_zip(tmp_path / "x.zip", {"good": "", "../bad": ""})
    with pytest.raises(ShellError, match="must be relative"):
        unpack(archive.read_bytes(), tmp_path / "folder", "The zip")
    assert [each.name for each in tmp_path.iterdir()] == ["x.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_zip_has_no_file_twice(tmp_path):
    """Two files with one name are rejected."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("twice", "")
        archive.writestr("twice", "")
    with pytest.raises(ShellError, match="twice"):
        unpack(path.read_bytes(), tmp_path / "folder", "The zip")
