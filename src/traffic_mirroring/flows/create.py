"""The conductor of CreateTrafficMirroring: observe, plan, make, answer."""

from __future__ import annotations

from collections.abc import Sequence

from traffic_mirroring.errors import Cancelled, TrafficMirroringError, user_message
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.creation import MirrorCreator, Outcome, was_cancelled
from traffic_mirroring.models import ActionResult, CreateAction
from traffic_mirroring.plan.create import (
    AlreadyExists,
    CreateMirror,
    CreateState,
    CreateStep,
    DuplicateOf,
    Rejected,
    plan_create,
)
from traffic_mirroring.plan.prerequisites import find_warnings
from traffic_mirroring.topology import Attachments

TYPE = "CreateTrafficMirroring"


class Creator:
    """Makes the mirrors of one request exist, on behalf of one sandbox."""

    def __init__(self, context: CommandContext) -> None:
        self._ec2 = context.ec2
        self._lookups = context.lookups
        self._sandbox = context.sandbox
        self._workers = context.workers
        self._maker = MirrorCreator(context)

    def run(self, actions: Sequence[CreateAction]) -> list[ActionResult]:
        """
        Return a result for each action, in their order.

        An action stands or falls alone, and one that falls leaves nothing behind. A
        cancelled command leaves nothing of any action.
        """
        try:
            state = self._observe(actions)
        except TrafficMirroringError as error:
            return [_result(action, Outcome(error=error), False) for action in actions]
        steps = plan_create(actions, state, self._sandbox)
        outcomes = self._execute(steps, state.attachments)
        cancelled = was_cancelled(outcomes.values())
        return [
            _result(action, outcomes[_deciding(steps, index)], cancelled)
            for index, action in enumerate(actions)
        ]

    def _observe(self, actions: Sequence[CreateAction]) -> CreateState:
        sources = {action.mirror.source_nic_id for action in actions}
        destinations = {action.mirror.destination for action in actions}
        with (
            self._workers.in_background(
                lambda: self._ec2.find_targets_to(destinations | sources)
            ) as targets,
            self._lookups.attachments(
                [action.mirror for action in actions]
            ) as attachments,
        ):
            sessions = self._ec2.find_sessions("network-interface-id", sources)
        return CreateState(targets.result(), sessions, attachments())

    def _execute(
        self, steps: Sequence[CreateStep], attachments: Attachments
    ) -> dict[int, Outcome]:
        outcomes: dict[int, Outcome] = {}
        makes: dict[int, CreateMirror] = {}
        for index, step in enumerate(steps):
            if isinstance(step, AlreadyExists):
                outcomes[index] = Outcome(step.session.id, step.session.number)
            elif isinstance(step, Rejected):
                outcomes[index] = Outcome(error=step.error)
            elif isinstance(step, CreateMirror):
                makes[index] = step
        made = self._make(list(makes.values()), attachments)
        return {**outcomes, **dict(zip(makes, made))}

    def _make(
        self, makes: Sequence[CreateMirror], attachments: Attachments
    ) -> list[Outcome]:
        """Make mirrors, and see meanwhile what may be wrong with them."""
        mirrors = [make.action.mirror for make in makes]
        with self._lookups.network(mirrors, attachments) as network:
            outcomes = self._maker.create_all(makes)
        found = network()
        for mirror, outcome in zip(mirrors, outcomes):
            outcome.notes = find_warnings(mirror, attachments, found)
        return outcomes


def _deciding(steps: Sequence[CreateStep], index: int) -> int:
    """Return the index of the step that decides an action's outcome."""
    step = steps[index]
    return step.index if isinstance(step, DuplicateOf) else index


def _result(action: CreateAction, outcome: Outcome, cancelled: bool) -> ActionResult:
    error = Cancelled() if cancelled else outcome.error
    notes = "; ".join(outcome.notes)
    left = ""
    if outcome.leftovers:
        things = ", ".join(outcome.leftovers)
        left = f"; left behind until the sandbox is cleaned up: {things}"
    if error or not outcome.session_id:
        return ActionResult(
            TYPE,
            action.action_id,
            "" if cancelled else notes,
            f"{user_message(error)}{left}",
            session_id="",
        )
    mirror = action.mirror
    info = (
        f"Session {outcome.session_id} mirrors {mirror.source_nic_id} to "
        f"{mirror.destination} with session number {outcome.number}{left}"
    )
    info = "; ".join([info, *outcome.notes])
    return ActionResult(
        TYPE, action.action_id, info=info, session_id=outcome.session_id
    )
