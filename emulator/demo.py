"""
What `make demo` shows: a mirror created and removed by the scripts of examples/.

The scripts talk to the emulated CloudShell as they would to a real one; what they
caused is then read from EC2 and from CloudShell's pools.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path
from time import monotonic

from rich.console import Console
from rich.json import JSON
from rich.markup import escape

from emulator.cloudshell import Reservation
from emulator.demo_tables import app_table, mirror_trees, number_table
from emulator.lab import ROOT, Lab

APPS = {"web": "eni-008322622e675cd80", "capture": "eni-05fc8d0b34b762305"}
"""The NIC ids of the platform vendor's own example."""


class Demo:
    """Tells the story, step by step, on a console."""

    def __init__(self, lab: Lab, console: Console) -> None:
        self._lab = lab
        self._console = console
        self._steps = 0

    def run(self, request: Path | None) -> bool:
        """Show everything; return whether every action succeeded."""
        self._step("Deploy Apps in a sandbox")
        sandbox = self._lab.deploy("Traffic mirroring demo", _apps(request))
        self._console.print(app_table(sandbox))

        self._step("Create the mirror, as a setup script would")
        what = ["--request", str(request)] if request else ["web", "capture"]
        created = self._script("create_traffic_mirroring.py", sandbox, *what)

        self._step("What now stands in EC2, and which session numbers are out")
        self._show_world()

        self._step("Remove it, as a teardown script would")
        removed = [
            self._script("remove_traffic_mirroring.py", sandbox, "--target-nic", nic)
            for nic in self._target_nics()
        ]
        if not removed:
            self._console.print("There is nothing to remove.")
        self._step("What is left")
        self._show_world()
        return created and all(removed)

    def _step(self, title: str) -> None:
        self._steps += 1
        self._console.print()
        self._console.rule(f"[bold]{self._steps}. {title}", align="left")

    def _script(self, name: str, sandbox: Reservation, *arguments: str) -> bool:
        shown = escape(f"python examples/{name} {sandbox.id} {' '.join(arguments)}")
        self._console.print(f"[dim]$[/dim] {shown}", soft_wrap=True)
        started = monotonic()
        done = subprocess.run(  # noqa: S603 - the project's own script
            [sys.executable, ROOT / "examples" / name, sandbox.id, *arguments],
            env={**os.environ, "CLOUDSHELL_SERVER": self._lab.cloudshell.host},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.stdout:
            self._console.print(JSON(done.stdout), soft_wrap=True)
        if done.stderr:
            self._console.print(escape(done.stderr), style="red", soft_wrap=True)
        self._console.print(f"[dim]{monotonic() - started:.1f} s[/dim]")
        return done.returncode == 0

    def _show_world(self) -> None:
        trees = mirror_trees(self._lab.client)
        for tree in trees:
            self._console.print(tree)
        if not trees:
            self._console.print("EC2 has no traffic mirror sessions, filters, targets.")
        self._console.print(number_table(self._lab.cloudshell.pools.held()))

    def _target_nics(self) -> list[str]:
        targets = self._lab.client.describe_traffic_mirror_targets()
        return [
            target["NetworkInterfaceId"] for target in targets["TrafficMirrorTargets"]
        ]


def _apps(request: Path | None) -> dict[str, str]:
    """Return Apps by name with their NICs: those that a request file names."""
    if not request:
        return APPS
    nics = re.findall(r"eni-[0-9a-f]{8,17}\b", request.read_text(encoding="utf-8"))
    return {f"app-{number}": nic for number, nic in enumerate(dict.fromkeys(nics), 1)}


def main() -> None:
    """Run the demo from the command line."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--request", type=Path, help="a CreateTrafficMirroring request")
    request = parser.parse_args().request
    if request and not request.is_file():
        sys.exit(f"There is no request file {request}")
    console = Console(highlight=False)
    console.print("Starting EC2 and CloudShell on this machine ...")
    with Lab() as lab:
        sys.exit(0 if Demo(lab, console).run(request) else 1)


if __name__ == "__main__":
    main()
