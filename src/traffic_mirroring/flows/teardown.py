"""
Owns: deleting sessions, then the filters and targets that became unused.

EC2 decides what is unused: it refuses to delete what a session uses. A number is
released once its session is gone, by the command that deleted the session, or else its
filter. One failure stops nothing else.
Must not know: which sessions a request names.
"""

from __future__ import annotations

from collections.abc import (
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

from traffic_mirroring import tags
from traffic_mirroring.errors import Ec2InUse, user_message
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.leftovers import Leftovers, ToRemove, find_leftovers
from traffic_mirroring.models import (
    Filter,
    NicId,
    Session,
    SessionNumber,
)
from traffic_mirroring.plan.remove import unique_by_id, unused_targets

_Numbered = tuple[str, NicId, SessionNumber]
"""A resource's id, and the pool and number to release with it."""


@dataclass(frozen=True)
class TornDown:
    """
    The ids of what was deleted or gone, and the message of what failed, by id.

    `late` are sessions of the sandbox that EC2 did not list before.
    """

    gone: frozenset[str]
    errors: Mapping[str, str]
    late: tuple[Session, ...] = ()


@dataclass(frozen=True)
class _Attempt:
    """One deletion: `by_us` unless it was gone already; `users` still use it."""

    id: str
    by_us: bool = False
    users: tuple[Session, ...] = ()
    error: str | None = None

    @property
    def gone(self) -> bool:
        return not (self.users or self.error)


def tear_down(context: CommandContext, removed: ToRemove) -> TornDown:
    """
    Delete sessions and orphaned filters of the sandbox, and what becomes unused.

    Of the targets, those that CloudShell created are deleted, unless a session uses
    them. If a filter turns out to have a session of the sandbox, that session is
    deleted as well. Raises Ec2Failed if the look-ups of filters and targets fail.
    """
    first = _tear_down_once(context, removed)
    if not first.late:
        return first
    again = _tear_down_once(context, replace(removed, sessions=first.late))
    return TornDown(first.gone | again.gone, {**first.errors, **again.errors})


def _tear_down_once(context: CommandContext, removed: ToRemove) -> TornDown:
    sessions = removed.sessions
    context.progress.start("Removing traffic mirrors", len(sessions))
    with ExitStack() as stack:
        # The deletions show later who uses a target; only the tags are needed before.
        with context.workers.action_in_background(
            partial(find_leftovers, context, removed)
        ) as found:
            attempts = context.workers.map_actions(
                partial(_delete_session, context), sessions
            )
        gone = [each for each, attempt in zip(sessions, attempts) if attempt.gone]
        by_us = {attempt.id for attempt in attempts if attempt.by_us}
        release = partial(_release, context, context.numbers.release)
        releases = [
            stack.enter_context(
                context.workers.in_background(partial(release, numbered))
            )
            for numbered in _numbers(each for each in gone if each.id in by_us)
        ]
        others = _delete_unused(context, removed, found.result(), gone)
    filters_gone = {attempt.id for attempt in others if attempt.by_us}
    late = [
        *_numbers(s for s in gone if s.id not in by_us and s.filter_id in filters_gone),
        *_orphaned_numbers(each for each in removed.orphans if each.id in filters_gone),
    ]
    release = partial(_release, context, context.numbers.release_if_held)
    released = context.workers.map_actions(release, late)
    return _summary(
        context,
        [*attempts, *others, *(each.result() for each in releases), *released],
        removed.orphans,
    )


def _delete_session(context: CommandContext, session: Session) -> _Attempt:
    attempt = _try(context, session.id, partial(context.ec2.delete_session, session.id))
    context.progress.step()
    return attempt


def _delete_unused(
    context: CommandContext, removed: ToRemove, found: Leftovers, gone: list[Session]
) -> list[_Attempt]:
    """Delete the sandbox's filters, and the targets that CloudShell created."""
    deleted = {session.id for session in gone}
    of_gone = {session.filter_id for session in gone}
    own = [
        each
        for each in found.filters
        if each.id in of_gone and tags.is_owned_by(context.sandbox, each.tags)
    ]
    kept = {each.target_id for each in removed.sessions if each.id not in deleted}
    delete_filter = partial(context.ec2.delete_filter, deleted=deleted)
    delete_target = partial(context.ec2.delete_target, deleted=deleted)
    calls = [
        partial(_try, context, each.id, partial(delete_filter, each.id))
        for each in unique_by_id([*own, *removed.orphans])
    ]
    calls += [
        partial(_try, context, each, partial(delete_target, each))
        for each in unused_targets(found.targets, found.users, deleted)
        if each not in kept
    ]
    return context.workers.map_actions(lambda call: call(), calls)


def _numbers(sessions: Iterable[Session]) -> Iterator[_Numbered]:
    for session in sessions:
        yield session.id, session.source_nic_id, tags.requested_number(session)


def _orphaned_numbers(filters: Iterable[Filter]) -> Iterator[_Numbered]:
    for each in filters:
        mirror = tags.mirror_of(each)
        if mirror:
            yield each.id, mirror[0], mirror[2]


def _release(
    context: CommandContext,
    release: Callable[[NicId, SessionNumber], None],
    numbered: _Numbered,
) -> _Attempt:
    resource_id, nic_id, number = numbered

    def call() -> bool:
        release(nic_id, number)
        return True

    return _try(context, resource_id, call)


def _try(
    context: CommandContext, resource_id: str, call: Callable[[], bool]
) -> _Attempt:
    try:
        return _Attempt(resource_id, by_us=call())
    except Exception as error:
        if isinstance(error, Ec2InUse) and error.users:
            return _Attempt(resource_id, users=error.users)
        context.log.exception("Could not remove %s", resource_id)
        return _Attempt(resource_id, error=user_message(error))


def _summary(
    context: CommandContext, attempts: Sequence[_Attempt], orphans: Sequence[Filter]
) -> TornDown:
    errors = {attempt.id: attempt.error for attempt in attempts if attempt.error}
    orphaned = {each.id for each in orphans}
    late = unique_by_id(
        user
        for attempt in attempts
        if attempt.id in orphaned
        for user in attempt.users
        if tags.is_owned_by(context.sandbox, user.tags)
    )
    gone = frozenset(attempt.id for attempt in attempts if attempt.gone)
    return TornDown(gone, errors, tuple(late))
