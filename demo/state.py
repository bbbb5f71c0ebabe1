"""
The mirroring resources that exist in EC2, and the session numbers in use.

Owns: reading and counting them. Must not know: how they are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

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


def has_no_orphans(lab: Lab) -> bool:
    """Return whether every filter, target and session number belongs to a session."""
    state, sessions = read_state(lab), read_sessions(lab)
    return (
        state.filters == {each["TrafficMirrorFilterId"] for each in sessions}
        and state.targets == {each["TrafficMirrorTargetId"] for each in sessions}
        and state.numbers
        == {(each["NetworkInterfaceId"], each["SessionNumber"]) for each in sessions}
    )
