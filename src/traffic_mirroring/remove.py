"""
The conductor of RemoveTrafficMirroring: observe, plan, delete, answer.

Sessions go first, each giving back its number once it is gone; then the filters and
targets that nothing uses any more. One failure stops nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from logging import Logger
from typing import TypeVar

from . import tags
from .ec2 import Ec2
from .errors import TrafficMirroringError, told
from .models import ActionResult, RemoveAction, Sandbox, Session, Target
from .remove_plan import (
    Removal,
    Standings,
    free_filters,
    free_targets,
    plan_remove,
    targets_on,
)
from .session_numbers import SessionNumbers

T = TypeVar("T", Session, Target)

TYPE = "RemoveTrafficMirroring"


class Remover:
    """Removes what a request names, as far as it is this sandbox's."""

    def __init__(
        self, ec2: Ec2, numbers: SessionNumbers, sandbox: Sandbox, log: Logger
    ) -> None:
        self._ec2 = ec2
        self._numbers = numbers
        self._sandbox = sandbox
        self._log = log
        self._gone: set[str] = set()
        self._errors: dict[str, list[str]] = defaultdict(list)

    def run(self, actions: Sequence[RemoveAction]) -> list[ActionResult]:
        """Return a result for each action, in their order; what is gone is success."""
        try:
            standings = self._observe(actions)
        except TrafficMirroringError as error:
            return [
                ActionResult(TYPE, action.action_id, error=str(error))
                for action in actions
            ]
        removals = plan_remove(actions, standings, self._sandbox)
        self._execute(removals, standings)
        return [
            self._result(action, removal, standings)
            for action, removal in zip(actions, removals)
        ]

    def _observe(self, actions: Sequence[RemoveAction]) -> Standings:
        find_sessions, find_targets = self._ec2.find_sessions, self._ec2.find_targets
        ids = [action.session_id for action in actions if action.session_id]
        nics = [action.target_nic_id for action in actions if action.target_nic_id]
        sessions = find_sessions("traffic-mirror-session-id", ids)
        targets = find_targets("network-interface-id", nics)
        targets += find_targets(
            "traffic-mirror-target-id", [session.target_id for session in sessions]
        )
        sessions += find_sessions(
            "traffic-mirror-target-id", [target.id for target in targets]
        )
        filter_ids = [
            session.filter_id
            for session in sessions
            if tags.is_of(self._sandbox, session.tags)
        ]
        sessions += find_sessions("traffic-mirror-filter-id", filter_ids)
        filters = self._ec2.find_filters("traffic-mirror-filter-id", filter_ids)
        return Standings(_unique(sessions), _unique(targets), filters)

    def _execute(self, removals: Sequence[Removal], standings: Standings) -> None:
        sessions = _unique(
            [session for removal in removals for session in removal.sessions]
        )
        for session in sessions:
            self._remove(session)
        gone = [session.id for session in sessions if session.id in self._gone]
        for filter_id in free_filters(standings, gone, self._sandbox):
            self._attempt(filter_id, partial(self._ec2.delete_filter, filter_id))
        for target_id in free_targets(standings, gone, self._sandbox):
            self._attempt(target_id, partial(self._ec2.delete_target, target_id))

    def _remove(self, session: Session) -> None:
        if self._attempt(session.id, lambda: self._ec2.delete_session(session.id)):
            self._attempt(
                session.id,
                lambda: self._numbers.release(session.source_nic_id, session.number),
            )

    def _attempt(self, thing: str, call: Callable[[], None]) -> bool:
        try:
            call()
        except Exception as error:
            self._log.exception("Could not remove %s", thing)
            self._errors[thing].append(told(error))
            return False
        self._gone.add(thing)
        return True

    def _result(
        self, action: RemoveAction, removal: Removal, standings: Standings
    ) -> ActionResult:
        if removal.error:
            return ActionResult(TYPE, action.action_id, error=str(removal.error))
        things = _things(action, removal, standings)
        errors = [error for thing in things for error in self._errors.get(thing, ())]
        removed = [name for thing, name in things.items() if thing in self._gone]
        info = f"Removed {', '.join(removed)}" if removed else _nothing(action)
        if removal.foreign:
            info += f"; left alone, because not this sandbox's: {len(removal.foreign)}"
        return ActionResult(TYPE, action.action_id, info=info, error="; ".join(errors))


def _things(
    action: RemoveAction, removal: Removal, standings: Standings
) -> dict[str, str]:
    """Return what the action is about: what it is called in a message, by id."""
    things: dict[str, str] = {}
    for session in removal.sessions:
        number = f"number {session.number} of {session.source_nic_id}"
        things[session.id] = f"session {session.id} ({number})"
    for session in removal.sessions:
        things[session.filter_id] = f"filter {session.filter_id}"
    for session in removal.sessions:
        things[session.target_id] = f"target {session.target_id}"
    for target_id in targets_on(action.target_nic_id, standings):
        things[target_id] = f"target {target_id}"
    return things


def _nothing(action: RemoveAction) -> str:
    if action.session_id:
        return f"Nothing to remove: session {action.session_id} is gone already"
    nic = action.target_nic_id
    return f"Nothing to remove: no session of this sandbox mirrors to {nic}"


def _unique(items: Iterable[T]) -> list[T]:
    """Return the items without those whose id came before."""
    return list({item.id: item for item in items}.values())
