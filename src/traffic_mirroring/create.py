"""
The conductor of CreateTrafficMirroring: observe, plan, make, answer.

It owns what happens when an action fails or the command is cancelled. It knows no
boto3 and no JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from logging import Logger

from . import tags
from .create_plan import (
    CreateStep,
    Make,
    Refused,
    SameAs,
    Standing,
    Surroundings,
    plan_create,
)
from .ec2 import Ec2
from .errors import Cancelled, TrafficMirroringError, told
from .models import (
    ActionResult,
    CreateAction,
    FilterId,
    Mirror,
    NewSession,
    NicId,
    Sandbox,
    SessionId,
    SessionNumber,
)
from .rollback import Rollback
from .session_numbers import SessionNumbers
from .shared_targets import SharedTargets

TYPE = "CreateTrafficMirroring"


@dataclass
class _Outcome:
    """How a mirror came to stand, or why it doesn't, and what is left behind."""

    session_id: SessionId | None = None
    number: SessionNumber | None = None
    error: Exception | None = None
    leftovers: list[str] = field(default_factory=list)


class Creator:
    """Makes the mirrors of a request exist, on behalf of one sandbox."""

    def __init__(
        self, ec2: Ec2, numbers: SessionNumbers, sandbox: Sandbox, log: Logger
    ) -> None:
        self._ec2 = ec2
        self._numbers = numbers
        self._sandbox = sandbox
        self._log = log
        self._targets = SharedTargets(ec2, sandbox, log)

    def run(self, actions: Sequence[CreateAction]) -> list[ActionResult]:
        """
        Return a result for each action, in their order.

        An action stands or falls alone, and one that falls leaves nothing behind. A
        cancelled command leaves nothing of any action.
        """
        try:
            around = self._observe(actions)
        except TrafficMirroringError as error:
            return [_result(action, _Outcome(error=error), False) for action in actions]
        steps = plan_create(actions, around, self._sandbox)
        outcomes = self._execute(steps)
        return [
            _result(action, outcomes[_deciding(steps, index)], _cancelled(outcomes))
            for index, action in enumerate(actions)
        ]

    def _observe(self, actions: Sequence[CreateAction]) -> Surroundings:
        sources = {action.mirror.source_nic_id for action in actions}
        targets = {action.mirror.target_nic_id for action in actions}
        by_nic = "network-interface-id"
        return Surroundings(
            targets=self._ec2.find_targets(by_nic, sources | targets),
            sessions=self._ec2.find_sessions(by_nic, sources),
        )

    def _execute(self, steps: Sequence[CreateStep]) -> dict[int, _Outcome]:
        outcomes: dict[int, _Outcome] = {}
        makes: dict[int, Make] = {}
        for index, step in enumerate(steps):
            if isinstance(step, Standing):
                outcomes[index] = _Outcome(step.session.id, step.session.number)
            elif isinstance(step, Refused):
                outcomes[index] = _Outcome(error=step.error)
            elif isinstance(step, Make):
                makes[index] = step
        return {**outcomes, **self._make_all(makes)}

    def _make_all(self, makes: Mapping[int, Make]) -> dict[int, _Outcome]:
        """Make the mirrors, those with a given number first."""
        outcomes: dict[int, _Outcome] = {}
        rollbacks = {index: Rollback(self._log) for index in makes}
        with ExitStack() as command:
            command.enter_context(self._targets)
            for index in sorted(makes, key=lambda index: makes[index].number is None):
                rollback = command.enter_context(rollbacks[index])
                outcomes[index] = self._make(makes[index], rollback)
            if not _cancelled(outcomes):
                for index, outcome in outcomes.items():
                    if outcome.session_id:
                        rollbacks[index].keep()
                        self._targets.keep(makes[index].mirror.target_nic_id)
        for index, outcome in outcomes.items():
            nic = makes[index].mirror.target_nic_id
            outcome.leftovers = rollbacks[index].leftovers + self._targets.leftovers(
                nic
            )
        return outcomes

    def _make(self, make: Make, rollback: Rollback) -> _Outcome:
        try:
            number = self._take_number(make, rollback)
            session_id = self._build(make, number, rollback)
        except Exception as error:
            self._log.exception("Could not make %s", make.mirror)
            rollback.undo()
            return _Outcome(error=error)
        return _Outcome(session_id, number)

    def _take_number(self, make: Make, rollback: Rollback) -> SessionNumber:
        """Take the given number, or the lowest that no session in EC2 has either."""
        nic = make.mirror.source_nic_id
        with Rollback(self._log) as skipped:
            number = self._take_free(make)
            while number in make.occupied:
                skipped.add(*self._giving_back(nic, number))
                number = self._take_free(make)
            rollback.add(*self._giving_back(nic, number))
        rollback.leftovers += skipped.leftovers
        return number

    def _take_free(self, make: Make) -> SessionNumber:
        nic = make.mirror.source_nic_id
        if make.number is None:
            return self._numbers.take_lowest(nic)
        self._numbers.take(nic, make.number)
        return make.number

    def _giving_back(
        self, nic: NicId, number: SessionNumber
    ) -> tuple[str, Callable[[], None]]:
        what = f"session number {number} of {nic}"
        return what, lambda: self._numbers.release(nic, number)

    def _build(
        self, make: Make, number: SessionNumber, rollback: Rollback
    ) -> SessionId:
        mirror = make.mirror
        target_id = make.target_id or self._targets.ensure(mirror.target_nic_id)
        filter_id = self._create_filter(mirror, number, rollback)
        name = tags.mirror_name(mirror, number)
        session_id = self._ec2.create_session(
            NewSession(mirror.source_nic_id, target_id, filter_id, number, name),
            tags.session_tags(self._sandbox, mirror, number),
        )
        rollback.add(
            f"session {session_id}", lambda: self._ec2.delete_session(session_id)
        )
        return session_id

    def _create_filter(
        self, mirror: Mirror, number: SessionNumber, rollback: Rollback
    ) -> FilterId:
        filter_id = self._ec2.create_filter(
            tags.filter_tags(self._sandbox, mirror, number)
        )
        rollback.add(f"filter {filter_id}", lambda: self._ec2.delete_filter(filter_id))
        for rule_number, rule in enumerate(mirror.rules, 1):
            self._ec2.create_rule(filter_id, rule_number, rule)
        return filter_id


def _deciding(steps: Sequence[CreateStep], index: int) -> int:
    """Return the index of the step that decides an action's outcome."""
    step = steps[index]
    return step.index if isinstance(step, SameAs) else index


def _cancelled(outcomes: Mapping[int, _Outcome]) -> bool:
    return any(isinstance(outcome.error, Cancelled) for outcome in outcomes.values())


def _result(action: CreateAction, outcome: _Outcome, cancelled: bool) -> ActionResult:
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
