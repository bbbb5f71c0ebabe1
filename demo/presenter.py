"""
Printing the steps of a demo, running scripts of examples/, and checking claims.

Owns: the console, and whether all claims were true. Must not know: the steps.

A claim is a sentence that the demo checks itself. If one is false, the demo says so and
fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from time import monotonic
from typing import Any

from rich.console import Console
from rich.markup import escape

from demo.state import MirrorState, read_state
from demo.tables import mirror_trees, number_table, result_grid
from emulator.cloudshell import Reservation
from emulator.lab import Lab
from tools.checkout import ROOT


@dataclass(frozen=True)
class ScriptResult:
    """Whether a script succeeded, what it printed, and the action results in it."""

    succeeded: bool
    text: str
    error_text: str
    results: list[dict[str, Any]]

    @property
    def session_ids(self) -> list[str]:
        """The sessions that were created."""
        return [each["sessionId"] for each in self.results if each.get("sessionId")]


class Presenter:
    """Prints the steps of a demo, and checks its claims."""

    def __init__(self, lab: Lab, console: Console) -> None:
        self._lab = lab
        self._console = console
        self._steps = 0
        self._all_true = True

    def _step(self, title: str) -> None:
        self._steps += 1
        self._console.print()
        self._console.rule(f"[bold]{self._steps}. {title}", align="left")

    def _check(self, claim: str, is_true: bool) -> None:
        """Print a claim, and whether it is true."""
        self._all_true = self._all_true and is_true
        verdict = "[bold green]Proved:[/]" if is_true else "[bold red]NOT proved:[/]"
        self._console.print(f"{verdict} {escape(claim)}")

    def _run_script(
        self,
        name: str,
        sandbox: Reservation,
        *arguments: str,
        show_errors: bool = True,
    ) -> ScriptResult:
        """Run a script of examples/, and print its output."""
        command = escape(" ".join([f"python examples/{name}", sandbox.id, *arguments]))
        self._console.print(f"[dim]$[/dim] {command}", soft_wrap=True)
        started = monotonic()
        done = subprocess.run(  # noqa: S603 - the project's own script
            [sys.executable, ROOT / "examples" / name, sandbox.id, *arguments],
            env={**os.environ, "CLOUDSHELL_SERVER": self._lab.cloudshell.host},
            capture_output=True,
            text=True,
            check=False,
        )
        answer = json.loads(done.stdout) if done.stdout.startswith("{") else {}
        results = answer.get("driverResponse", {}).get("actionResults", [])
        for result in results:
            self._console.print(result_grid(result))
        if not results:
            self._console.print(escape(done.stdout), soft_wrap=True, end="")
        if done.stderr and show_errors:
            self._console.print(escape(done.stderr), style="red", soft_wrap=True)
        self._console.print(f"[dim]{monotonic() - started:.1f} s[/dim]")
        return ScriptResult(done.returncode == 0, done.stdout, done.stderr, results)

    def _show_resources(self) -> None:
        trees = mirror_trees(self._lab.client)
        for tree in trees:
            self._console.print(tree)
        if not trees:
            self._console.print("EC2 has no traffic mirror sessions, filters, targets.")
        self._console.print(number_table(self._lab.cloudshell.pools.held()))

    def _state(self) -> MirrorState:
        return read_state(self._lab)
