"""
The virtual environments of installed drivers.

Owns: making them by venv and pip. Must not know: commands.

As on an execution server, there is one per driver name and version. It is made before
the first command, from the driver's requirements.txt. A later driver with the same name
and version gets the same one, even if its requirements differ.
"""

import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

from emulator.execution.driver_package import REQUIREMENTS
from emulator.execution.errors import ExecutionError
from emulator.execution.shell import Shell

_LINES = 12
"""How many lines of pip's output an error contains."""


class DriverEnvironments:
    """
    Virtual environments in a folder, made with a base interpreter.

    With `packages`, pip installs from that folder only. Otherwise it uses this
    machine's settings, with index and cache.
    """

    def __init__(
        self, folder: Path, *, python: Path, packages: Path | None = None
    ) -> None:
        self._folder = folder
        self._python = python
        self._packages = packages
        self._lock = threading.Lock()

    def python_for(self, shell: Shell) -> Path:
        """Return the Python of the shell's driver; raises ExecutionError."""
        name = f"{shell.driver.name}_{shell.driver.version}"
        target = self._folder / re.sub(r"[^\w.-]", "_", name)
        python = target / "bin" / "python"
        ready = target / "ready"
        with self._lock:
            if not ready.exists():
                shutil.rmtree(target, ignore_errors=True)
                self._make(target, shell)
                ready.touch()
        return python

    def _make(self, target: Path, shell: Shell) -> None:
        python = target / "bin" / "python"
        pip: list[str | Path] = [python, "-I", "-m", "pip", "install", "--quiet"]
        if self._packages is not None:
            pip += ["--no-index", "--find-links", self._packages.resolve()]
        requirements = shell.driver_folder / REQUIREMENTS
        self._run([self._python, "-I", "-m", "venv", target], shell)
        self._run([*pip, "--no-compile", "--requirement", requirements], shell)

    def _run(self, command: list[str | Path], shell: Shell) -> None:
        try:
            done = subprocess.run(  # noqa: S603 the caller's own interpreter
                command,
                env=_pip_environment(alone=self._packages is not None),
                capture_output=True,
                text=True,
                check=False,
            )
        except OSError as error:
            raise _failure(shell, str(error)) from error
        if done.returncode:
            raise _failure(shell, done.stdout + done.stderr)


def _failure(shell: Shell, output: str) -> ExecutionError:
    # CloudShell's message has the same guess; the rest of its wording is not public.
    last_lines = "\n".join(output.strip().splitlines()[-_LINES:])
    return ExecutionError(
        f"Making the virtual environment of driver {shell.driver.name!r} failed; "
        f"the PyPi server process might be down or inaccessible.\n{last_lines}"
    )


def _pip_environment(*, alone: bool) -> dict[str, str]:
    """Return pip's environment: this machine's, or one without pip's settings."""
    if not alone:
        return dict(os.environ)
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PIP_")}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}
