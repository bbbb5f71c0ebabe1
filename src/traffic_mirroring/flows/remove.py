"""
Owns: the flow of RemoveTrafficMirroring: observe, plan, delete, answer.

Must not know: JSON, boto3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from traffic_mirroring import tags
from traffic_mirroring.errors import TrafficMirroringError, user_message
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.leftovers import ToRemove
from traffic_mirroring.flows.observe import LOOKS
from traffic_mirroring.flows.teardown import TornDown, tear_down
from traffic_mirroring.models import (
    Filter,
    FilterId,
    NicId,
    RemoveAction,
    Session,
    SessionId,
)
from traffic_mirroring.plan.remove import (
    Removal,
    RemoveState,
    plan_remove,
    unique_by_id,
)
from traffic_mirroring.results import ActionResult

TYPE = "RemoveTrafficMirroring"


def remove(
    context: CommandContext, actions: Sequence[RemoveAction]
) -> list[ActionResult]:
    """
    Remove what the actions name, as far as it is this sandbox's.

    Returns a result for each action, in their order; what is gone is success.
    """
    try:
        state = _observe(context, actions)
        removals = plan_remove(actions, state, context.sandbox)
        torn_down = tear_down(
            context,
            ToRemove(
                unique_by_id(each for removal in removals for each in removal.sessions),
                unique_by_id(each for removal in removals for each in removal.orphans),
                unique_by_id(each for removal in removals for each in removal.targets),
                state.filters,
            ),
        )
    except TrafficMirroringError as error:
        return [
            ActionResult(TYPE, each.action_id, error=str(error)) for each in actions
        ]
    return [
        _result(action, removal, torn_down)
        for action, removal in zip(actions, removals)
    ]


def _observe(context: CommandContext, actions: Sequence[RemoveAction]) -> RemoveState:
    ec2 = context.ec2
    ids = {action.session_id for action in actions if action.session_id}
    nics = {action.target_nic_id for action in actions if action.target_nic_id}
    with (
        context.workers.in_background(
            lambda: ec2.find_targets("network-interface-id", nics)
        ) as targets,
        context.workers.in_background(lambda: _own_filters(context, nics)) as filters,
    ):
        by_id = ec2.find_sessions("traffic-mirror-session-id", ids)
    target_ids = {target.id for target in targets.result()}
    by_target = ec2.find_sessions("traffic-mirror-target-id", target_ids)
    sessions = unique_by_id([*by_id, *by_target])
    orphans = _without_users(filters.result(), sessions)
    missing = ids - {session.id for session in by_id}
    if missing:
        late, more = _look_for_missing(context, missing)
        sessions = unique_by_id([*sessions, *late])
        orphans = unique_by_id([*orphans, *more])
    return RemoveState(sessions, targets.result(), orphans, filters.result())


def _own_filters(context: CommandContext, nics: Iterable[NicId]) -> list[Filter]:
    """Return this sandbox's filters, if mirrors are to be removed by target NIC."""
    if not any(nics):
        return []
    owner = context.sandbox.reservation_id
    return context.ec2.find_filters(f"tag:{tags.RESERVATION_ID}", [owner])


def _without_users(
    filters: Sequence[Filter], sessions: Sequence[Session]
) -> list[Filter]:
    used = {session.filter_id for session in sessions}
    return [each for each in filters if each.id not in used]


def _look_for_missing(
    context: CommandContext, missing: set[SessionId]
) -> tuple[list[Session], list[Filter]]:
    """
    Look again for sessions that EC2 didn't list; return those found since.

    If one remains missing, its filter may be left. Nothing says which one it is, so
    all filters of the sandbox that no session used meanwhile are returned.
    """
    before = _orphans(context)
    found = context.retry_policy.shortened(LOOKS).retry_until(
        lambda sessions: {session.id for session in sessions} == missing,
        lambda: context.ec2.find_sessions("traffic-mirror-session-id", missing),
    )
    if not before or {session.id for session in found} == missing:
        return found, []
    after = {each.id for each in _orphans(context)}
    return found, [each for each in before if each.id in after]


def _orphans(context: CommandContext) -> list[Filter]:
    owner = context.sandbox.reservation_id
    filters = context.ec2.find_filters(f"tag:{tags.RESERVATION_ID}", [owner])
    ids: set[FilterId] = {each.id for each in filters}
    users = context.ec2.find_sessions("traffic-mirror-filter-id", ids)
    return _without_users(filters, users)


def _result(
    action: RemoveAction, removal: Removal, torn_down: TornDown
) -> ActionResult:
    if removal.error:
        error = user_message(removal.error)
        return ActionResult(TYPE, action.action_id, error=error)
    names = dict(_names(removal))
    removed = [name for each, name in names.items() if each in torn_down.gone]
    errors = [torn_down.errors[each] for each in names if each in torn_down.errors]
    info = []
    if removed:
        info.append(f"Removed {', '.join(removed)}")
    elif not errors:
        info.append(_nothing(action))
    if removal.not_ours:
        count = len(removal.not_ours)
        info.append(f"sessions left alone, because not this sandbox's: {count}")
    return ActionResult(
        TYPE, action.action_id, "; ".join(info), "; ".join(errors) or None
    )


def _names(removal: Removal) -> Iterator[tuple[str, str]]:
    """Yield the ids of what the action may remove, with their names in a message."""
    for session in removal.sessions:
        yield (
            session.id,
            f"session {session.id} (number {session.number} of "
            f"{session.source_nic_id})",
        )
    for session in removal.sessions:
        yield session.filter_id, f"filter {session.filter_id}"
    for orphan in removal.orphans:
        yield orphan.id, tags.describe_filter(orphan)
    for target in removal.targets:
        yield target.id, f"target {target.id}"
    for session in removal.sessions:
        yield session.target_id, f"target {session.target_id}"


def _nothing(action: RemoveAction) -> str:
    if action.session_id:
        return f"Nothing to remove: session {action.session_id} is gone already"
    nic = action.target_nic_id
    return f"Nothing to remove: no session of this sandbox mirrors to {nic}"
