"""
Taking down: sessions first, then the filters and targets that nothing uses any more.

A session gives its number back once it is gone. One failure stops nothing else, and
what failed is remembered for the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import TypeVar

from traffic_mirroring import tags
from traffic_mirroring.errors import user_message
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.models import Filter, Session, SessionId, Target
from traffic_mirroring.plan.remove import (
    RemoveState,
    free_filters,
    free_targets,
    unique_by_id,
)

T = TypeVar("T", bound=str)


class Teardown:
    """
    Deletes what a command was asked to remove, on behalf of one sandbox.

    `gone` holds the ids of what was deleted, `errors` the messages about the rest,
    by id.
    """

    def __init__(self, context: CommandContext) -> None:
        self.gone: set[str] = set()
        self.errors: dict[str, list[str]] = {}
        self._ec2 = context.ec2
        self._numbers = context.numbers
        self._sandbox = context.sandbox
        self._workers = context.workers
        self._progress = context.progress
        self._log = context.log

    def run(self, sessions: Sequence[Session], state: RemoveState) -> None:
        """Delete these sessions of the sandbox, and then what is free of use."""
        self._progress.start("Removing traffic mirrors", len(sessions))
        self._workers.map_actions(self._remove, sessions)
        gone = [session for session in sessions if session.id in self.gone]
        with ExitStack() as in_background:
            for session in gone:
                release = partial(self._release, session)
                in_background.enter_context(self._workers.in_background(release))
            self._delete_unused({session.id for session in gone}, state)

    def observe(
        self,
        sessions: Sequence[Session],
        targets: Sequence[Target],
        filters: Sequence[Filter] = (),
    ) -> RemoveState:
        """Look for all that shares a target or a filter with what was found."""
        target_ids = {target.id for target in targets}
        other_ids = {session.target_id for session in sessions} - target_ids
        with self._workers.in_background(
            lambda: self._ec2.find_targets("traffic-mirror-target-id", other_ids)
        ) as others:
            neighbors = self._ec2.find_sessions(
                "traffic-mirror-target-id", target_ids | other_ids
            )
        known = unique_by_id([*sessions, *neighbors])
        filter_ids = {
            session.filter_id
            for session in known
            if tags.is_owned_by(self._sandbox, session.tags)
        } | {each.id for each in filters}
        with self._workers.in_background(
            lambda: self._ec2.find_filters("traffic-mirror-filter-id", filter_ids)
        ) as found:
            users = self._ec2.find_sessions("traffic-mirror-filter-id", filter_ids)
        return RemoveState(
            unique_by_id([*known, *users]), [*targets, *others.result()], found.result()
        )

    def _remove(self, session: Session) -> None:
        self._delete(self._ec2.delete_session, session.id)
        self._progress.step()

    def _release(self, session: Session) -> None:
        nic, number = session.source_nic_id, session.number
        self._try(session.id, lambda: self._numbers.release(nic, number))

    def _delete_unused(self, gone: set[SessionId], state: RemoveState) -> None:
        filters = free_filters(state, gone, self._sandbox)
        targets = free_targets(state, gone, self._sandbox)
        delete = self._delete
        self._workers.map_actions(
            lambda call: call(),
            [partial(delete, self._ec2.delete_filter, each) for each in filters]
            + [partial(delete, self._ec2.delete_target, each) for each in targets],
        )

    def _delete(self, delete: Callable[[T], None], thing: T) -> bool:
        done = self._try(thing, lambda: delete(thing))
        if done:
            self.gone.add(thing)
        return done

    def _try(self, thing: str, call: Callable[[], None]) -> bool:
        try:
            call()
        except Exception as error:
            self._log.exception("Could not remove %s", thing)
            self.errors.setdefault(thing, []).append(user_message(error))
            return False
        return True
