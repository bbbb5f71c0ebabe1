"""
Virtual environments for tests that need other packages than the development one.

They, and the library's wheel, are created once and kept in `.environments/`, named by a
hash of their contents.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.checkout import ROOT, copy_checkout
from tools.pythons import find_python

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

    def create(folder: Path) -> None:
        _run(python, "-m", "venv", folder)
        pip = (folder / "bin" / "python", "-m", "pip", "install", "--no-compile")
        _run(*pip, "-q", *arguments)

    return _created_once("\n".join(contents).encode(), create) / "bin" / "python"


def built_wheel() -> Path:
    """Return the library's wheel; only a changed checkout gives another one."""
    with tempfile.TemporaryDirectory() as folder:
        source = copy_checkout(Path(folder) / "source")
        files = sorted(path for path in source.rglob("*") if path.is_file())
        contents = [f"{path.relative_to(source)}".encode() for path in files]
        contents += [path.read_bytes() for path in files]

        def build(folder: Path) -> None:
            pip = (sys.executable, "-m", "pip", "wheel", "-q", "--no-deps")
            _run(*pip, "-w", folder, source)

        (wheel,) = _created_once(b"\n".join(contents), build).glob("*.whl")
    return wheel


def _created_once(contents: bytes, create: Callable[[Path], None]) -> Path:
    """Return the folder for these contents, which is created if there is none."""
    name = hashlib.sha256(contents).hexdigest()[:16]
    folder = FOLDER / name
    FOLDER.mkdir(exist_ok=True)
    with (FOLDER / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ready = folder / "ready"
        if not ready.exists():
            shutil.rmtree(folder, ignore_errors=True)
            create(folder)
            ready.touch()
    return folder


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        [*command], capture_output=True, text=True, check=False, cwd=ROOT
    )
    if done.returncode:
        pytest.fail(f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}")
