"""
Owns: the look-ups of what sessions may leave when they are deleted, and who uses it.

EC2 may list a new resource late.
Must not know: what is deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

from traffic_mirroring import tags
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.observe import LOOKS
from traffic_mirroring.models import Filter, Session, Target
from traffic_mirroring.plan.remove import Resource, unique_by_id


@dataclass(frozen=True)
class ToRemove:
    """
    Sessions and orphaned filters of a sandbox, and targets that may become unused.

    `filters` are the sessions' filters, as far as they are known.
    """

    sessions: Sequence[Session]
    orphans: Sequence[Filter] = ()
    targets: Sequence[Target] = ()
    filters: Sequence[Filter] = ()


@dataclass(frozen=True)
class Leftovers:
    """What sessions that are deleted may leave, and who uses their targets."""

    filters: Sequence[Filter]
    targets: Sequence[Target]
    users: Sequence[Session]


def find_leftovers(context: CommandContext, removed: ToRemove) -> Leftovers:
    """Look up what the sessions use, and who uses their targets as well."""
    ec2 = context.ec2
    known = {target.id for target in removed.targets}
    freed = {session.target_id for session in removed.sessions} - known
    mirrors = filter(None, map(tags.mirror_of, removed.orphans))
    destinations = {mirror[1] for mirror in mirrors}
    known_filters = {each.id for each in removed.filters}
    filter_ids = {each.filter_id for each in removed.sessions} - known_filters
    with (
        context.workers.in_background(
            lambda: _find_all(
                context,
                partial(ec2.find_filters, "traffic-mirror-filter-id"),
                filter_ids,
            )
        ) as filters,
        context.workers.in_background(
            lambda: _find_all(
                context, partial(ec2.find_targets, "traffic-mirror-target-id"), freed
            )
        ) as freed_targets,
        context.workers.in_background(
            lambda: ec2.find_targets_to(destinations)
        ) as orphans_targets,
    ):
        users = ec2.find_sessions("traffic-mirror-target-id", known | freed)
    candidates = unique_by_id(
        [*removed.targets, *freed_targets.result(), *orphans_targets.result()]
    )
    unseen = {target.id for target in candidates} - known - freed
    users += ec2.find_sessions("traffic-mirror-target-id", unseen)
    return Leftovers([*removed.filters, *filters.result()], candidates, users)


def _find_all(
    context: CommandContext,
    find: Callable[[Collection[str]], list[Resource]],
    ids: Collection[str],
) -> list[Resource]:
    """Find resources by id; EC2 may not list them yet, or they are gone."""
    return context.retry_policy.shortened(LOOKS).retry_until(
        lambda found: {each.id for each in found} >= set(ids), lambda: find(ids)
    )
