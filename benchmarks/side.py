"""One of the two shells that are compared, and how its commands are called."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloudshell.api.cloudshell_api import CloudShellAPISession, InputNameValue

from benchmarks.figures import Cost, measured, peak_megabytes
from emulator.cloudshell import Resource
from emulator.execution import Shell, load_shell
from emulator.lab import ACCESS_KEY, ROOT, Lab

PEER = Path(__file__).parent / "peer"


class CommandFailed(RuntimeError):
    """An action of a command failed; there is nothing to measure."""


def load_ours() -> Shell:
    """Return this checkout's shell."""
    return load_shell(ROOT / "shell-definition.yaml", driver_folder=ROOT / "src")


def load_peer() -> Shell:
    """Return the shell around cloudshell-cp-aws."""
    return load_shell(PEER / "shell-definition.yaml", driver_folder=PEER)


@dataclass(frozen=True)
class Side:
    """A shell with a resource of its own; its driver runs in its own environment."""

    lab: Lab
    session: CloudShellAPISession
    name: str

    @classmethod
    def add(cls, lab: Lab, name: str, shell: Shell) -> Side:
        """Add a resource of the shell; its environment is made with its first use."""
        attributes = {
            "Region": lab.ec2.region,
            "AWS Access Key ID": ACCESS_KEY,
            "AWS Secret Access Key": "invented",
        }
        lab.cloudshell.add_shell(shell)
        lab.cloudshell.add_resource(
            Resource(name=name, shell=shell, attributes=attributes)
        )
        return cls(lab, lab.cloudshell.session(), name)

    def run(self, reservation: str, command: str, actions: list[object]) -> Cost:
        """Execute a command, and say what it cost the driver's process and EC2."""
        text = json.dumps({"driverRequest": {"actions": actions}})
        self.lab.ec2.clear_calls()
        return measured(
            lambda: self._execute(reservation, command, text),
            lambda: self.lab.execution.driver_pid(self.name),
            lambda: len(self.lab.ec2.calls),
        )

    def from_cold(self, reservation: str, actions: list[object]) -> float:
        """Return the seconds to the first answer of a driver that doesn't run yet."""
        self.lab.execution.terminate(self.name)
        text = json.dumps({"driverRequest": {"actions": actions}})
        started = time.monotonic()
        self._execute(reservation, "CreateTrafficMirroring", text)
        return time.monotonic() - started

    @property
    def peak(self) -> float:
        """The megabytes that the driver's process needed at most."""
        pid = self.lab.execution.driver_pid(self.name)
        return peak_megabytes(pid) if pid else 0.0

    def results(
        self, reservation: str, command: str, actions: list[object]
    ) -> list[dict[str, Any]]:
        """Execute a command; return its action results, whatever they say."""
        text = json.dumps({"driverRequest": {"actions": actions}})
        return self._results(reservation, command, text)

    def _execute(self, reservation: str, command: str, text: str) -> None:
        results = self._results(reservation, command, text)
        failed = [each["errorMessage"] for each in results if not each["success"]]
        if failed:
            raise CommandFailed(f"{self.name}: {command}: {failed[0]}")

    def _results(
        self, reservation: str, command: str, text: str
    ) -> list[dict[str, Any]]:
        output = self.session.ExecuteCommand(
            reservation,
            self.name,
            "Resource",
            command,
            [InputNameValue("request", text)],
        ).Output
        results: list[dict[str, Any]] = json.loads(output)["driverResponse"][
            "actionResults"
        ]
        return results
