"""Finding the interpreters of this machine, pyenv's among them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


def find_python(version: str) -> Path | None:
    """Return an interpreter such as '3.9' that works, None if there is none."""
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
