"""The conductor of RemoveTrafficMirroring: observe, plan, take down, answer."""

from __future__ import annotations

from collections.abc import Sequence

from traffic_mirroring.errors import TrafficMirroringError
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.teardown import Teardown
from traffic_mirroring.models import ActionResult, RemoveAction
from traffic_mirroring.plan.remove import (
    Removal,
    RemoveState,
    plan_remove,
    targets_on,
    unique_by_id,
)

TYPE = "RemoveTrafficMirroring"


class Remover:
    """Removes what a request names, as far as it is this sandbox's."""

    def __init__(self, context: CommandContext) -> None:
        self._ec2 = context.ec2
        self._sandbox = context.sandbox
        self._workers = context.workers
        self._teardown = Teardown(context)

    def run(self, actions: Sequence[RemoveAction]) -> list[ActionResult]:
        """Return a result for each action, in their order; what is gone is success."""
        try:
            state = self._observe(actions)
        except TrafficMirroringError as error:
            return [
                ActionResult(TYPE, action.action_id, error=str(error))
                for action in actions
            ]
        removals = plan_remove(actions, state, self._sandbox)
        to_delete = unique_by_id(
            each for removal in removals for each in removal.sessions
        )
        self._teardown.run(to_delete, state)
        return [
            self._result(action, removal, state)
            for action, removal in zip(actions, removals)
        ]

    def _observe(self, actions: Sequence[RemoveAction]) -> RemoveState:
        ids = [action.session_id for action in actions if action.session_id]
        nics = [action.target_nic_id for action in actions if action.target_nic_id]
        with self._workers.in_background(
            lambda: self._ec2.find_targets("network-interface-id", nics)
        ) as found:
            sessions = self._ec2.find_sessions("traffic-mirror-session-id", ids)
        return self._teardown.observe(sessions, found.result())

    def _result(
        self, action: RemoveAction, removal: Removal, state: RemoveState
    ) -> ActionResult:
        if removal.error:
            return ActionResult(TYPE, action.action_id, error=str(removal.error))
        things, errors = _things(action, removal, state), self._teardown.errors
        wrong = [error for thing in things for error in errors.get(thing, ())]
        gone = self._teardown.gone
        removed = [name for thing, name in things.items() if thing in gone]
        info = []
        if removed:
            info.append(f"Removed {', '.join(removed)}")
        elif not wrong:
            info.append(_nothing(action))
        if removal.not_ours:
            count = len(removal.not_ours)
            info.append(f"sessions left alone, because not this sandbox's: {count}")
        return ActionResult(
            TYPE, action.action_id, info="; ".join(info), error="; ".join(wrong)
        )


def _things(
    action: RemoveAction, removal: Removal, state: RemoveState
) -> dict[str, str]:
    """Return what the action is about: what it is called in a message, by id."""
    things: dict[str, str] = {}
    for session in removal.sessions:
        things[session.id] = (
            f"session {session.id} (number {session.number} of {session.source_nic_id})"
        )
    for session in removal.sessions:
        things[session.filter_id] = f"filter {session.filter_id}"
    for session in removal.sessions:
        things[session.target_id] = f"target {session.target_id}"
    for target_id in targets_on(action.target_nic_id, state):
        things[target_id] = f"target {target_id}"
    return things


def _nothing(action: RemoveAction) -> str:
    if action.session_id:
        return f"Nothing to remove: session {action.session_id} is gone already"
    nic = action.target_nic_id
    return f"Nothing to remove: no session of this sandbox mirrors to {nic}"
