"""
Owns: creating one mirror: number, filter with rules, session; and the undo of each.

What was found in EC2 is used by its id and never undone.
Must not know: the other mirrors of the command.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Union

from traffic_mirroring import tags
from traffic_mirroring.errors import Cancelled, Ec2Conflict, Ec2NotFound, PoolFailed
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.observe import LOOKS, find_resources
from traffic_mirroring.flows.rollback import Rollback
from traffic_mirroring.flows.session_numbers import claim_number
from traffic_mirroring.flows.shared_targets import SharedTargets
from traffic_mirroring.models import (
    FilterId,
    Session,
    SessionNumber,
    SessionSpec,
    TargetId,
)
from traffic_mirroring.plan.create import AlreadyExists, CreateMirror
from traffic_mirroring.plan.existing import ExistingMirrors, Resources
from traffic_mirroring.sandbox.session_numbers import TakenNumber

_MAX_NUMBERS = 4
"""How many numbers to try if EC2 refuses them though no session has them."""


@dataclass(frozen=True)
class Created:
    """A mirror that this command created; `notes` are for the user."""

    session: Session
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failed:
    """
    A mirror that could not be created, and what its rollback could not delete.

    `advice` says more about the error, if that is known.
    """

    error: Exception
    leftovers: tuple[str, ...] = ()
    advice: str | None = None


Outcome = Union[Created, AlreadyExists, Failed]


def is_cancelled(outcome: object) -> bool:
    """Return whether the mirror was not created because the user cancelled."""
    return isinstance(outcome, Failed) and isinstance(outcome.error, Cancelled)


class _NumberRefused(Exception):
    """EC2 refused to create the session, perhaps because its number is in use."""

    def __init__(self, error: Ec2Conflict) -> None:
        self.error = error
        super().__init__(str(error))


class MirrorCreator:
    """Creates one mirror; `undo` deletes what it has created, unless it was kept."""

    def __init__(
        self, context: CommandContext, targets: SharedTargets, step: CreateMirror
    ) -> None:
        self._context = context
        self._ec2 = context.ec2
        self._targets = targets
        self._step = step
        self._rollback = Rollback(context.log)
        self._number_in_use = False

    def create(self) -> Outcome:
        """Create the mirror, or return the one that another process has created."""
        try:
            outcome = self._create(claim_number(self._context, self._step))
        except Exception as error:
            mirror = self._step.action.mirror
            self._context.log.exception("Could not create %s", mirror)
            outcome = Failed(error, self._rollback.undo())
        self._context.progress.step()
        return outcome

    def keep(self) -> None:
        """Keep what was created."""
        self._rollback.keep()

    def undo(self) -> tuple[str, ...]:
        """Delete what was created and is not kept; return what could not be deleted."""
        return self._rollback.undo()

    def _create(
        self, claimed: TakenNumber | AlreadyExists, attempts: int = _MAX_NUMBERS
    ) -> Outcome:
        """Create the mirror; try other numbers if EC2 refuses this one."""
        if isinstance(claimed, AlreadyExists):
            return claimed
        try:
            return self._create_mirror(claimed)
        except _NumberRefused as refused:
            existing = self._find_equal(claimed.number)
            leftovers = self._rollback.undo()
            if existing:
                return AlreadyExists(existing)
            given = self._step.action.session_number is not None
            if given or leftovers or attempts == 1:
                return Failed(refused.error, leftovers)
        claimed = claim_number(self._context, self._step, claimed.number)
        return self._create(claimed, attempts - 1)

    def _find_equal(self, number: SessionNumber) -> Session | None:
        """
        Return the mirror if another process created it with this number meanwhile.

        If a session of this sandbox has the number, the pool must not hand it out.
        """
        action, sandbox = self._step.action, self._context.sandbox

        def holder(found: Resources) -> Session | None:
            source = action.mirror.source_nic_id
            on_source = (it for it in found.sessions if it.source_nic_id == source)
            return next((it for it in on_source if it.number == number), None)

        found = self._context.retry_policy.shortened(LOOKS).retry_until(
            lambda found: holder(found) is not None,
            lambda: find_resources(self._context, [action]),
        )
        session = holder(found)
        self._number_in_use = bool(session and tags.is_owned_by(sandbox, session.tags))
        return ExistingMirrors(found, sandbox).find(action)

    def _create_mirror(self, claimed: TakenNumber) -> Created:
        """Create the filter and its rules, then the session, which starts to mirror."""
        number = claimed.number
        nic_id = self._step.action.mirror.source_nic_id
        self._number_in_use = False
        self._rollback.add(
            f"session number {number} of {nic_id}", partial(self._release, number)
        )
        filter_id = self._create_filter(number)
        session = self._create_session(number, filter_id)
        return Created(session, (claimed.note,) if claimed.note else ())

    def _release(self, number: SessionNumber) -> None:
        nic_id = self._step.action.mirror.source_nic_id
        if self._number_in_use:
            action = f"Giving back session number {number} of {nic_id}"
            raise PoolFailed(action, "it is in use")
        self._context.numbers.release(nic_id, number)

    def _create_filter(self, number: SessionNumber) -> FilterId:
        """Create the filter with its rules, numbered in the order given."""
        action = self._step.action
        wanted = tags.filter_tags(self._context.sandbox, action, number)
        with self._rollback.if_unanswered(
            f"filter {wanted['Name']}",
            lambda: self._ec2.delete_unconfirmed("filter", wanted),
        ):
            filter_id = self._ec2.create_filter(wanted)
        self._rollback.add(
            f"filter {filter_id}",
            lambda: self._ec2.delete_filter(filter_id, just_created=True),
        )
        calls = [
            partial(self._ec2.create_rule, filter_id, *rule, wanted)
            for rule in enumerate(action.mirror.rules, 1)
        ]
        services = action.mirror.network_services
        if services:
            calls.append(partial(self._ec2.add_services, filter_id, services))
        self._context.workers.gather(*calls)
        return filter_id

    def _create_session(self, number: SessionNumber, filter_id: FilterId) -> Session:
        """Create the session; replace a target that another sandbox has deleted."""
        destination = self._step.action.mirror.destination
        target_id = self._targets.get(destination)

        def create() -> Session:
            nonlocal target_id
            try:
                return self._create_session_on(target_id, number, filter_id)
            except Ec2NotFound as error:
                if not error.is_target:
                    raise
                gone, target_id = (
                    target_id,
                    self._targets.replace(destination, target_id),
                )
                if target_id == gone:
                    raise
            return self._create_session_on(target_id, number, filter_id)

        return self._context.retry_policy.retry(_is_target_not_found, create)

    def _create_session_on(
        self, target_id: TargetId, number: SessionNumber, filter_id: FilterId
    ) -> Session:
        action = self._step.action
        wanted = tags.session_tags(self._context.sandbox, action, number)
        name = tags.mirror_name(action.mirror, number)
        description = action.description or name
        spec = SessionSpec(action.mirror, target_id, filter_id, number, description)
        with self._rollback.if_unanswered(
            f"session {name}",
            lambda: self._undo_session(
                partial(self._ec2.delete_unconfirmed, "session", wanted)
            ),
        ):
            try:
                session = self._ec2.create_session(spec, wanted)
            except Ec2Conflict as error:
                raise _NumberRefused(error) from error
        self._rollback.add(
            f"session {session.id}",
            lambda: self._undo_session(
                partial(self._ec2.delete_session, session.id, just_created=True)
            ),
        )
        return session

    def _undo_session(self, delete: Callable[[], object]) -> None:
        """Delete the session; until it is gone, its number must not be released."""
        self._number_in_use = True
        delete()
        self._number_in_use = False


def _is_target_not_found(error: BaseException) -> bool:
    return isinstance(error, Ec2NotFound) and error.is_target
