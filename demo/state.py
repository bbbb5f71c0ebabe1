"""
The mirroring resources that exist in EC2, and the session numbers in use.

Owns: reading and counting them. Must not know: how they are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.rules import Filter, read_filter
from emulator.lab import Lab

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import TrafficMirrorSessionTypeDef


@dataclass(frozen=True)
class MirrorState:
    """The ids of all resources in EC2, and CloudShell's session numbers by NIC."""

    sessions: frozenset[str]
    filters: frozenset[str]
    targets: frozenset[str]
    numbers: frozenset[tuple[str, int]]

    @property
    def is_empty(self) -> bool:
        """Whether no resource exists, and no number is in use."""
        return not (self.sessions or self.filters or self.targets or self.numbers)

    @property
    def summary(self) -> str:
        """The number of resources of each kind, as text."""
        counts = {
            "session": self.sessions,
            "filter": self.filters,
            "target": self.targets,
            "session number": self.numbers,
        }
        parts = [
            f"{len(ids)} {name}{'' if len(ids) == 1 else 's'}"
            for name, ids in counts.items()
        ]
        return f"{', '.join(parts)} in use"


def read_state(lab: Lab) -> MirrorState:
    """Return the present state."""
    filters = lab.client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    targets = lab.client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]
    held = lab.cloudshell.pools.held()
    return MirrorState(
        frozenset(each["TrafficMirrorSessionId"] for each in read_sessions(lab)),
        frozenset(each["TrafficMirrorFilterId"] for each in filters),
        frozenset(each["TrafficMirrorTargetId"] for each in targets),
        frozenset((nic, number) for nic in held for number in held[nic]),
    )


def read_sessions(lab: Lab) -> Sequence[TrafficMirrorSessionTypeDef]:
    """Return the traffic mirror sessions."""
    return lab.client.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]


def filters_of(lab: Lab, nic: str) -> list[Filter]:
    """Return the filters of a NIC's sessions, in the order of their numbers."""
    described = {
        each["TrafficMirrorFilterId"]: each
        for each in lab.client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    }
    sessions = sorted(read_sessions(lab), key=lambda each: each["SessionNumber"])
    return [
        read_filter(described[each["TrafficMirrorFilterId"]])
        for each in sessions
        if each["NetworkInterfaceId"] == nic
    ]


def removal_arguments(lab: Lab) -> list[list[str]]:
    """Return a script's arguments to remove everything: target NICs, or sessions."""
    targets = {
        each["TrafficMirrorTargetId"]: each.get("NetworkInterfaceId")
        for each in lab.client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]
    }
    nics = [["--target-nic", nic] for nic in targets.values() if nic]
    others = [
        ["--session", each["TrafficMirrorSessionId"]]
        for each in read_sessions(lab)
        if not targets[each["TrafficMirrorTargetId"]]
    ]
    return [*nics, *others]


def has_no_orphans(lab: Lab) -> bool:
    """Return whether every filter, target and session number belongs to a session."""
    state, sessions = read_state(lab), read_sessions(lab)
    return (
        state.filters == {each["TrafficMirrorFilterId"] for each in sessions}
        and state.targets == {each["TrafficMirrorTargetId"] for each in sessions}
        and state.numbers
        == {(each["NetworkInterfaceId"], each["SessionNumber"]) for each in sessions}
    )
