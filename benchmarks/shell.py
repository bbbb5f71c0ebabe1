"""A shell under comparison: its resource, its driver's environment, its commands."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloudshell.api.cloudshell_api import CloudShellAPISession, InputNameValue

from benchmarks.costs import Cost, measure
from benchmarks.costs import peak_megabytes as read_peak_megabytes
from emulator.cloudshell import Resource
from emulator.execution import Shell as ShellDefinition
from emulator.lab import ACCESS_KEY, Lab


class CommandFailed(RuntimeError):
    """An action failed, so there is nothing to measure."""


@dataclass(frozen=True)
class Shell:
    """A shell with its own resource and its own environment for the driver."""

    lab: Lab
    session: CloudShellAPISession
    name: str

    @classmethod
    def add(cls, lab: Lab, name: str, definition: ShellDefinition) -> Shell:
        """Add a resource of the shell; its environment is created at the first use."""
        attributes = {
            "Region": lab.ec2.region,
            "AWS Access Key ID": ACCESS_KEY,
            "AWS Secret Access Key": "invented",
        }
        lab.cloudshell.add_shell(definition)
        lab.cloudshell.add_resource(
            Resource(name=name, shell=definition, attributes=attributes)
        )
        return cls(lab, lab.cloudshell.session(), name)

    def run(self, reservation: str, command: str, actions: list[object]) -> Cost:
        """Run a command, which must succeed, and measure its cost."""
        self.lab.ec2.clear_calls()
        return measure(
            lambda: self._execute(reservation, command, actions),
            lambda: self.lab.execution.driver_pid(self.name),
            lambda: len(self.lab.ec2.calls),
        )

    def seconds_from_cold(self, reservation: str, actions: list[object]) -> float:
        """Return the seconds until a new driver process answers its first command."""
        self.lab.execution.terminate(self.name)
        return self.seconds(reservation, "CreateTrafficMirroring", actions)

    def seconds(self, reservation: str, command: str, actions: list[object]) -> float:
        """Run a command, which must succeed, and return how long it takes."""
        started = time.monotonic()
        self._execute(reservation, command, actions)
        return time.monotonic() - started

    @property
    def peak_megabytes(self) -> float:
        """The peak memory of the driver's process in megabytes."""
        pid = self.lab.execution.driver_pid(self.name)
        return read_peak_megabytes(pid) if pid else 0.0

    def results(
        self, reservation: str, command: str, actions: list[object]
    ) -> list[dict[str, Any]]:
        """Run a command; return its action results, successful or not."""
        text = json.dumps({"driverRequest": {"actions": actions}})
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

    def _execute(self, reservation: str, command: str, actions: list[object]) -> None:
        results = self.results(reservation, command, actions)
        failed = [each["errorMessage"] for each in results if not each["success"]]
        if failed:
            raise CommandFailed(f"{self.name}: {command}: {failed[0]}")


def python_of(lab: Lab, shell: str) -> Path:
    """Return the Python of a shell's driver; RuntimeError if the driver never ran."""
    loaded = lab.execution.loaded_driver(shell)
    if loaded is None:
        raise RuntimeError(f"{shell} has not run yet, so it has no environment")
    return loaded.prefix / "bin" / "python"
