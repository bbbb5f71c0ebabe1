"""
The tests on every Python that the driver supports: `make pythons`.

Unit tests run in the driver's own environment. Scenarios run in the development one,
since the emulator needs Python 3.10, with the driver in its own.
"""

from __future__ import annotations

import os
from pathlib import Path

import nox

from tools.pythons import find_python

VERSIONS = ["3.9", "3.10", "3.11", "3.12", "3.13"]
REQUIREMENTS = Path("src/requirements.txt")
TESTING = ["pytest>=8,<10", "hypothesis>=6.100,<7"]
DEVELOPMENT = ".venv/bin/python"

# So that nox finds pyenv's interpreters, which need not be on the path.
FOUND = [str(python.parent) for python in map(find_python, VERSIONS) if python]
os.environ["PATH"] = os.pathsep.join([*FOUND, os.environ["PATH"]])

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False


@nox.session(python=VERSIONS)
def tests(session: nox.Session) -> None:
    """Run the tests with the newest packages that this Python gets."""
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
