"""The development environment is reproducible, and its set-up is never silent."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from importlib.metadata import requires

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.checkout import ROOT
from tools.install import install
from tools.pythons import supported_versions

OWN = "cloudshell-aws-traffic-mirroring"
PINNED = {
    canonicalize_name(name): version
    for name, version in re.findall(
        r"^([\w.-]+)==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE
    )
}


def needed(name=OWN, extras=frozenset({"", "demo", "dev"}), seen=None):
    """Return the requirements of a package and of all that it needs, by name."""
    seen = {} if seen is None else seen
    for text in requires(name) or ():
        each = Requirement(text)
        wanted = not each.marker or any(
            each.marker.evaluate({"extra": e}) for e in extras
        )
        key = (each.name, *each.extras)
        if wanted and key not in seen:
            seen[key] = each
            needed(each.name, {"", *each.extras}, seen)
    return seen.values()


def test_constraints_name_a_version_of_every_package_in_the_environment():
    """The versions are within what the packages allow each other."""
    packages = [each for each in needed() if each.name != OWN]

    assert len(packages) > 60
    assert [
        str(each)
        for each in packages
        if not each.specifier.contains(PINNED.get(canonicalize_name(each.name), "none"))
    ] == []


def test_the_hooks_run_what_make_check_runs():
    """A commit and `make check` accept the same."""
    makefile = (ROOT / "Makefile").read_text()
    (targets,) = re.findall(r"^check: (.*) ##", makefile, re.MULTILINE)
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())

    hooks = [hook["entry"] for repo in config["repos"] for hook in repo["hooks"]]

    assert hooks == [f"make --no-print-directory {name}" for name in targets.split()]


def test_the_workflow_runs_ci_with_supported_versions():
    """The driver's oldest, and the emulator's oldest and newest Python."""
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    (job,) = yaml.safe_load(text)["jobs"].values()
    *_, python, run = job["steps"]
    oldest, *versions = supported_versions()

    assert run == {"run": ".ci/run"}
    assert python["with"]["python-version"].split("\n")[0] == oldest
    assert job["strategy"]["matrix"]["python"] == [versions[0], versions[-1]]


PIP = """
import sys
print("Collecting boto3<2,>=1.34.125 (from it)", flush=True)
open(sys.argv[1]).read()  # silent until the test has seen a sign of life
print("Installing collected packages: boto3, moto")
sys.exit(int(sys.argv[2]))
"""


class Console(io.StringIO):
    """A console that lets the waiting program go on after a sign of life."""

    def __init__(self, waiting) -> None:
        super().__init__()
        self._waiting = waiting

    def write(self, text):
        """Write; the program waits for the first dot after a package's name."""
        if text == ". " and self.getvalue().endswith("boto3 "):
            self._waiting.write_text("")
        return super().write(text)


@pytest.fixture
def pip(tmp_path):
    """Return a function that runs a silent pip, and returns exit code and output."""
    waiting = tmp_path / "waiting"
    os.mkfifo(waiting)

    def run(code):
        console = Console(waiting)
        command = [sys.executable, "-c", PIP, str(waiting), str(code)]
        return install(command, console, silence=0.05), console.getvalue()

    return run


def test_a_silent_set_up_gives_signs_of_life(pip):
    """It names what pip finds, and ends with the seconds that it took."""
    code, shown = pip(0)

    assert code == 0
    assert re.fullmatch(
        r"(\. )*boto3 (\. )+\nInstalling 2 packages (\. )*\n\d+ s\n", shown
    )


def test_a_failed_set_up_prints_what_pip_said(pip):
    """Its exit code is pip's."""
    code, shown = pip(3)

    assert code == 3
    assert "\nCollecting boto3<2,>=1.34.125 (from it)\nInstalling collected" in shown


UNIT_TESTS_ALONE = """
import sys
import pytest
sys.modules["emulator"] = sys.modules["moto"] = None  # an import raises ImportError
options = ["--collect-only", "-q", "-p", "no:cacheprovider"]
sys.exit(pytest.main([*options, "tests/unit"]))
"""


def test_unit_tests_need_no_emulator():
    """It can't be imported on Python 3.9, on which they run, too."""
    done = subprocess.run(
        [sys.executable, "-c", UNIT_TESTS_ALONE],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
