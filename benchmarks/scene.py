"""Two sandboxes and a shell: commands that may fail, and what stands after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from benchmarks.side import Side
from benchmarks.stage import Case, Stage
from emulator.faults import Fault
from emulator.lab import Lab

KINDS = ("session", "filter", "target")

_CODE = "Unsupported"
"""A refusal that no client tries again."""


@dataclass(frozen=True)
class Answer:
    """The results of a command, none of them if it was refused, and its errors."""

    results: list[dict[str, Any]]
    errors: str

    @property
    def sessions(self) -> list[str]:
        """The sessions of the actions that succeeded."""
        return [each["sessionId"] for each in self.results if each["success"]]


class Scene:
    """A sandbox of twenty sources and two targets, another one, and their shell."""

    def __init__(self, lab: Lab, side: Side) -> None:
        self.lab, self._side = lab, side
        self.stage, self.other = Stage(lab, Case(20, 1)), Stage(lab, Case(1, 1))
        self.target: str = self.mirror(0)["actionParams"]["targetNicId"]

    def mirror(
        self, source: int, stage: Stage | None = None, **params: object
    ) -> dict[str, Any]:
        """Return a Create action; ten sources each go to one target."""
        action: Any = (stage or self.stage).create[source]
        return {**action, "actionParams": {**action["actionParams"], **params}}

    def create(self, *actions: object, stage: Stage | None = None) -> Answer:
        """Create in the sandbox, or in that of another stage."""
        return self._run("CreateTrafficMirroring", actions, stage)

    def made(self, *actions: object, stage: Stage | None = None) -> list[str]:
        """Create what must succeed for the scenario; return the sessions."""
        answer = self.create(*actions, stage=stage)
        if len(answer.sessions) < len(actions):
            raise RuntimeError(f"{self._side.name}: {answer.errors}")
        return answer.sessions

    def remove(self, *named: dict[str, str], stage: Stage | None = None) -> Answer:
        """Remove what sessionId or targetNicId name, with an action for each."""
        action = {"actionId": "1", "type": "RemoveTrafficMirroring"}
        actions = [
            {**action, "sessionId": "", "targetNicId": "", **ids} for ids in named
        ]
        return self._run("RemoveTrafficMirroring", actions, stage)

    def refuse(self, operation: str, skip: int = 0, times: int | None = 1) -> None:
        """Let EC2 refuse an operation, from the call after those to skip."""
        fault = Fault(operation, _CODE, "no", skip=skip, times=times)
        self.lab.ec2.faults.append(fault)

    def check_refusals(self) -> None:
        """Raise RuntimeError if something was to be refused and nobody asked for it."""
        met = {
            call.operation for call in self.lab.ec2.calls if call.error_code == _CODE
        }
        if {fault.operation for fault in self.lab.ec2.faults} - met:
            raise RuntimeError(f"{self._side.name} never met a refusal")

    def standing(self, kind: str) -> list[Any]:
        """Return the sessions, filters or targets in EC2."""
        answer = getattr(self.lab.client, f"describe_traffic_mirror_{kind}s")()
        found: list[Any] = answer[f"TrafficMirror{kind.title()}s"]
        return found

    def stands(self, session: str) -> bool:
        """Tell whether a session is in EC2."""
        ids = [each["TrafficMirrorSessionId"] for each in self.standing("session")]
        return session in ids

    @property
    def numbers(self) -> set[tuple[str, int]]:
        """The session numbers that are checked out, with their source NICs."""
        held = self.lab.cloudshell.pools.held()
        return {(nic, number) for nic, numbers in held.items() for number in numbers}

    def left(self, wanted: Sequence[str] = ()) -> dict[str, set[Any]]:
        """Return, by kind, what there is but for some sessions and what they use."""
        sessions = self.standing("session")
        kept = [each for each in sessions if each["TrafficMirrorSessionId"] in wanted]
        left: dict[str, set[Any]] = {}
        for kind in KINDS:
            name = f"TrafficMirror{kind.title()}Id"
            ids = {each[name] for each in self.standing(kind)}
            left[kind] = ids - {each[name] for each in kept}
        used = {(each["NetworkInterfaceId"], each["SessionNumber"]) for each in kept}
        return {**left, "number": self.numbers - used}

    def clear(self) -> None:
        """Leave EC2 and the pools as they were."""
        self.lab.ec2.faults.clear()
        self.lab.ec2.settings.before_call = None
        self.stage.clear()

    def _run(
        self, command: str, actions: Sequence[object], stage: Stage | None
    ) -> Answer:
        sandbox = (stage or self.stage).reservation
        try:
            results = self._side.results(sandbox, command, list(actions))
        except CloudShellAPIError as error:
            return Answer([], error.message)
        return Answer(results, " ".join(each["errorMessage"] for each in results))
