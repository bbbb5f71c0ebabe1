"""
Owns: what Create has to do for each action, given what exists in EC2.

Must not know: clients, threads, the clock. A plan can be printed and compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Union

from traffic_mirroring import tags
from traffic_mirroring.errors import MirrorDrifted, MirrorRejected, NumberTaken
from traffic_mirroring.models import (
    CreateAction,
    Destination,
    Mirror,
    NicId,
    Sandbox,
    Session,
    SessionNumber,
    TargetId,
)
from traffic_mirroring.plan.existing import ExistingMirrors, Resources
from traffic_mirroring.plan.prerequisites import find_obstacle, find_slow_start
from traffic_mirroring.topology import Attachments

SESSIONS_PER_SOURCE = 3
"""https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-limits.html"""

_HIGHEST_NUMBER = 32766
_SPARE_NUMBERS = SESSIONS_PER_SOURCE
"""As many as other sandboxes may be taking on a source at the same moment."""


@dataclass(frozen=True)
class AlreadyExists:
    """The mirror exists already, as this session."""

    session: Session


@dataclass(frozen=True)
class DuplicateOf:
    """Another action of the request asks for the same mirror."""

    index: int


@dataclass(frozen=True)
class Rejected:
    """The mirror can't be created in the present state of EC2."""

    error: MirrorRejected


@dataclass(frozen=True)
class CreateMirror:
    """
    Create the mirror with this number, on an existing target or on a new one.

    If the pool or EC2 refuses a number that was not given, the next ones are the
    `spare_numbers`, and then those above `highest_number`, the highest that a session
    or another action on the source has. Equal commands plan the same spare numbers: the
    pool gives each to one of them only, so the other notices. No two actions have the
    same ones.
    """

    action: CreateAction
    number: SessionNumber
    highest_number: SessionNumber
    target_id: TargetId | None
    spare_numbers: tuple[SessionNumber, ...] = ()


CreateStep = Union[AlreadyExists, DuplicateOf, Rejected, CreateMirror]


@dataclass(frozen=True)
class CreateState:
    """
    What was observed in EC2 for a Create request, whoever created it.

    `waited` says that the command has waited for starting target instances.
    """

    resources: Resources
    attachments: Attachments
    waited: bool = False


def plan_create(
    actions: Mapping[int, CreateAction], state: CreateState, sandbox: Sandbox
) -> dict[int, CreateStep]:
    """
    Return what to do for each action, by its index in the request.

    Dry runs are planned after all others, as if these were done: a dry run changes
    nothing, so no other action depends on it.
    """
    planner = _CreatePlanner(state, sandbox)
    steps: dict[int, CreateStep] = {}
    for dry_run in (False, True):
        group = {
            index: action
            for index, action in actions.items()
            if action.dry_run is dry_run
        }
        planner.add(group)
        planned = {index: planner.step(index) for index in group}
        steps |= {
            index: planner.with_other_numbers(index, step)
            for index, step in planned.items()
        }
    return dict(sorted(steps.items()))


class _CreatePlanner:
    """Plans in order; mirrors planned earlier count as existing."""

    def __init__(self, state: CreateState, sandbox: Sandbox) -> None:
        self._existing = ExistingMirrors(state.resources, sandbox)
        self._sessions: dict[NicId, list[Session]] = defaultdict(list)
        for session in state.resources.sessions:
            self._sessions[session.source_nic_id].append(session)
        self._targets = state.resources.targets_by_destination()
        self._state = state
        self._actions: dict[int, CreateAction] = {}
        self._by_mirror: dict[Mirror, list[int]] = defaultdict(list)
        self._first_by_destination: dict[Destination, int] = {}
        self._planned_numbers: dict[tuple[NicId, SessionNumber], int] = {}
        self._planned: dict[NicId, list[int]] = defaultdict(list)
        self._numbers: dict[NicId, set[SessionNumber]] = defaultdict(set)
        for session in state.resources.sessions:
            self._numbers[session.source_nic_id].add(session.number)

    def add(self, actions: Mapping[int, CreateAction]) -> None:
        """Add actions to plan; those that were added before come first."""
        for index, action in actions.items():
            self._actions[index] = action
            self._by_mirror[action.mirror].append(index)
            self._first_by_destination.setdefault(action.mirror.destination, index)
            if action.session_number is not None:
                source = action.mirror.source_nic_id
                self._numbers[source].add(action.session_number)

    def step(self, index: int) -> CreateStep:
        action = self._actions[index]
        session = self._existing.find(action)
        if session:
            return AlreadyExists(session)
        first = self._first_equal(action)
        if first != index:
            return DuplicateOf(first)
        drifted = self._existing.find_drifted(action)
        if drifted:
            session, differences = drifted
            return Rejected(MirrorDrifted(session.id, differences))
        error = self._obstacle(action)
        if error:
            return Rejected(error)
        return self._create(index, action)

    def _first_equal(self, action: CreateAction) -> int:
        """Return the index of the action that creates this mirror (often this one)."""
        equal = [
            (other.dry_run, other.session_number is None, index)
            for index, other in (
                (each, self._actions[each]) for each in self._by_mirror[action.mirror]
            )
            if action.session_number in (None, other.session_number)
        ]
        return min(equal)[-1]

    def _obstacle(self, action: CreateAction) -> MirrorRejected | None:
        mirror, source = action.mirror, action.mirror.source_nic_id
        problem = find_obstacle(
            mirror,
            self._state.attachments,
            target_exists=mirror.destination in self._targets,
        )
        if not problem and self._state.waited:
            problem = find_slow_start(mirror, self._state.attachments)
        problem = problem or self._source_obstacle(source)
        if problem:
            return MirrorRejected(problem)
        for session in self._sessions[source]:
            if session.number == action.session_number:
                holder = tags.describe_session(session)
                return NumberTaken(source, session.number, holder)
        return self._number_clash(action)

    def _number_clash(self, action: CreateAction) -> NumberTaken | None:
        """
        Return the error if another action of the request has the number.

        Requests are checked for it, but an App's name and its NIC's id are one source.
        """
        source, number = action.mirror.source_nic_id, action.session_number
        if number is None:
            return None
        first = self._planned_numbers.get((source, number))
        if first is None:
            return None
        return NumberTaken(source, number, f"actions[{first}]")

    def _source_obstacle(self, source: NicId) -> str | None:
        target_id = self._targets.get(source)
        if target_id:
            return (
                f"{source} can't be a source, because it is traffic mirror target "
                f"{target_id}: remove the mirrors to it first"
            )
        first = self._first_by_destination.get(source)
        if first is not None:
            return (
                f"{source} can't be a source, because it is the target of "
                f"actions[{first}]: leave one of the two actions out"
            )
        occupants = [tags.describe_session(each) for each in self._sessions[source]]
        occupants += [f"actions[{index}]" for index in self._planned[source]]
        if len(occupants) < SESSIONS_PER_SOURCE:
            return None
        return (
            f"{source} has the {SESSIONS_PER_SOURCE} sessions that AWS allows "
            f"({', '.join(occupants)}): remove one first"
        )

    def _create(self, index: int, action: CreateAction) -> CreateMirror:
        source, destination = action.mirror.source_nic_id, action.mirror.destination
        self._planned[source].append(index)
        numbers = self._numbers[source]
        number = action.session_number or next(
            SessionNumber(each)
            for each in range(1, _HIGHEST_NUMBER + 1)
            if each not in numbers
        )
        numbers.add(number)
        self._planned_numbers[source, number] = index
        return CreateMirror(action, number, number, self._targets.get(destination))

    def with_other_numbers(self, index: int, step: CreateStep) -> CreateStep:
        """Add the numbers to try if the planned one is refused."""
        if not isinstance(step, CreateMirror):
            return step
        source = step.action.mirror.source_nic_id
        highest, actions = max(self._numbers[source]), self._planned[source]
        if step.action.session_number is not None:
            return replace(step, highest_number=highest)
        first = highest + 1 + actions.index(index)
        spare = range(first, _HIGHEST_NUMBER + 1, len(actions))[:_SPARE_NUMBERS]
        return replace(
            step, highest_number=highest, spare_numbers=tuple(map(SessionNumber, spare))
        )
