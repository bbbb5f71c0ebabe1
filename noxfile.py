"""
Runs the tests on every Python that the driver supports: `make pythons`.

Unit tests run in an environment with the driver's requirements. Scenarios run in the
development environment, because the emulator needs Python 3.10 or newer, and start the
driver in the other one.
"""

from __future__ import annotations

import os
from pathlib import Path

import nox

from tools.pythons import UPCOMING, find_python, supported_versions

VERSIONS = [*supported_versions(), *UPCOMING]
REQUIREMENTS = Path("src/requirements.txt")
TESTING = ["pytest>=8,<10", "hypothesis>=6.100,<7", "jsonschema>=4,<5"]
DEVELOPMENT = ".venv/bin/python"

# nox looks for interpreters on the path only; pyenv's may be elsewhere.
FOUND = [str(python.parent) for python in map(find_python, VERSIONS) if python]
os.environ["PATH"] = os.pathsep.join([*FOUND, os.environ["PATH"]])

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False


@nox.session(python=VERSIONS)
def tests(session: nox.Session) -> None:
    """Run the tests with the newest packages that support this Python."""
    session.install("-r", str(REQUIREMENTS))
    _test(session)


@nox.session(python=VERSIONS[0])
def lowest(session: nox.Session) -> None:
    """Run the tests with the oldest packages that the requirements allow."""
    lower_bounds = [
        line.split(",")[0].replace(">=", "==")
        for line in REQUIREMENTS.read_text().splitlines()
    ]
    session.install(*lower_bounds)
    _test(session)


def _test(session: nox.Session) -> None:
    session.run("python", "-m", "pip", "check")
    session.install(*TESTING)
    session.run("python", "-m", "pytest", "tests/unit", env={"PYTHONPATH": "src"})
    session.run(
        *(DEVELOPMENT, "-m", "pytest", "--numprocesses", "4", "--dist", "loadfile"),
        *(session.posargs or ["tests/scenario"]),
        env={"DRIVER_PYTHON": str(Path(session.bin) / "python")},
        external=True,
    )
