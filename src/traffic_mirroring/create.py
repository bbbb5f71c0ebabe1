"""
The conductor of CreateTrafficMirroring: observe, plan, make, answer.

It owns what happens when an action fails or the command is cancelled. It knows no
boto3 and no JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
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
from .errors import Cancelled, TrafficMirroringError
from .models import (
    ActionResult,
    CreateAction,
    FilterId,
    Mirror,
    NewSession,
    Sandbox,
    SessionId,
    SessionNumber,
)
from .rollback import Rollback
from .session_numbers import SessionNumbers
from .shared_targets import SharedTargets

TYPE = "CreateTrafficMirroring"


@dataclass
class _Attempt:
    """How the making of one mirror stands."""

    rollback: Rollback
    session_id: SessionId | None = None
    number: SessionNumber | None = None
    error: Exception | None = None


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
            return [_failure(action, str(error)) for action in actions]
        steps = plan_create(actions, around, self._sandbox)
        attempts = self._execute(
            {index: step for index, step in enumerate(steps) if isinstance(step, Make)}
        )
        return [
            self._result(action, *_deciding(steps, index), attempts)
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

    def _execute(self, makes: Mapping[int, Make]) -> dict[int, _Attempt]:
        attempts: dict[int, _Attempt] = {}
        with ExitStack() as command:
            command.enter_context(self._targets)
            for index in sorted(makes, key=lambda index: makes[index].number is None):
                rollback = command.enter_context(Rollback(self._log))
                attempts[index] = self._attempt(makes[index], rollback)
            if not _cancelled(attempts):
                self._keep(makes, attempts)
        return attempts

    def _attempt(self, make: Make, rollback: Rollback) -> _Attempt:
        attempt = _Attempt(rollback)
        try:
            attempt.number = self._take_number(make, rollback)
            attempt.session_id = self._build(make, attempt.number, rollback)
        except Exception as error:
            attempt.error = error
            self._log.exception("Could not make %s", make.mirror)
            rollback.undo()
        return attempt

    def _take_number(self, make: Make, rollback: Rollback) -> SessionNumber:
        nic = make.mirror.source_nic_id
        number = make.number
        if number is None:
            number = self._numbers.take_next(nic, make.occupied)
        else:
            self._numbers.take(nic, number)
        rollback.add(
            f"session number {number} of {nic}",
            lambda: self._numbers.release(nic, number),
        )
        return number

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

    def _keep(
        self, makes: Mapping[int, Make], attempts: Mapping[int, _Attempt]
    ) -> None:
        for index, attempt in attempts.items():
            if attempt.session_id:
                attempt.rollback.keep()
                self._targets.keep(makes[index].mirror.target_nic_id)

    def _result(
        self,
        action: CreateAction,
        index: int,
        step: CreateStep,
        attempts: Mapping[int, _Attempt],
    ) -> ActionResult:
        attempt = attempts.get(index)
        left = ""
        if attempt:
            nic = action.mirror.target_nic_id
            left = _left(attempt.rollback.leftovers + self._targets.leftovers(nic))
        if _cancelled(attempts):
            return _failure(action, f"{Cancelled()}{left}")
        if isinstance(step, Refused):
            return _failure(action, str(step.error))
        if isinstance(step, Standing):
            return _success(action, step.session.id, step.session.number, " already")
        if attempt and attempt.session_id and attempt.number:
            return _success(action, attempt.session_id, attempt.number)
        return _failure(action, f"{attempt and attempt.error}{left}")


def _deciding(steps: Sequence[CreateStep], index: int) -> tuple[int, CreateStep]:
    """Return the step that decides an action's outcome, and its index."""
    step = steps[index]
    return (
        (step.index, steps[step.index]) if isinstance(step, SameAs) else (index, step)
    )


def _cancelled(attempts: Mapping[int, _Attempt]) -> bool:
    return any(isinstance(attempt.error, Cancelled) for attempt in attempts.values())


def _left(leftovers: Sequence[str]) -> str:
    """Name what could not be undone."""
    return f"; left behind: {', '.join(leftovers)}" if leftovers else ""


def _success(
    action: CreateAction, session: SessionId, number: SessionNumber, already: str = ""
) -> ActionResult:
    mirror = action.mirror
    info = (
        f"Session {session} mirrors {mirror.source_nic_id} to {mirror.target_nic_id}"
        f"{already}, with session number {number}"
    )
    return ActionResult(TYPE, action.action_id, info=info, session_id=session)


def _failure(action: CreateAction, error: str) -> ActionResult:
    return ActionResult(TYPE, action.action_id, error=error, session_id="")
