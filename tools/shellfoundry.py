"""
shellfoundry, Quali's program that packs and installs shells.

Owns: running it with its own settings. Must not know: what it packs, where it installs.

Run it in a copy of the checkout: `pack` deletes all compiled files below its folder,
and adds everything in src/ to the driver's zip.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class Shellfoundry:
    """
    The program shellfoundry from an environment of its own, run in a folder.

    Its settings, and those of pip, are in `home`.
    """

    def __init__(self, program: Path, folder: Path, *, home: Path) -> None:
        self._program = program
        self._folder = folder
        self._home = home

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it; the result contains its output and exit code."""
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
        # click 7 requires a UTF-8 locale; a proxy can't reach the emulator.
        more = {"PYTHONUTF8": "1", "no_proxy": "127.0.0.0/8"}
        return {**kept, **more, "HOME": str(self._home)}
