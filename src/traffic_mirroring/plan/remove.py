"""
Owns: what Remove and Cleanup have to delete, given what exists in EC2.

Must not know: clients, threads, the clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from traffic_mirroring import tags
from traffic_mirroring.errors import SessionNotOurs
from traffic_mirroring.models import (
    Filter,
    NicId,
    RemoveAction,
    Sandbox,
    Session,
    SessionId,
    Target,
    TargetId,
)

Resource = TypeVar("Resource", Session, Target, Filter)


@dataclass(frozen=True)
class RemoveState:
    """
    What was observed in EC2 for a Remove request.

    `sessions` are those that the request names, by id or by their target's NIC,
    `targets` those on the NICs it names, `filters` this sandbox's, as far as they were
    looked up, and `orphans` those of them that no session uses any more.
    """

    sessions: Sequence[Session]
    targets: Sequence[Target]
    orphans: Sequence[Filter]
    filters: Sequence[Filter] = ()


@dataclass(frozen=True)
class Removal:
    """What one Remove action deletes, and the sessions that it leaves alone."""

    sessions: tuple[Session, ...] = ()
    orphans: tuple[Filter, ...] = ()
    targets: tuple[Target, ...] = ()
    not_ours: tuple[Session, ...] = ()
    error: SessionNotOurs | None = None


def plan_remove(
    actions: Sequence[RemoveAction], state: RemoveState, sandbox: Sandbox
) -> list[Removal]:
    """Return what each action deletes, in their order."""
    return [_removal(action, state, sandbox) for action in actions]


def _removal(action: RemoveAction, state: RemoveState, sandbox: Sandbox) -> Removal:
    targets = tuple(
        target for target in state.targets if target.destination == action.target_nic_id
    )
    target_ids = {target.id for target in targets}
    found = [
        session
        for session in state.sessions
        if session.id == action.session_id or session.target_id in target_ids
    ]
    own = tuple(each for each in found if tags.is_owned_by(sandbox, each.tags))
    not_ours = tuple(session for session in found if session not in own)
    if action.session_id and not_ours:
        error = SessionNotOurs(tags.describe_session(not_ours[0]))
        return Removal(not_ours=not_ours, error=error)
    orphans: tuple[Filter, ...] = ()
    if action.target_nic_id:
        orphans = _orphans_of(action.target_nic_id, state.orphans)
    elif not found:
        orphans = tuple(state.orphans)
    return Removal(own, orphans, targets, not_ours)


def _orphans_of(nic_id: NicId, orphans: Sequence[Filter]) -> tuple[Filter, ...]:
    mirrors = [(each, tags.mirror_of(each)) for each in orphans]
    return tuple(each for each, mirror in mirrors if mirror and mirror[1] == nic_id)


def unused_targets(
    targets: Sequence[Target],
    sessions: Sequence[Session],
    deleted: Collection[SessionId],
) -> list[TargetId]:
    """
    Return the targets that CloudShell created and that may be deleted.

    EC2 refuses to delete a target that a session of its account uses. Another account's
    session (the target is shared by RAM) would be left without a target.
    """
    owners = {target.id: target.owner_id for target in targets}
    foreign = {
        session.target_id
        for session in sessions
        if session.id not in deleted
        and session.owner_id != owners.get(session.target_id)
    }
    return [
        target.id
        for target in targets
        if tags.made_by_cloudshell(target.tags) and target.id not in foreign
    ]


def unique_by_id(items: Iterable[Resource]) -> list[Resource]:
    """Return the items without those whose id came before."""
    return list({item.id: item for item in items}.values())
