"""One of the two shells that are compared, and how its commands are called."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloudshell.api.cloudshell_api import CloudShellAPISession, InputNameValue

from benchmarks.figures import Cost, measured, peak_megabytes
from emulator.cloudshell import Resource
from emulator.execution import Shell, load_shell
from emulator.lab import ACCESS_KEY, Lab
from tools.checkout import ROOT
from tools.pythons import find_python

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
        self.lab.ec2.clear_calls()
        return measured(
            lambda: self._execute(reservation, command, actions),
            lambda: self.lab.execution.driver_pid(self.name),
            lambda: len(self.lab.ec2.calls),
        )

    def from_cold(self, reservation: str, actions: list[object]) -> float:
        """Return the seconds to the first answer of a driver that doesn't run yet."""
        self.lab.execution.terminate(self.name)
        started = time.monotonic()
        self._execute(reservation, "CreateTrafficMirroring", actions)
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


@contextmanager
def both_sides(version: str) -> Iterator[tuple[Lab, list[Side]]]:
    """Start a lab with ours and the peer on this version of Python, if it is there."""
    python = find_python(version) or Path(sys.executable)
    with Lab(python=python, driver_folder=None) as lab:
        # The peer asks so; whether EC2 takes it is not documented.
        lab.ec2.settings.empty_filters = True
        yield (
            lab,
            [
                Side.add(lab, "ours", load_ours()),
                Side.add(lab, "peer", load_peer()),
            ],
        )


def python_of(lab: Lab, side: str) -> Path:
    """Return the interpreter in the environment of a side's driver, which has run."""
    loaded = lab.execution.loaded_driver(side)
    if loaded is None:
        raise RuntimeError(f"{side} has not run yet, so there is no environment")
    return loaded.prefix / "bin" / "python"
