"""
Renew constraints.txt, the versions in `.venv`: `make constraints`.

Owns: the file, and with which Python it is made. Must not know: the requirements.

It is made with the oldest Python that runs the emulator, because packages that support
that one support the newer ones, too. The reverse isn't true.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tools.checkout import ROOT
from tools.install import install
from tools.pythons import find_python

FILE = ROOT / "constraints.txt"
PYTHON = "3.10"

_HEAD = f"""\
# The versions in .venv, for every supported Python. `make constraints` made it with
# Python {PYTHON}; don't edit it.
"""


def renew() -> int:
    """Install the newest allowed versions, and write them down; return an exit code."""
    python = find_python(PYTHON)
    if python is None:
        print(f"Install Python {PYTHON}: a newer one would choose other versions.")  # noqa: T201
        return 1
    with tempfile.TemporaryDirectory() as folder:
        _run(python, "-m", "venv", folder)
        inside = Path(folder) / "bin" / "python"
        code = install(
            [str(inside), "-m", "pip", "install", "--editable", ".[dev,bench]"],
            sys.stdout,
        )
        if code == 0:
            frozen = _run(inside, "-m", "pip", "freeze", "--exclude-editable")
            FILE.write_text(_HEAD + frozen)
    return code


def _run(*command: str | Path) -> str:
    done = subprocess.run(  # noqa: S603 - an interpreter
        command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


if __name__ == "__main__":
    sys.exit(renew())
