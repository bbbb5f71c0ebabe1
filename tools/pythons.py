"""
The Python versions that the driver supports, and their interpreters on this machine.

Owns: the list of versions, from the classifiers in pyproject.toml.
Must not know: what runs on them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

UPCOMING = ("3.14",)
"""Tested where they are installed; supported once their tests have passed."""

_PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def supported_versions() -> list[str]:
    """Return the supported versions, lowest first, such as '3.9'."""
    # tomllib is newer than the oldest Python that runs the tools.
    classifier = r'"Programming Language :: Python :: (3\.\d+)"'
    return re.findall(classifier, _PYPROJECT.read_text())


def find_python(version: str) -> Path | None:
    """Return a working interpreter of a version such as '3.9', from path or pyenv."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    on_path = shutil.which(f"python{version}")
    candidates = [
        *([Path(on_path)] if on_path else []),
        *sorted(root.glob(f"versions/{version}.*/bin/python")),
    ]
    for candidate in candidates:
        check: list[str | Path] = [candidate, "-c", "import ensurepip, venv"]
        done = subprocess.run(check, capture_output=True, check=False)  # noqa: S603 - an interpreter
        if done.returncode == 0:
            return candidate
    return None
