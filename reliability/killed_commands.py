"""
One trial: a command is killed, sent again, and the sandbox is cleaned up.

Owns: the commands that are killed, and what must exist after each step.
Must not know: how many trials there are.

Another sandbox has a mirror on one of the same targets, which must stay as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.lab import Lab
from reliability.kill_points import KillPoint, armed
from reliability.sandbox import Result, Sandbox, State, read_state

APPS = ("web", "db", "mail", "other", "capture", "ids")
COMMANDS = (
    "Create",
    "Create with given numbers",
    "RemoveTrafficMirroring",
    "CleanupSandboxInfra",
)
Calls = Mapping[str, int]


class Lost(AssertionError):
    """A mirror is missing, doubled or wrong, or something is left."""


@dataclass(frozen=True)
class Trial:
    """Whether the kill came in time, and the numbers that only the end released."""

    killed: bool
    numbers: frozenset[tuple[str, int]]


class KilledCommands:
    """The Apps of all trials, and another sandbox's mirror."""

    def __init__(self, lab: Lab, latency: float = 0.0) -> None:
        self._lab = lab
        home = lab.deploy("kills", dict.fromkeys(APPS))
        self._nics = {app.name: app.nics[0].id for app in home.apps}
        self._other = Sandbox(lab)
        self._create(self._other, [self._mirror("other", "ids", None)])
        self._before = read_state(lab)
        lab.ec2.settings.latency = latency

    def count_calls(self, command: str) -> Calls:
        """Run a command without a kill; return how often it calls what writes."""
        sandbox = self._prepared(command)
        self._lab.ec2.clear_calls()
        self._lab.cloudshell.pools.calls.clear()
        self._send(sandbox, command)
        made = [
            *(call.operation for call in self._lab.ec2.writes()),
            *(call.method for call in self._lab.cloudshell.pools.calls),
        ]
        self._finish(sandbox)
        return {each: made.count(each) for each in dict.fromkeys(made)}

    def run(self, command: str, point: KillPoint) -> Trial:
        """Kill a command, send it again, clean up; raises Lost."""
        sandbox = self._prepared(command)
        with armed(self._lab, point) as is_killed:
            try:
                self._send(sandbox, command)
            except CloudShellAPIError:
                if not is_killed():
                    raise
        self._send(sandbox, command)
        return Trial(is_killed(), self._finish(sandbox))

    def _prepared(self, command: str) -> Sandbox:
        """Start a sandbox, with mirrors unless the command creates them."""
        sandbox = Sandbox(self._lab)
        if not command.startswith("Create"):
            self._create(sandbox, self._mirrors(given=False))
        return sandbox

    def _send(self, sandbox: Sandbox, command: str) -> None:
        if command.startswith("Create"):
            self._create(sandbox, self._mirrors(given=command != "Create"))
        elif command.startswith("Remove"):
            nics = [{"targetNicId": self._nics[app]} for app in ("capture", "ids")]
            _check(sandbox.remove(*nics))
            if sandbox.sessions():
                raise Lost(f"sessions are left: {sandbox.sessions()}")
        else:
            _check([sandbox.clean_up()])

    def _create(self, sandbox: Sandbox, mirrors: Sequence[Mapping[str, Any]]) -> None:
        results = sandbox.create(*mirrors)
        _check(results)
        sessions = {each["TrafficMirrorSessionId"]: each for each in sandbox.sessions()}
        if len(sessions) != len(mirrors):
            raise Lost(f"{len(sessions)} sessions, not {len(mirrors)}: {sessions}")
        for result, mirror in zip(results, mirrors):
            self._check_mirror(mirror, result, sessions[result["sessionId"]])

    def _check_mirror(
        self, mirror: Mapping[str, Any], result: Result, session: Mapping[str, Any]
    ) -> None:
        """Check that EC2 has the mirror that was requested."""
        client = self._lab.client
        (target,) = client.describe_traffic_mirror_targets(
            TrafficMirrorTargetIds=[session["TrafficMirrorTargetId"]]
        )["TrafficMirrorTargets"]
        (filter_,) = client.describe_traffic_mirror_filters(
            TrafficMirrorFilterIds=[session["TrafficMirrorFilterId"]]
        )["TrafficMirrorFilters"]
        number = session["SessionNumber"]
        nic = session["NetworkInterfaceId"]
        found = {
            "sourceNicId": nic,
            "targetNicId": target["NetworkInterfaceId"],
            "sessionNumber": mirror["sessionNumber"] and number,
            "packetLength": session.get("PacketLength"),
            "networkServices": filter_["NetworkServices"],
            "protocols": [each["Protocol"] for each in filter_["IngressFilterRules"]],
        }
        wanted = {
            **{key: mirror[key] for key in found if key in mirror},
            "protocols": [each["protocol"] for each in mirror["filterRules"]],
        }
        if found != wanted or result["sessionNumber"] != number:
            raise Lost(f"{found} is not {wanted}, {result}")
        if (nic, number) not in read_state(self._lab).numbers:
            raise Lost(f"number {number} of {nic} is free, but has a session")

    def _finish(self, sandbox: Sandbox) -> frozenset[tuple[str, int]]:
        """Clean up; return the numbers that are still held until the sandbox ends."""
        _check([sandbox.clean_up()])
        after = read_state(self._lab)
        numbers = after.numbers - self._before.numbers
        left = State(after.targets, after.filters, after.sessions, self._before.numbers)
        if left != self._before or not after.numbers >= self._before.numbers:
            raise Lost(f"after Cleanup: {after}, before: {self._before}")
        sandbox.end()
        return numbers

    def _mirrors(self, *, given: bool) -> list[dict[str, Any]]:
        return [
            self._mirror("web", "capture", 5 if given else None, packetLength=96),
            self._mirror("web", "ids", 7 if given else None),
            self._mirror("db", "capture", 5 if given else None),
        ]

    def _mirror(
        self, source: str, target: str, number: int | None, **options: object
    ) -> dict[str, Any]:
        return {
            "sourceNicId": self._nics[source],
            "targetNicId": self._nics[target],
            "sessionNumber": number,
            "filterRules": [
                {"direction": "ingress", "protocol": protocol} for protocol in (6, 17)
            ],
            "networkServices": ["amazon-dns"],
            "packetLength": None,
            **options,
        }


def _check(results: Sequence[Result]) -> None:
    failed = [each["errorMessage"] for each in results if not each["success"]]
    if failed:
        raise Lost(f"the command failed: {failed}")
