"""
What a demo is told with: steps, scripts of examples/, what stands, and proofs.

A proof is a claim that the demo has checked itself; one that doesn't hold is told as
such, and the demo fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from emulator.cloudshell import Reservation
from emulator.demo_tables import mirror_trees, number_table, result_grid
from emulator.lab import ROOT, Lab

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import TrafficMirrorSessionTypeDef


@dataclass(frozen=True)
class Standing:
    """What there is of mirroring: the ids in EC2, and CloudShell's numbers by NIC."""

    sessions: frozenset[str]
    filters: frozenset[str]
    targets: frozenset[str]
    numbers: frozenset[tuple[str, int]]

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing at all."""
        return not (self.sessions or self.filters or self.targets or self.numbers)

    @property
    def counted(self) -> str:
        """Count it in words."""
        counts = {
            "session": self.sessions,
            "filter": self.filters,
            "target": self.targets,
            "session number": self.numbers,
        }
        words = [
            f"{len(ids)} {name}{'' if len(ids) == 1 else 's'}"
            for name, ids in counts.items()
        ]
        return f"{', '.join(words)} out"


@dataclass(frozen=True)
class Ran:
    """How a script ended, and the results of its actions, if it got as far."""

    succeeded: bool
    results: list[dict[str, Any]]

    @property
    def session_ids(self) -> list[str]:
        """The sessions that a creation answered with."""
        return [each["sessionId"] for each in self.results if each.get("sessionId")]


class Stage:
    """A lab and a console, and whether all proofs held so far."""

    def __init__(self, lab: Lab, console: Console) -> None:
        self._lab = lab
        self._console = console
        self._steps = 0
        self._held = True

    def _step(self, title: str) -> None:
        self._steps += 1
        self._console.print()
        self._console.rule(f"[bold]{self._steps}. {title}", align="left")

    def _prove(self, claim: str, holds: bool) -> None:
        """Tell a claim, and whether it was found true."""
        self._held = self._held and holds
        told = "[bold green]Proved:[/]" if holds else "[bold red]NOT proved:[/]"
        self._console.print(f"{told} {escape(claim)}")

    def _script(self, name: str, sandbox: Reservation, *arguments: str) -> Ran:
        """Run a script of examples/, and show what it prints."""
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
        answer = json.loads(done.stdout) if done.stdout else {}
        results = answer.get("driverResponse", {}).get("actionResults", [])
        for result in results:
            self._console.print(result_grid(result))
        if done.stderr:
            self._console.print(escape(done.stderr), style="red", soft_wrap=True)
        self._console.print(f"[dim]{monotonic() - started:.1f} s[/dim]")
        return Ran(done.returncode == 0, results)

    def _show_world(self) -> None:
        trees = mirror_trees(self._lab.client)
        for tree in trees:
            self._console.print(tree)
        if not trees:
            self._console.print("EC2 has no traffic mirror sessions, filters, targets.")
        self._console.print(number_table(self._lab.cloudshell.pools.held()))

    def _sessions(self) -> Sequence[TrafficMirrorSessionTypeDef]:
        answer = self._lab.client.describe_traffic_mirror_sessions()
        return answer["TrafficMirrorSessions"]

    def _standing(self) -> Standing:
        client = self._lab.client
        filters = client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
        targets = client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]
        held = self._lab.cloudshell.pools.held()
        return Standing(
            frozenset(each["TrafficMirrorSessionId"] for each in self._sessions()),
            frozenset(each["TrafficMirrorFilterId"] for each in filters),
            frozenset(each["TrafficMirrorTargetId"] for each in targets),
            frozenset((nic, number) for nic in held for number in held[nic]),
        )
