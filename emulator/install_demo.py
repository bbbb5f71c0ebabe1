"""
What `make install` shows: the shell packed, installed and used as on a real CloudShell.

Quali's own shellfoundry packs a copy of the checkout and uploads it; the emulated
CloudShell takes it apart; pip makes the driver's environment from what was uploaded.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import zipfile
from pathlib import Path
from time import monotonic

from cloudshell.api.cloudshell_api import InputNameValue
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from emulator.demo import APPS, CREATE, Demo
from emulator.lab import RESOURCE, Lab
from emulator.shellfoundry import Shellfoundry, copy_checkout

CLEANUP = {"driverRequest": {"actions": [{"type": "cleanupNetwork", "actionId": "1"}]}}


class InstallDemo(Demo):
    """Tells how the shell gets into CloudShell, and then what `make demo` tells."""

    def run_installed(self, shellfoundry: Shellfoundry, checkout: Path) -> bool:
        """Show everything; return whether all of it succeeded."""
        if not self.install(shellfoundry, checkout):
            return False
        self.discover()
        return self.run(None) and self.clean_up()

    def install(self, shellfoundry: Shellfoundry, checkout: Path) -> bool:
        """Show the way from the checkout to the first command."""
        self._step("Pack a copy of the checkout, as for a release")
        if not self._shellfoundry(shellfoundry, "pack"):
            return False
        (package,) = (checkout / "dist").glob("*.zip")
        self._console.print(_contents(package))

        self._step("Install it in CloudShell")
        host = self._lab.cloudshell.host
        if not self._shellfoundry(shellfoundry, "config", "host", host):
            return False
        if not self._shellfoundry(shellfoundry, "install"):
            return False
        shell = self._lab.cloudshell.shell(package.stem)
        self._say(
            f"CloudShell now has the shell {shell.name!r}, version {shell.version}, "
            f"with the commands {', '.join(shell.driver.commands)}."
        )
        self._lab.add_provider(shell)
        self._say(f"The resource {RESOURCE!r} of it was added.")
        return True

    def discover(self) -> None:
        """Show the first command, for which pip makes the driver's environment."""
        self._step("Discover the resource (AutoLoad), the driver's first command")
        started = monotonic()
        self._lab.cloudshell.session().AutoLoad(RESOURCE)
        driver = self._lab.execution.loaded_driver(RESOURCE)
        if driver is not None:
            self._say(
                "pip made the driver's virtual environment of the uploaded "
                f"requirements.txt. The driver runs on Python {driver.python}."
            )
            self._say(f"Environment: {driver.prefix}")
            self._say(f"Driver: {driver.file}")
        self._console.print(f"[dim]{monotonic() - started:.1f} s[/dim]")

    def clean_up(self) -> bool:
        """Show that the end of a sandbox leaves nothing; return whether all held."""
        self._step("Create a mirror in another sandbox, and end that one")
        sandbox = self._lab.deploy("To be cleaned up", dict.fromkeys(APPS))
        created = self._script(CREATE, sandbox, *APPS)
        inputs = [InputNameValue("request", json.dumps(CLEANUP))]
        answer = self._lab.cloudshell.session().ExecuteCommand(
            sandbox.id, RESOURCE, "Resource", "CleanupSandboxInfra", inputs
        )
        self._console.print_json(answer.Output)
        self._show_world()
        results = json.loads(answer.Output)["driverResponse"]["actionResults"]
        self._prove(
            "the mirror was there, and nothing of the sandbox is left.",
            created.succeeded
            and all(result["success"] for result in results)
            and self._standing().is_empty,
        )
        return self._held

    def _shellfoundry(self, shellfoundry: Shellfoundry, *arguments: str) -> bool:
        self._console.print(f"[dim]$[/dim] shellfoundry {escape(' '.join(arguments))}")
        done = shellfoundry.run(*arguments)
        self._say(done.stdout.strip())
        return done.returncode == 0

    def _say(self, text: str) -> None:
        self._console.print(escape(text), soft_wrap=True)


def _contents(package: Path) -> Table:
    """Return what a shell's package holds."""
    table = Table("File of the package", "Bytes", title=package.name)
    with zipfile.ZipFile(package) as archive:
        for entry in archive.infolist():
            if not entry.is_dir():
                table.add_row(entry.filename, str(entry.file_size))
    return table


def main() -> None:
    """Run the demo from the command line."""
    parser = argparse.ArgumentParser(prog="make install", description=__doc__)
    parser.add_argument("shellfoundry", type=Path, help="the program")
    parser.add_argument("python", nargs="?", help="makes the driver's environment")
    given = parser.parse_args()
    console = Console(highlight=False)
    if not given.python:
        console.print("There is no Python 3.9, as CloudShell has; another is taken.")
    console.print("Starting EC2 and CloudShell on this machine ...")
    with (
        tempfile.TemporaryDirectory(prefix="traffic-mirroring-install-") as folder,
        Lab(python=given.python or sys.executable, driver_folder=None) as lab,
    ):
        checkout = copy_checkout(Path(folder) / "checkout")
        program = given.shellfoundry.absolute()
        shellfoundry = Shellfoundry(program, checkout, home=Path(folder))
        succeeded = InstallDemo(lab, console).run_installed(shellfoundry, checkout)
    sys.exit(0 if succeeded else 1)


if __name__ == "__main__":
    main()
