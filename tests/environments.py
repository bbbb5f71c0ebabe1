"""
Virtual environments for tests that need other packages than the development one.

They are created once and kept in `.environments/`, named by a hash of their contents.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.pythons import find_python

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".environments"


def need_python(version: str) -> Path:
    """Return an interpreter of the version; skip the test if there is none."""
    python = find_python(version)
    if python is None:
        pytest.skip(f"there is no Python {version} on this machine")
    return python


def environment(python: str | Path, *arguments: str, purpose: str = "") -> Path:
    """
    Return the Python of an environment in which pip installed these arguments.

    A changed file among the arguments gives another environment. A test that changes
    its environment names a `purpose`, and so gets its own.
    """
    files = [path for path in map(Path, arguments) if path.is_file()]
    contents = [purpose, str(python), *arguments, *(path.read_text() for path in files)]
    name = hashlib.sha256("\n".join(contents).encode()).hexdigest()[:16]
    folder = FOLDER / name
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ready = folder / "ready"
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)
            _run(python, "-m", "venv", folder)
            pip = (folder / "bin" / "python", "-m", "pip", "install", "--no-compile")
            _run(*pip, "-q", *arguments)
            ready.touch()
    return folder / "bin" / "python"


def build_wheel(source: Path, folder: Path) -> Path:
    """Build the library's wheel from a copy of the checkout into a folder."""
    _run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, source)
    (wheel,) = folder.glob("*.whl")
    return wheel


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        [*command], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if done.returncode:
        pytest.fail(f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")
