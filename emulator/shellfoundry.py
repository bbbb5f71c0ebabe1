"""
Quali's shellfoundry, as a shell's developer runs it. Must not know: what it talks to.

It works in a copy of the checkout, because `pack` deletes every compiled file below the
folder it runs in, and puts all that lies in src/ into the driver's zip.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from shutil import copytree, ignore_patterns

from emulator.lab import ROOT

_NOT_COPIED = (".*", "build", "dist", "*.egg-info", "__pycache__")


def copy_checkout(to: Path) -> Path:
    """Copy what belongs to the project, and nothing that was made from it."""
    unwanted = ignore_patterns(*_NOT_COPIED)
    return Path(copytree(ROOT, to, symlinks=True, ignore=unwanted))


class Shellfoundry:
    """
    The program shellfoundry, of an environment of its own, run in a folder.

    Its settings lie in `home`, which is also where pip has its own.
    """

    def __init__(self, program: Path, folder: Path, *, home: Path) -> None:
        self._program = program
        self._folder = folder
        self._home = home

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end; its words and its exit code are in the result."""
        return subprocess.run(  # noqa: S603 the program that the caller installed
            [self._program, *arguments],
            cwd=self._folder,
            env=self._environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k != "XDG_CONFIG_HOME"}
        # click 7 refuses to work where the locale is plain ASCII; a proxy can't reach
        # the emulator.
        more = {"PYTHONUTF8": "1", "no_proxy": "127.0.0.0/8"}
        return {**kept, **more, "HOME": str(self._home)}
