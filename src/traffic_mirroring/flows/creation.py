"""
Making mirrors: numbers, targets, filters with their rules, sessions, in parallel.

It owns what happens when a call fails or the command is cancelled. What it makes it
can undo; of what it merely found it knows nothing but the id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from traffic_mirroring import tags
from traffic_mirroring.errors import Cancelled, Ec2Unknown, PoolFailed
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.rollback import Rollback
from traffic_mirroring.flows.shared_targets import SharedTargets
from traffic_mirroring.models import (
    CreateAction,
    FilterId,
    NicId,
    SessionId,
    SessionNumber,
    SessionSpec,
    TargetId,
)
from traffic_mirroring.plan.create import CreateMirror


@dataclass
class Outcome:
    """
    How a mirror came to stand, or why it doesn't, and what is left behind.

    `notes` tell the user what may be wrong with a mirror that could be made.
    """

    session_id: SessionId | None = None
    number: SessionNumber | None = None
    error: Exception | None = None
    leftovers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class _Job:
    """A mirror in the making."""

    make: CreateMirror
    rollback: Rollback
    outcome: Outcome = field(default_factory=Outcome)
    number_in_use: bool = False


def was_cancelled(outcomes: Iterable[Outcome]) -> bool:
    """Tell whether the command was cancelled while it worked on these."""
    return any(isinstance(outcome.error, Cancelled) for outcome in outcomes)


class MirrorCreator:
    """
    Makes the mirrors of one command.

    A mirror that can't be made leaves nothing behind. If the command is cancelled,
    nothing of any mirror is left.
    """

    def __init__(self, context: CommandContext) -> None:
        self._ec2 = context.ec2
        self._numbers = context.numbers
        self._check_cancelled = context.check_cancelled
        self._sandbox = context.sandbox
        self._workers = context.workers
        self._progress = context.progress
        self._log = context.log
        self._targets = SharedTargets(context.ec2, context.sandbox, context.log)

    def create_all(self, makes: Sequence[CreateMirror]) -> list[Outcome]:
        """Return how each mirror came out, in their order; raise nothing."""
        jobs = [_Job(make, Rollback(self._log)) for make in makes]
        self._progress.start("Creating traffic mirrors", len(jobs))
        with ExitStack() as command:
            command.enter_context(self._targets)
            for job in jobs:
                command.enter_context(job.rollback)
            given = [job for job in jobs if job.make.action.session_number is not None]
            self._workers.map_actions(partial(self._guarded, self._take_number), given)
            self._workers.map_actions(self._finish, jobs)
            self._check_cancelled_at_end(jobs)
            if was_cancelled(job.outcome for job in jobs):
                self._workers.map_actions(lambda job: job.rollback.undo(), jobs)
            else:
                self._keep(jobs)
        for job in jobs:
            left = self._targets.leftovers(job.make.action.mirror.destination)
            job.outcome.leftovers = job.rollback.leftovers + left
        return [job.outcome for job in jobs]

    def _guarded(self, part: Callable[[_Job], object], job: _Job) -> None:
        """Do a part of a job, unless an earlier part failed."""
        if job.outcome.error:
            return
        try:
            part(job)
        except Exception as error:
            self._log.exception("Could not make %s", job.make.action.mirror)
            job.outcome.error = error
            job.rollback.undo()

    def _finish(self, job: _Job) -> None:
        self._guarded(self._create_mirror, job)
        self._progress.step()

    def _check_cancelled_at_end(self, jobs: Sequence[_Job]) -> None:
        """See whether the command was cancelled during its last calls."""
        try:
            self._check_cancelled()
        except Cancelled as cancelled:
            for job in jobs:
                job.outcome.error = job.outcome.error or cancelled

    def _keep(self, jobs: Sequence[_Job]) -> None:
        for job in jobs:
            if not job.outcome.error:
                job.rollback.keep()
                self._targets.keep(job.make.action.mirror.destination)

    def _take_number(self, job: _Job) -> SessionNumber:
        """Take the given number, or the lowest that no session in EC2 has either."""
        nic = job.make.action.mirror.source_nic_id
        skipped = Rollback(self._log)
        try:
            with skipped:
                number = self._take_free(job.make.action)
                while number in job.make.numbers_in_use:
                    skipped.add(*self._release_undo(nic, number))
                    number = self._take_free(job.make.action)
                job.rollback.add(*self._release_undo(nic, number, job))
        finally:
            job.rollback.leftovers += skipped.leftovers
        job.outcome.number = number
        return number

    def _take_free(self, action: CreateAction) -> SessionNumber:
        nic = action.mirror.source_nic_id
        if action.session_number is None:
            return self._numbers.take_lowest(nic)
        self._numbers.take(nic, action.session_number)
        return action.session_number

    def _release_undo(
        self, nic: NicId, number: SessionNumber, job: _Job | None = None
    ) -> tuple[str, Callable[[], None]]:
        """Name a number and say how to undo that it was taken."""
        what = f"session number {number} of {nic}"

        def release() -> None:
            if job and job.number_in_use:
                raise PoolFailed(f"Giving back {what}", "it is in use")
            self._numbers.release(nic, number)

        return what, release

    def _create_mirror(self, job: _Job) -> None:
        """Make everything but a given number; the session comes last, and mirrors."""
        make, destination = job.make, job.make.action.mirror.destination
        with self._workers.in_background(
            lambda: make.target_id or self._targets.ensure(destination)
        ) as target:
            number = job.outcome.number or self._take_number(job)
            filter_id = self._create_filter(job, number)
        target_id = target.result()
        try:
            self._create_session(job, number, filter_id, target_id)
        except Ec2Unknown:
            # Another sandbox may just have deleted the target, as the last to use it.
            target_id = self._targets.ensure(destination, instead_of=target_id)
            self._create_session(job, number, filter_id, target_id)

    def _create_session(
        self,
        job: _Job,
        number: SessionNumber,
        filter_id: FilterId,
        target_id: TargetId,
    ) -> None:
        action = job.make.action
        wanted = tags.session_tags(self._sandbox, action, number)
        name = tags.mirror_name(action.mirror, number)
        new = SessionSpec(
            action.mirror, target_id, filter_id, number, action.description or name
        )
        with job.rollback.if_unanswered(
            f"session {name}",
            lambda: self._undo_session(
                job, partial(self._ec2.delete_unconfirmed, "session", wanted)
            ),
        ):
            session_id = self._ec2.create_session(new, wanted)
        job.rollback.add(
            f"session {session_id}",
            lambda: self._undo_session(
                job, partial(self._ec2.delete_session, session_id, just_created=True)
            ),
        )
        job.outcome.session_id = session_id

    def _undo_session(self, job: _Job, delete_session: Callable[[], None]) -> None:
        """Delete the session; until it is gone, its number isn't given back."""
        job.number_in_use = True
        delete_session()
        job.number_in_use = False

    def _create_filter(self, job: _Job, number: SessionNumber) -> FilterId:
        """Create the filter with its rules, numbered in the order given."""
        action = job.make.action
        wanted = tags.filter_tags(self._sandbox, action, number)
        with job.rollback.if_unanswered(
            f"filter {wanted['Name']}",
            lambda: self._ec2.delete_unconfirmed("filter", wanted),
        ):
            filter_id = self._ec2.create_filter(wanted)
        job.rollback.add(
            f"filter {filter_id}",
            lambda: self._ec2.delete_filter(filter_id, just_created=True),
        )
        calls = [
            partial(self._ec2.create_rule, filter_id, *rule)
            for rule in enumerate(action.mirror.rules, 1)
        ]
        services = action.mirror.network_services
        if services:
            calls.append(partial(self._ec2.add_services, filter_id, services))
        self._workers.gather(*calls)
        return filter_id
