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

from . import tags
from .create_plan import Make
from .errors import Cancelled, Ec2Unknown, PoolFailed
from .models import (
    CreateAction,
    FilterId,
    NewSession,
    NicId,
    SessionId,
    SessionNumber,
    TargetId,
)
from .rollback import Rollback
from .services import Services
from .shared_targets import SharedTargets


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

    make: Make
    rollback: Rollback
    outcome: Outcome = field(default_factory=Outcome)
    number_in_use: bool = False


def was_cancelled(outcomes: Iterable[Outcome]) -> bool:
    """Tell whether the command was cancelled while it worked on these."""
    return any(isinstance(outcome.error, Cancelled) for outcome in outcomes)


class Maker:
    """
    Makes the mirrors of one command.

    A mirror that can't be made leaves nothing behind. If the command is cancelled,
    nothing of any mirror is left.
    """

    def __init__(self, services: Services) -> None:
        self._ec2 = services.ec2
        self._numbers = services.numbers
        self._checkpoint = services.checkpoint
        self._sandbox = services.sandbox
        self._workers = services.workers
        self._progress = services.progress
        self._log = services.log
        self._targets = SharedTargets(services.ec2, services.sandbox, services.log)

    def make_all(self, makes: Sequence[Make]) -> list[Outcome]:
        """Return how each mirror came out, in their order; raise nothing."""
        jobs = [_Job(make, Rollback(self._log)) for make in makes]
        self._progress.start("Creating traffic mirrors", len(jobs))
        with ExitStack() as command:
            command.enter_context(self._targets)
            for job in jobs:
                command.enter_context(job.rollback)
            given = [job for job in jobs if job.make.action.session_number is not None]
            self._workers.each_action(partial(self._attempt, self._take_number), given)
            self._workers.each_action(self._finish, jobs)
            self._ask_once_more(jobs)
            if was_cancelled(job.outcome for job in jobs):
                self._workers.each_action(lambda job: job.rollback.undo(), jobs)
            else:
                self._keep(jobs)
        for job in jobs:
            left = self._targets.leftovers(job.make.action.mirror.destination)
            job.outcome.leftovers = job.rollback.leftovers + left
        return [job.outcome for job in jobs]

    def _attempt(self, part: Callable[[_Job], object], job: _Job) -> None:
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
        self._attempt(self._build, job)
        self._progress.step()

    def _ask_once_more(self, jobs: Sequence[_Job]) -> None:
        """See whether the command was cancelled during its last calls."""
        try:
            self._checkpoint()
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
                while number in job.make.occupied:
                    skipped.add(*self._giving_back(nic, number))
                    number = self._take_free(job.make.action)
                job.rollback.add(*self._giving_back(nic, number, job))
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

    def _giving_back(
        self, nic: NicId, number: SessionNumber, job: _Job | None = None
    ) -> tuple[str, Callable[[], None]]:
        """Name a number and say how to undo that it was taken."""
        what = f"session number {number} of {nic}"

        def release() -> None:
            if job and job.number_in_use:
                raise PoolFailed(f"Giving back {what}", "it is in use")
            self._numbers.release(nic, number)

        return what, release

    def _build(self, job: _Job) -> None:
        """Make everything but a given number; the session comes last, and mirrors."""
        make, destination = job.make, job.make.action.mirror.destination
        with self._workers.meanwhile(
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
        new = NewSession(
            action.mirror, target_id, filter_id, number, action.description or name
        )
        with job.rollback.in_doubt(
            f"session {name}",
            lambda: self._unmake(
                job, partial(self._ec2.delete_lost, "session", wanted)
            ),
        ):
            session_id = self._ec2.create_session(new, wanted)
        job.rollback.add(
            f"session {session_id}",
            lambda: self._unmake(
                job, partial(self._ec2.delete_session, session_id, fresh=True)
            ),
        )
        job.outcome.session_id = session_id

    def _unmake(self, job: _Job, delete_session: Callable[[], None]) -> None:
        """Delete the session; until it is gone, its number isn't given back."""
        job.number_in_use = True
        delete_session()
        job.number_in_use = False

    def _create_filter(self, job: _Job, number: SessionNumber) -> FilterId:
        """Create the filter with its rules, numbered in the order given."""
        action = job.make.action
        wanted = tags.filter_tags(self._sandbox, action, number)
        with job.rollback.in_doubt(
            f"filter {wanted['Name']}", lambda: self._ec2.delete_lost("filter", wanted)
        ):
            filter_id = self._ec2.create_filter(wanted)
        job.rollback.add(
            f"filter {filter_id}",
            lambda: self._ec2.delete_filter(filter_id, fresh=True),
        )
        calls = [
            partial(self._ec2.create_rule, filter_id, *rule)
            for rule in enumerate(action.mirror.rules, 1)
        ]
        services = action.mirror.network_services
        if services:
            calls.append(partial(self._ec2.add_services, filter_id, services))
        self._workers.all_calls(*calls)
        return filter_id
