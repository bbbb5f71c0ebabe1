"""
Owns: the look-ups of all mirrors of a sandbox, in two concurrent steps.

First comes what the sandbox created; then what its sessions use besides, and what their
NICs are attached to.
Must not know: what is reported about the mirrors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from traffic_mirroring import tags
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.observe import LOOKS
from traffic_mirroring.models import (
    Filter,
    FilterId,
    Mirror,
    NicId,
    Session,
    Target,
    TargetId,
)
from traffic_mirroring.plan.listing import FoundMirror
from traffic_mirroring.plan.prerequisites import nics_of
from traffic_mirroring.topology import Attachments


@dataclass(frozen=True)
class SandboxState:
    """
    What EC2 has of a sandbox: its mirrors by source and number, and the rest.

    `unused_filters` and `unused_targets` are those that it created and that no session
    uses, whoever created the session. `late` are sessions of the sandbox that EC2 did
    not list by their tag, only by their target or filter.
    """

    mirrors: Sequence[FoundMirror]
    unused_filters: Sequence[Filter]
    unused_targets: Sequence[Target]
    attachments: Attachments
    late: Sequence[Session] = ()


@dataclass(frozen=True)
class Found:
    """Sessions by source and number, and targets and filters by id."""

    sessions: Sequence[Session]
    targets: Mapping[TargetId, Target]
    filters: Mapping[FilterId, Filter]


def find_sandbox_state(context: CommandContext) -> SandboxState:
    """
    Look up a sandbox's mirrors.

    If EC2 lists a session without its target, filter or rules, or a filter without its
    session, it may list them late, so all are looked up again, for about two seconds
    at most. Raises Ec2Failed.
    """
    return context.retry_policy.shortened(LOOKS).retry_until(
        _is_whole, lambda: _find(context)
    )


def _is_whole(state: SandboxState) -> bool:
    return not (state.unused_filters or state.late) and all(
        each.target and each.filter and each.filter.rules for each in state.mirrors
    )


def _find(context: CommandContext) -> SandboxState:
    sandbox, created = context.sandbox, find_created(context)
    expected = list(_expected(created))
    with context.workers.in_background(
        lambda: context.lookups.find_attachments(expected)
    ) as attachments:
        others = _find_others(context, created)
    targets = {**created.targets, **others.targets}
    filters = {**created.filters, **others.filters}
    mirrors = [
        FoundMirror(each, targets.get(each.target_id), filters.get(each.filter_id))
        for each in created.sessions
    ]
    users = [*created.sessions, *others.sessions]
    used_filters = {session.filter_id for session in users}
    used_targets = {session.target_id for session in users}
    return SandboxState(
        mirrors,
        [each for each in created.filters.values() if each.id not in used_filters],
        [each for each in created.targets.values() if each.id not in used_targets],
        _complete(context, attachments.result(), expected, mirrors),
        [each for each in others.sessions if tags.is_owned_by(sandbox, each.tags)],
    )


def find_created(context: CommandContext) -> Found:
    """Look up everything that the sandbox created. Raises Ec2Failed."""
    owner = f"tag:{tags.RESERVATION_ID}", [context.sandbox.reservation_id]
    with (
        context.workers.in_background(
            lambda: context.ec2.find_targets(*owner)
        ) as targets,
        context.workers.in_background(
            lambda: context.ec2.find_filters(*owner)
        ) as filters,
    ):
        sessions = context.ec2.find_sessions(*owner)
    return Found(
        sorted(sessions, key=lambda each: (each.source_nic_id, each.number)),
        {target.id: target for target in targets.result()},
        {each.id: each for each in filters.result()},
    )


def _find_others(context: CommandContext, created: Found) -> Found:
    """Look up what the sessions use of others, and others' sessions on the rest."""
    ec2 = context.ec2
    target_ids = {session.target_id for session in created.sessions}
    filter_ids = {session.filter_id for session in created.sessions}
    with (
        context.workers.in_background(
            lambda: ec2.find_targets(
                "traffic-mirror-target-id", target_ids - created.targets.keys()
            )
        ) as targets,
        context.workers.in_background(
            lambda: ec2.find_filters(
                "traffic-mirror-filter-id", filter_ids - created.filters.keys()
            )
        ) as filters,
        context.workers.in_background(
            lambda: ec2.find_sessions(
                "traffic-mirror-target-id", created.targets.keys() - target_ids
            )
        ) as on_targets,
    ):
        on_filters = ec2.find_sessions(
            "traffic-mirror-filter-id", created.filters.keys() - filter_ids
        )
    return Found(
        [*on_targets.result(), *on_filters],
        {target.id: target for target in targets.result()},
        {each.id: each for each in filters.result()},
    )


def _expected(created: Found) -> Iterator[Mirror]:
    """
    Yield the sessions' sources and destinations, before all targets are known.

    Another sandbox's target is expected where the session's tags say; without such
    tags, only the source is looked up.
    """
    for session in created.sessions:
        source = session.source_nic_id
        target, tagged = created.targets.get(session.target_id), tags.mirror_of(session)
        if target:
            yield Mirror(source, target.destination)
        else:
            yield Mirror(source, tagged[1] if tagged else source)


def _complete(
    context: CommandContext,
    attachments: Attachments,
    expected: Sequence[Mirror],
    found: Sequence[FoundMirror],
) -> Attachments:
    """Look all NICs up again if a session has another destination than expected."""
    mirrors = [each.mirror for each in found if each.mirror]
    if _nics(mirrors) <= _nics(expected):
        return attachments
    return context.lookups.find_attachments([*expected, *mirrors])


def _nics(mirrors: Sequence[Mirror]) -> set[NicId]:
    return {nic_id for mirror in mirrors for nic_id in nics_of(mirror)}
