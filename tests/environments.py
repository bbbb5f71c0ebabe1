"""
Virtual environments of their own, for what can't live in the development one.

They are made once and kept in `.environments/`, by what is installed in them.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.pythons import find_python

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".environments"


def need_python(version: str) -> Path:
    """Return an interpreter of the version; skip the test where there is none."""
    python = find_python(version)
    if python is None:
        pytest.skip(f"there is no Python {version} on this machine")
    return python


def environment(python: str | Path, *arguments: str, purpose: str = "") -> Path:
    """
    Return the Python of an environment in which pip installed these arguments.

    A file that is named among them counts with its content: changed, it makes another
    environment. For a purpose that would disturb others there is one of its own.
    """
    files = [path for path in map(Path, arguments) if path.is_file()]
    what = [purpose, str(python), *arguments, *(path.read_text() for path in files)]
    name = hashlib.sha256("\n".join(what).encode()).hexdigest()[:16]
    place = FOLDER / name
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ready = place / "ready"
        if not ready.exists():
            shutil.rmtree(place, ignore_errors=True)
            _run(python, "-m", "venv", place)
            _run(place / "bin" / "python", "-m", "pip", "install", "-q", *arguments)
            ready.touch()
    return place / "bin" / "python"


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        [*command], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if done.returncode:
        pytest.fail(f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")
