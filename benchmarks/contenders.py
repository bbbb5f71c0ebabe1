"""The shells under comparison: this checkout's, version 1.0.0, and the stock shell."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from benchmarks.shell import Shell
from emulator.execution import Shell as ShellDefinition
from emulator.execution import load_shell
from emulator.lab import Lab
from tools.checkout import ROOT
from tools.pythons import find_python

THIS_SHELL = "this shell"
FIRST_VERSION = "version 1.0.0"
STOCK_SHELL = "stock shell"
ALL = (THIS_SHELL, FIRST_VERSION, STOCK_SHELL)
TODAYS = (THIS_SHELL, STOCK_SHELL)

_FIRST_COMMIT = "c873d51"
_FOLDERS = {
    THIS_SHELL: (ROOT, ROOT / "src"),
    FIRST_VERSION: (
        ROOT / ".environments" / "version-1.0.0",
        ROOT / ".environments" / "version-1.0.0" / "src",
    ),
    STOCK_SHELL: (ROOT / "benchmarks" / "stock_shell",) * 2,
}


def driver_folder(name: str) -> Path:
    """Return the folder of a shell's driver."""
    return _FOLDERS[name][1]


@contextmanager
def lab_with(
    names: Sequence[str], python_version: str
) -> Iterator[tuple[Lab, list[Shell]]]:
    """Run a lab with these shells, on this version of Python if it is installed."""
    python = find_python(python_version) or Path(sys.executable)
    definitions = {name: _load(name) for name in names}
    with Lab(python=python, driver_folder=None) as lab:
        # The stock shell sends empty filters; AWS doesn't document if EC2 takes them.
        lab.ec2.settings.empty_filters = True
        yield lab, [Shell.add(lab, *each) for each in definitions.items()]


def second_process(shell: Shell) -> Shell:
    """Add a second resource of a shell, which has a driver process of its own."""
    return Shell.add(shell.lab, f"{shell.name}, second process", _load(shell.name))


def _load(name: str) -> ShellDefinition:
    """Return a shell that has its name and its driver's environment for itself."""
    if name == FIRST_VERSION:
        _extract(_FIRST_COMMIT, _FOLDERS[name][0])
    folder, driver = _FOLDERS[name]
    shell = load_shell(folder / "shell-definition.yaml", driver_folder=driver)
    return replace(shell, name=name, driver=replace(shell.driver, name=name))


def _extract(commit: str, folder: Path) -> None:
    """Write the shell of a commit into a folder, unless it is there."""
    if folder.exists():
        return
    done = subprocess.run(  # noqa: S603 - our own commit
        ["git", "archive", commit, "src", "shell-definition.yaml"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        reason = done.stderr.decode().strip()
        sys.exit(f"Version 1.0.0 is measured from git's history: {reason}")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
