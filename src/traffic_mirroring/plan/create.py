"""
What Create has to do, decided from what is wanted and what stands.

Pure: no calls, no clock, no log. A plan can be printed, compared, refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union

from traffic_mirroring import tags
from traffic_mirroring.errors import MirrorRejected
from traffic_mirroring.models import (
    CreateAction,
    Destination,
    Mirror,
    NicId,
    Sandbox,
    Session,
    SessionNumber,
    Target,
    TargetId,
)
from traffic_mirroring.plan.prerequisites import find_obstacle
from traffic_mirroring.topology import Attachments

SESSIONS_PER_SOURCE = 3
"""https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-limits.html"""


@dataclass(frozen=True)
class AlreadyExists:
    """The mirror stands already, in this session."""

    session: Session


@dataclass(frozen=True)
class DuplicateOf:
    """Another action of the request asks for the same mirror."""

    index: int


@dataclass(frozen=True)
class Rejected:
    """The mirror can't be made as things stand."""

    error: MirrorRejected


@dataclass(frozen=True)
class CreateMirror:
    """The mirror is to be made, on an existing target or on a new one."""

    action: CreateAction
    numbers_in_use: frozenset[SessionNumber]
    target_id: TargetId | None


CreateStep = Union[AlreadyExists, DuplicateOf, Rejected, CreateMirror]


@dataclass(frozen=True)
class CreateState:
    """
    What stands in EC2 around the NICs of a Create request.

    `targets` are those on any NIC, balancer and endpoint that the request names,
    `sessions` those of its source NICs, whoever made them.
    """

    targets: Sequence[Target]
    sessions: Sequence[Session]
    attachments: Attachments


def plan_create(
    actions: Sequence[CreateAction], state: CreateState, sandbox: Sandbox
) -> list[CreateStep]:
    """Return what to do about each action, in their order."""
    planner = _CreatePlanner(actions, state, sandbox)
    return [planner.step(index) for index in range(len(actions))]


class _CreatePlanner:
    """Decides action by action; what it planned before counts as standing."""

    def __init__(
        self, actions: Sequence[CreateAction], state: CreateState, sandbox: Sandbox
    ) -> None:
        self._actions = actions
        self._sessions: dict[NicId, list[Session]] = defaultdict(list)
        for session in state.sessions:
            self._sessions[session.source_nic_id].append(session)
        self._targets = {target.destination: target for target in state.targets}
        self._attachments = state.attachments
        self._sandbox = sandbox
        self._by_mirror: dict[Mirror, list[int]] = defaultdict(list)
        self._first_by_destination: dict[Destination, int] = {}
        for index, action in enumerate(actions):
            self._by_mirror[action.mirror].append(index)
            self._first_by_destination.setdefault(action.mirror.destination, index)
        self._planned: dict[NicId, list[int]] = defaultdict(list)

    def step(self, index: int) -> CreateStep:
        action = self._actions[index]
        standing = self._standing(action)
        if standing:
            return AlreadyExists(standing)
        leader = self._first_equal(action)
        if leader != index:
            return DuplicateOf(leader)
        obstacle = self._obstacle(action)
        if obstacle:
            return Rejected(MirrorRejected(obstacle))
        return self._make(index, action)

    def _standing(self, action: CreateAction) -> Session | None:
        mirror = action.mirror
        target = self._targets.get(mirror.destination)
        for session in self._sessions[mirror.source_nic_id]:
            if (
                tags.is_owned_by(self._sandbox, session.tags)
                and session.tags.get(tags.FINGERPRINT) == tags.fingerprint(mirror)
                and target
                and session.target_id == target.id
                and action.session_number in (None, session.number)
            ):
                return session
        return None

    def _first_equal(self, action: CreateAction) -> int:
        """Return the first action that stands for this one, perhaps itself."""
        equal = [
            (self._actions[index].session_number is None, index)
            for index in self._by_mirror[action.mirror]
            if action.session_number in (None, self._actions[index].session_number)
        ]
        return min(equal)[1]

    def _obstacle(self, action: CreateAction) -> str:
        mirror, source = action.mirror, action.mirror.source_nic_id
        stands = mirror.destination in self._targets
        obstacle = find_obstacle(mirror, self._attachments, target_stands=stands)
        if obstacle:
            return obstacle
        on_source = self._targets.get(source)
        if on_source:
            return (
                f"{source} can't be a source, because it is traffic mirror target "
                f"{on_source.id}: remove the mirrors to it first"
            )
        first = self._first_by_destination.get(source)
        if first is not None:
            return (
                f"{source} can't be a source, because it is the target of "
                f"actions[{first}]: leave one of the two actions out"
            )
        sessions = self._sessions[source]
        occupants = [tags.describe_session(session) for session in sessions]
        occupants += [f"actions[{index}]" for index in self._planned[source]]
        if len(occupants) >= SESSIONS_PER_SOURCE:
            return (
                f"{source} has the {SESSIONS_PER_SOURCE} sessions that AWS allows "
                f"({', '.join(occupants)}): remove one first"
            )
        for session in sessions:
            if session.number == action.session_number:
                return (
                    f"Session number {session.number} of {source} is taken by "
                    f"{tags.describe_session(session)}: give another, or leave it out"
                )
        return ""

    def _make(self, index: int, action: CreateAction) -> CreateMirror:
        mirror = action.mirror
        self._planned[mirror.source_nic_id].append(index)
        sessions = self._sessions[mirror.source_nic_id]
        numbers_in_use = frozenset(session.number for session in sessions)
        target = self._targets.get(mirror.destination)
        target_id = target.id if target else None
        return CreateMirror(action, numbers_in_use, target_id)
