"""
The installed shells.

Owns: adding, finding and updating them. Must not know: requests.
"""

import shutil
import tempfile
import threading
from pathlib import Path

from emulator.cloudshell.inventory import Inventory
from emulator.cloudshell.shells.packages import open_package, parse_version
from emulator.execution import Shell, ShellError


class Shells:
    """The shell from the start, if any, and the uploaded ones."""

    def __init__(self, inventory: Inventory, first: Shell | None) -> None:
        self._inventory = inventory
        self._shells = {first.name: first} if first else {}
        self._lock = threading.Lock()
        self._folder: Path | None = None

    def find(self, name: str) -> Shell | None:
        """Return the shell with this name or model, None if absent."""
        shells = self._shells.values()
        return next((each for each in shells if name in (each.name, each.model)), None)

    def is_installed(self, name: str) -> bool:
        """Return whether a shell has this name; models don't count."""
        return name in self._shells

    def has(self, shell: Shell) -> bool:
        """Return whether exactly this shell is installed."""
        return self._shells.get(shell.name) == shell

    def add(self, package: bytes) -> Shell:
        """Install a new shell; raises ShellError."""
        with self._lock:
            shell = self._open(package)
            for name in (shell.name, shell.model):
                if self.find(name):
                    raise ShellError(f"There is a shell {name!r} already")
            self._shells[shell.name] = shell
        return shell

    def add_folder(self, shell: Shell) -> None:
        """Install a shell from its folder, without a package."""
        self._shells[shell.name] = shell

    def update(self, name: str, package: bytes) -> Shell:
        """Update the shell with this name; raises ShellError."""
        with self._lock:
            old = self._shells[name]
            shell = self._open(package)
            _check_update(old, shell)
            self._inventory.replace_shell(old, shell)
            self._shells[name] = shell
        return shell

    def close(self) -> None:
        """Delete the uploaded shells."""
        if self._folder is not None:
            shutil.rmtree(self._folder)
            self._folder = None

    def _open(self, package: bytes) -> Shell:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="cloudshell-shells-"))
        shell = open_package(package, Path(tempfile.mkdtemp(dir=self._folder)))
        parse_version(shell)
        return shell


def _check_update(old: Shell, new: Shell) -> None:
    if (old.name, old.model) != (new.name, new.model):
        raise ShellError(
            f"The package holds {new.name!r} with the model {new.model!r}, "
            f"not {old.name!r} with {old.model!r}"
        )
    if parse_version(new) < parse_version(old):
        raise ShellError(
            f"{old.name!r} can't be downgraded from {old.version} to {new.version}"
        )
    gone = sorted(set(old.attributes).difference(new.attributes))
    if gone:
        raise ShellError(f"{new.model!r} can't lose its attribute {', '.join(gone)}")
