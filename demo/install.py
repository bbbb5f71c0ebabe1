"""
`make install`: pack, install and run the shell as on a real CloudShell.

Owns: the steps of the installation, and the command line.
Must not know: how CloudShell installs a shell.

Quali's shellfoundry packs and uploads a copy of the checkout, the emulated CloudShell
unpacks it, and pip makes the driver's virtual environment from the uploaded files.
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

from demo.walkthrough import APPS, CREATE, Demo
from emulator.cloudshell import AddressesInUseError
from emulator.lab import RESOURCE, Lab
from tools.checkout import copy_checkout
from tools.shellfoundry import Shellfoundry

CLEANUP = {"driverRequest": {"actions": [{"type": "cleanupNetwork", "actionId": "1"}]}}


class InstallDemo(Demo):
    """Shows the installation of the shell, then the steps of `make demo`."""

    def run_installed(self, shellfoundry: Shellfoundry, checkout: Path) -> bool:
        """Show all steps; return whether all of them succeeded."""
        if not self.install(shellfoundry, checkout):
            return False
        self.discover()
        return self.run() and self.clean_up()

    def install(self, shellfoundry: Shellfoundry, checkout: Path) -> bool:
        """Pack and install the shell, and add a resource; return False on failure."""
        self._step("Pack a copy of the checkout, as for a release")
        if not self._run_shellfoundry(shellfoundry, "pack"):
            return False
        (package,) = (checkout / "dist").glob("*.zip")
        self._console.print(_contents(package))

        self._step("Install it in CloudShell")
        host = self._lab.cloudshell.host
        if not self._run_shellfoundry(shellfoundry, "config", "host", host):
            return False
        if not self._run_shellfoundry(shellfoundry, "install"):
            return False
        shell = self._lab.cloudshell.shell(package.stem)
        self._print(
            f"CloudShell now has the shell {shell.name!r}, version {shell.version}, "
            f"with the commands {', '.join(shell.driver.commands)}."
        )
        self._lab.add_provider(shell)
        self._print(f"Its resource {RESOURCE!r} was added.")
        return True

    def discover(self) -> None:
        """Run the first command, before which pip makes the driver's environment."""
        self._step("Discover the resource (AutoLoad), the driver's first command")
        started = monotonic()
        self._lab.cloudshell.session().AutoLoad(RESOURCE)
        driver = self._lab.execution.loaded_driver(RESOURCE)
        if driver is not None:
            self._print(
                "pip made the driver's virtual environment from the uploaded "
                f"requirements.txt. The driver runs on Python {driver.python}."
            )
            self._print(f"Environment: {driver.prefix}")
            self._print(f"Driver: {driver.file}")
        self._console.print(f"[dim]{monotonic() - started:.1f} s[/dim]")

    def clean_up(self) -> bool:
        """Clean a sandbox up; return whether all claims are true."""
        self._step("Create a mirror in another sandbox, and clean it up")
        sandbox = self._lab.deploy("To be cleaned up", dict.fromkeys(APPS))
        created = self._run_script(CREATE, sandbox, *APPS)
        inputs = [InputNameValue("request", json.dumps(CLEANUP))]
        answer = self._lab.cloudshell.session().ExecuteCommand(
            sandbox.id, RESOURCE, "Resource", "CleanupSandboxInfra", inputs
        )
        self._console.print_json(answer.Output)
        self._show_resources()
        results = json.loads(answer.Output)["driverResponse"]["actionResults"]
        self._check(
            "the mirror was created, and nothing of the sandbox remains.",
            created.succeeded
            and all(result["success"] for result in results)
            and self._state().is_empty,
        )
        return self._all_true

    def _run_shellfoundry(self, shellfoundry: Shellfoundry, *arguments: str) -> bool:
        self._console.print(f"[dim]$[/dim] shellfoundry {escape(' '.join(arguments))}")
        done = shellfoundry.run(*arguments)
        self._print(done.stdout.strip())
        return done.returncode == 0

    def _print(self, text: str) -> None:
        self._console.print(escape(text), soft_wrap=True)


def _contents(package: Path) -> Table:
    """Return a table of the files in a shell's package."""
    table = Table("File in the package", "Bytes", title=package.name)
    with zipfile.ZipFile(package) as archive:
        for entry in archive.infolist():
            if not entry.is_dir():
                table.add_row(entry.filename, str(entry.file_size))
    return table


def main() -> None:
    """Run the demo from the command line."""
    parser = argparse.ArgumentParser(prog="make install", description=__doc__)
    parser.add_argument("shellfoundry", type=Path, help="the program shellfoundry")
    parser.add_argument("python", nargs="?", help="the Python for the driver")
    arguments = parser.parse_args()
    console = Console(highlight=False)
    if not arguments.python:
        console.print(
            "Python 3.9, CloudShell's version, was not found; using another one."
        )
    console.print("Starting EC2 and CloudShell on this machine ...")
    try:
        succeeded = _run(console, arguments.shellfoundry, arguments.python)
    except AddressesInUseError as error:
        sys.exit(str(error))
    sys.exit(0 if succeeded else 1)


def _run(console: Console, program: Path, python: str | None) -> bool:
    with (
        tempfile.TemporaryDirectory(prefix="traffic-mirroring-install-") as folder,
        Lab(python=python or sys.executable, driver_folder=None) as lab,
    ):
        checkout = copy_checkout(Path(folder) / "checkout")
        shellfoundry = Shellfoundry(program.absolute(), checkout, home=Path(folder))
        return InstallDemo(lab, console).run_installed(shellfoundry, checkout)


if __name__ == "__main__":
    main()
