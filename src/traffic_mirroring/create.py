"""The conductor of CreateTrafficMirroring: observe, plan, make, answer."""

from __future__ import annotations

from collections.abc import Sequence

from .create_plan import (
    CreateStep,
    Make,
    Refused,
    SameAs,
    Standing,
    Surroundings,
    plan_create,
)
from .errors import Cancelled, TrafficMirroringError, told
from .making import Maker, Outcome, was_cancelled
from .models import ActionResult, CreateAction
from .services import Services

TYPE = "CreateTrafficMirroring"


class Creator:
    """Makes the mirrors of one request exist, on behalf of one sandbox."""

    def __init__(self, services: Services) -> None:
        self._ec2 = services.ec2
        self._sandbox = services.sandbox
        self._workers = services.workers
        self._maker = Maker(services)

    def run(self, actions: Sequence[CreateAction]) -> list[ActionResult]:
        """
        Return a result for each action, in their order.

        An action stands or falls alone, and one that falls leaves nothing behind. A
        cancelled command leaves nothing of any action.
        """
        try:
            around = self._observe(actions)
        except TrafficMirroringError as error:
            return [_result(action, Outcome(error=error), False) for action in actions]
        steps = plan_create(actions, around, self._sandbox)
        outcomes = self._execute(steps)
        cancelled = was_cancelled(outcomes.values())
        return [
            _result(action, outcomes[_deciding(steps, index)], cancelled)
            for index, action in enumerate(actions)
        ]

    def _observe(self, actions: Sequence[CreateAction]) -> Surroundings:
        sources = {action.mirror.source_nic_id for action in actions}
        targets = {action.mirror.target_nic_id for action in actions}
        by_nic = "network-interface-id"
        with self._workers.meanwhile(
            lambda: self._ec2.find_targets(by_nic, sources | targets)
        ) as found:
            sessions = self._ec2.find_sessions(by_nic, sources)
        return Surroundings(found.result(), sessions)

    def _execute(self, steps: Sequence[CreateStep]) -> dict[int, Outcome]:
        outcomes: dict[int, Outcome] = {}
        makes: dict[int, Make] = {}
        for index, step in enumerate(steps):
            if isinstance(step, Standing):
                outcomes[index] = Outcome(step.session.id, step.session.number)
            elif isinstance(step, Refused):
                outcomes[index] = Outcome(error=step.error)
            elif isinstance(step, Make):
                makes[index] = step
        made = self._maker.make_all(list(makes.values()))
        return {**outcomes, **dict(zip(makes, made))}


def _deciding(steps: Sequence[CreateStep], index: int) -> int:
    """Return the index of the step that decides an action's outcome."""
    step = steps[index]
    return step.index if isinstance(step, SameAs) else index


def _result(action: CreateAction, outcome: Outcome, cancelled: bool) -> ActionResult:
    error = Cancelled() if cancelled else outcome.error
    left = f"; left behind: {', '.join(outcome.leftovers)}" if outcome.leftovers else ""
    if error or not outcome.session_id:
        return ActionResult(
            TYPE, action.action_id, error=f"{told(error)}{left}", session_id=""
        )
    mirror = action.mirror
    info = (
        f"Session {outcome.session_id} mirrors {mirror.source_nic_id} to "
        f"{mirror.target_nic_id} with session number {outcome.number}{left}"
    )
    return ActionResult(
        TYPE, action.action_id, info=info, session_id=outcome.session_id
    )
