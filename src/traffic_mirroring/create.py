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
from .network import Machines
from .prerequisites import find_notes
from .services import Services

TYPE = "CreateTrafficMirroring"


class Creator:
    """Makes the mirrors of one request exist, on behalf of one sandbox."""

    def __init__(self, services: Services) -> None:
        self._ec2 = services.ec2
        self._lookups = services.lookups
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
        outcomes = self._execute(steps, around.machines)
        cancelled = was_cancelled(outcomes.values())
        return [
            _result(action, outcomes[_deciding(steps, index)], cancelled)
            for index, action in enumerate(actions)
        ]

    def _observe(self, actions: Sequence[CreateAction]) -> Surroundings:
        sources = {action.mirror.source_nic_id for action in actions}
        destinations = {action.mirror.destination for action in actions}
        with (
            self._workers.meanwhile(
                lambda: self._ec2.find_targets_to(destinations | sources)
            ) as targets,
            self._lookups.machines([action.mirror for action in actions]) as machines,
        ):
            sessions = self._ec2.find_sessions("network-interface-id", sources)
        return Surroundings(targets.result(), sessions, machines())

    def _execute(
        self, steps: Sequence[CreateStep], machines: Machines
    ) -> dict[int, Outcome]:
        outcomes: dict[int, Outcome] = {}
        makes: dict[int, Make] = {}
        for index, step in enumerate(steps):
            if isinstance(step, Standing):
                outcomes[index] = Outcome(step.session.id, step.session.number)
            elif isinstance(step, Refused):
                outcomes[index] = Outcome(error=step.error)
            elif isinstance(step, Make):
                makes[index] = step
        made = self._make(list(makes.values()), machines)
        return {**outcomes, **dict(zip(makes, made))}

    def _make(self, makes: Sequence[Make], machines: Machines) -> list[Outcome]:
        """Make mirrors, and see meanwhile what may be wrong with them."""
        mirrors = [make.action.mirror for make in makes]
        with self._lookups.network(mirrors, machines) as network:
            outcomes = self._maker.make_all(makes)
        found = network()
        for mirror, outcome in zip(mirrors, outcomes):
            outcome.notes = find_notes(mirror, machines, found)
        return outcomes


def _deciding(steps: Sequence[CreateStep], index: int) -> int:
    """Return the index of the step that decides an action's outcome."""
    step = steps[index]
    return step.index if isinstance(step, SameAs) else index


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
            f"{told(error)}{left}",
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
