"""
What Remove has to do, decided from what is named and what stands.

Pure: no calls, no clock, no log.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from traffic_mirroring import tags
from traffic_mirroring.errors import SessionNotOurs
from traffic_mirroring.models import (
    Filter,
    FilterId,
    NicId,
    RemoveAction,
    Sandbox,
    Session,
    SessionId,
    Target,
    TargetId,
)

Thing = TypeVar("Thing", Session, Target, Filter)


@dataclass(frozen=True)
class Removal:
    """What one Remove action comes to: sessions to remove and others to leave alone."""

    sessions: tuple[Session, ...] = ()
    not_ours: tuple[Session, ...] = ()
    error: SessionNotOurs | None = None


@dataclass(frozen=True)
class RemoveState:
    """
    What stands in EC2 around the sessions of a Remove request.

    `sessions` holds every session that shares a filter or a target with one of them,
    `targets` also those that the request names by NIC.
    """

    sessions: Sequence[Session]
    targets: Sequence[Target]
    filters: Sequence[Filter]


def plan_remove(
    actions: Sequence[RemoveAction], state: RemoveState, sandbox: Sandbox
) -> list[Removal]:
    """Return what each action comes to, in their order."""
    return [_removal(action, state, sandbox) for action in actions]


def _removal(action: RemoveAction, state: RemoveState, sandbox: Sandbox) -> Removal:
    targets = targets_on(action.target_nic_id, state)
    found = [
        session
        for session in state.sessions
        if session.id == action.session_id or session.target_id in targets
    ]
    own = tuple(session for session in found if tags.is_owned_by(sandbox, session.tags))
    not_ours = tuple(session for session in found if session not in own)
    if not_ours and action.session_id:
        error = SessionNotOurs(
            f"Removing {tags.describe_session(not_ours[0])}: it is not this "
            "sandbox's; have its owner remove it"
        )
        return Removal(not_ours=not_ours, error=error)
    return Removal(own, not_ours)


def targets_on(nic: NicId | None, state: RemoveState) -> set[TargetId]:
    """Return the targets on a NIC."""
    return {target.id for target in state.targets if nic and target.destination == nic}


def free_filters(
    state: RemoveState, gone: Collection[SessionId], sandbox: Sandbox
) -> list[FilterId]:
    """Return this sandbox's filters that no session uses any more."""
    used = {each.filter_id for each in state.sessions if each.id not in gone}
    return [
        candidate.id
        for candidate in state.filters
        if candidate.id not in used and tags.is_owned_by(sandbox, candidate.tags)
    ]


def free_targets(
    state: RemoveState, gone: Collection[SessionId], sandbox: Sandbox
) -> list[TargetId]:
    """
    Return the targets that CloudShell made and nothing uses any more.

    Those are the targets of the sessions gone, whichever sandbox made them, and idle
    ones of this sandbox, which an earlier removal may have left.
    """
    used = {each.target_id for each in state.sessions if each.id not in gone}
    freed = {each.target_id for each in state.sessions if each.id in gone}
    return [
        target.id
        for target in state.targets
        if target.id not in used
        and tags.made_by_cloudshell(target.tags)
        and (target.id in freed or tags.is_owned_by(sandbox, target.tags))
    ]


def unique_by_id(items: Iterable[Thing]) -> list[Thing]:
    """Return the items without those whose id came before."""
    return list({item.id: item for item in items}.values())
