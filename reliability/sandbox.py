"""
A sandbox as its scripts see it, and what EC2 and the pools have of it.

Owns: sending commands, and looking at the state. Must not know: what should be there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cloudshell.api.cloudshell_api import CloudShellAPISession, InputNameValue

from emulator.cloudshell import Reservation
from emulator.lab import RESOURCE, Lab

Result = Mapping[str, Any]


@dataclass(frozen=True)
class State:
    """Ids of targets, filters and sessions, and numbers as (NIC, number)."""

    targets: frozenset[str]
    filters: frozenset[str]
    sessions: frozenset[str]
    numbers: frozenset[tuple[str, int]]

    def __bool__(self) -> bool:
        """Return whether anything exists."""
        return bool(self.targets or self.filters or self.sessions or self.numbers)


class Sandbox:
    """
    A new sandbox without Apps, and its commands.

    Commands raise CloudShellAPIError if CloudShell answers with an error, for example
    because the driver process was killed.
    """

    def __init__(self, lab: Lab, session: CloudShellAPISession | None = None) -> None:
        self._lab = lab
        self._session = session or lab.cloudshell.session()
        self.reservation = lab.cloudshell.add_reservation(Reservation("reliability"))
        self.id = self.reservation.id

    def create(self, *mirrors: Mapping[str, Any], on: str = RESOURCE) -> list[Result]:
        """Send CreateTrafficMirroring with an action for each `actionParams`."""
        kind = "CreateTrafficMirroring"
        actions = [
            {"type": kind, "actionId": str(index), "actionParams": params}
            for index, params in enumerate(mirrors)
        ]
        return self.send(kind, actions, on)

    def remove(self, *actions: Mapping[str, str], on: str = RESOURCE) -> list[Result]:
        """Send RemoveTrafficMirroring; an action is a sessionId or a targetNicId."""
        kind = "RemoveTrafficMirroring"
        wanted = [{"type": kind, "actionId": "1", **each} for each in actions]
        return self.send(kind, wanted, on)

    def clean_up(self, on: str = RESOURCE) -> Result:
        """Send CleanupSandboxInfra, as the teardown does."""
        action = {"type": "cleanupNetwork", "actionId": "1", "actionTarget": None}
        (result,) = self.send("CleanupSandboxInfra", [action], on)
        return result

    def send(self, command: str, actions: list[Any], on: str) -> list[Result]:
        """Run a command on a resource; return its action results."""
        text = json.dumps({"driverRequest": {"actions": actions}})
        answer = self._session.ExecuteCommand(
            self.id, on, "Resource", command, [InputNameValue("request", text)]
        )
        results: list[Result] = json.loads(answer.Output)["driverResponse"][
            "actionResults"
        ]
        return results

    def cancel(self) -> None:
        """Cancel the commands that run in the sandbox."""
        self._lab.execution.cancel_reservation(self.id)

    def end(self) -> None:
        """End the sandbox; CloudShell releases its numbers."""
        self._lab.cloudshell.end_reservation(self.id)

    def sessions(self) -> list[dict[str, Any]]:
        """Return the sandbox's sessions as EC2 has them."""
        found = self._lab.client.describe_traffic_mirror_sessions(Filters=self._own())
        return [dict(each) for each in found["TrafficMirrorSessions"]]

    def state(self) -> State:
        """Return what EC2 and the pools have of the sandbox."""
        return read_state(self._lab, self.id)

    def _own(self) -> Any:
        return _owned_by(self.id)


def read_state(lab: Lab, owner: str | None = None) -> State:
    """Return what EC2 and the pools have, of all sandboxes or of one."""
    client, narrowed = lab.client, _owned_by(owner) if owner else []
    targets = client.describe_traffic_mirror_targets(Filters=narrowed)
    filters = client.describe_traffic_mirror_filters(Filters=narrowed)
    sessions = client.describe_traffic_mirror_sessions(Filters=narrowed)
    return State(
        frozenset(
            each["TrafficMirrorTargetId"] for each in targets["TrafficMirrorTargets"]
        ),
        frozenset(
            each["TrafficMirrorFilterId"] for each in filters["TrafficMirrorFilters"]
        ),
        frozenset(
            each["TrafficMirrorSessionId"] for each in sessions["TrafficMirrorSessions"]
        ),
        frozenset(
            (nic, number)
            for nic, holders in lab.cloudshell.pools.held().items()
            for number, holder in holders.items()
            if owner in (None, holder[0])
        ),
    )


def _owned_by(owner: str) -> Any:
    return [{"Name": "tag:ReservationId", "Values": [owner]}]
