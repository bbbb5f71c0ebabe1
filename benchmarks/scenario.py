"""A shell and two sandboxes: commands that can fail, and the state after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from benchmarks.shell import Shell
from benchmarks.workload import Case, Workload
from emulator.faults import Fault
from emulator.lab import Lab

KINDS = ("session", "filter", "target")

_CODE = "Unsupported"
"""An error code that no client retries."""


@dataclass(frozen=True)
class Answer:
    """The results of a command, empty if it was rejected, and its errors."""

    results: list[dict[str, Any]]
    errors: str

    @property
    def sessions(self) -> list[str]:
        """The session ids of the successful actions."""
        return [each["sessionId"] for each in self.results if each["success"]]


class Scenario:
    """A sandbox with twenty sources and two targets, a second sandbox, and a shell."""

    def __init__(self, lab: Lab, shell: Shell) -> None:
        self.lab, self._shell = lab, shell
        self.workload, self.other = (
            Workload(lab, Case(20, 1)),
            Workload(lab, Case(1, 1)),
        )
        self.target: str = self.mirror(0)["actionParams"]["targetNicId"]

    def mirror(
        self, source: int, workload: Workload | None = None, **params: object
    ) -> dict[str, Any]:
        """Return the Create action of a source; ten sources share a target."""
        action: Any = (workload or self.workload).create[source]
        return {**action, "actionParams": {**action["actionParams"], **params}}

    def create(self, *actions: object, workload: Workload | None = None) -> Answer:
        """Run a Create in the sandbox of the first workload or of another one."""
        return self._run("CreateTrafficMirroring", actions, workload)

    def create_all(
        self, *actions: object, workload: Workload | None = None
    ) -> list[str]:
        """Create mirrors, all of which must succeed; return their session ids."""
        answer = self.create(*actions, workload=workload)
        if len(answer.sessions) < len(actions):
            raise RuntimeError(f"{self._shell.name}: {answer.errors}")
        return answer.sessions

    def remove(
        self, *selectors: dict[str, str], workload: Workload | None = None
    ) -> Answer:
        """Run a Remove with an action for each sessionId or targetNicId."""
        action = {"actionId": "1", "type": "RemoveTrafficMirroring"}
        actions = [
            {**action, "sessionId": "", "targetNicId": "", **selector}
            for selector in selectors
        ]
        return self._run("RemoveTrafficMirroring", actions, workload)

    def fail(self, operation: str, skip: int = 0, times: int | None = 1) -> None:
        """Let EC2 reject an operation, after the first `skip` calls of it."""
        fault = Fault(operation, _CODE, "no", skip=skip, times=times)
        self.lab.ec2.faults.append(fault)

    def check_faults_hit(self) -> None:
        """Raise RuntimeError if an injected fault was never hit."""
        hit = {
            call.operation for call in self.lab.ec2.calls if call.error_code == _CODE
        }
        if {fault.operation for fault in self.lab.ec2.faults} - hit:
            raise RuntimeError(f"{self._shell.name} never hit an injected fault")

    def find(self, kind: str) -> list[Any]:
        """Return the sessions, filters or targets in EC2."""
        answer = getattr(self.lab.client, f"describe_traffic_mirror_{kind}s")()
        found: list[Any] = answer[f"TrafficMirror{kind.title()}s"]
        return found

    def exists(self, session: str) -> bool:
        """Return whether a session exists in EC2."""
        ids = [each["TrafficMirrorSessionId"] for each in self.find("session")]
        return session in ids

    @property
    def numbers(self) -> set[tuple[str, int]]:
        """The session numbers that are checked out, with their source NICs."""
        held = self.lab.cloudshell.pools.held()
        return {(nic, number) for nic, numbers in held.items() for number in numbers}

    def leftovers(self, wanted: Sequence[str] = ()) -> dict[str, set[Any]]:
        """Return, by kind, what exists beyond the wanted sessions and what they use."""
        sessions = self.find("session")
        kept = [each for each in sessions if each["TrafficMirrorSessionId"] in wanted]
        leftovers: dict[str, set[Any]] = {}
        for kind in KINDS:
            name = f"TrafficMirror{kind.title()}Id"
            ids = {each[name] for each in self.find(kind)}
            leftovers[kind] = ids - {each[name] for each in kept}
        used = {(each["NetworkInterfaceId"], each["SessionNumber"]) for each in kept}
        return {**leftovers, "number": self.numbers - used}

    def clear(self) -> None:
        """Remove all faults, mirrors and numbers."""
        self.lab.ec2.faults.clear()
        self.lab.ec2.settings.before_call = None
        self.workload.clear()

    def _run(
        self, command: str, actions: Sequence[object], workload: Workload | None
    ) -> Answer:
        sandbox = (workload or self.workload).reservation
        try:
            results = self._shell.results(sandbox, command, list(actions))
        except CloudShellAPIError as error:
            return Answer([], error.message)
        return Answer(results, " ".join(each["errorMessage"] for each in results))
