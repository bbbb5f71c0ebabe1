"""
Owns: the look-ups of traffic mirroring that decide whether mirrors exist.

EC2 may list a new resource late, and a deleted one too long.
Must not know: what a command does with the resources.
"""

from __future__ import annotations

from collections.abc import Sequence

from traffic_mirroring import tags
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.models import CreateAction
from traffic_mirroring.plan.existing import ExistingMirrors, Resources

LOOKS = 4
"""How often to look for what EC2 may not list yet: for about two seconds."""


def find_resources(
    context: CommandContext, actions: Sequence[CreateAction]
) -> Resources:
    """
    Look up the targets, sessions and filters around the NICs of these actions.

    Filters are looked up only if the sandbox has sessions on the sources. If a session
    is listed without its target or filter, all are looked up again, for about two
    seconds at most. Raises Ec2Failed.
    """

    def is_whole(found: Resources) -> bool:
        existing = ExistingMirrors(found, context.sandbox)
        return all(existing.is_listed_whole(action) for action in actions)

    return context.retry_policy.shortened(LOOKS).retry_until(
        is_whole, lambda: _find(context, actions)
    )


def _find(context: CommandContext, actions: Sequence[CreateAction]) -> Resources:
    sources = {action.mirror.source_nic_id for action in actions}
    destinations = {action.mirror.destination for action in actions}
    with context.workers.in_background(
        lambda: context.ec2.find_targets_to(destinations | sources)
    ) as targets:
        sessions = context.ec2.find_sessions("network-interface-id", sources)
        filter_ids = {
            session.filter_id
            for session in sessions
            if tags.is_owned_by(context.sandbox, session.tags)
        }
        filters = context.ec2.find_filters("traffic-mirror-filter-id", filter_ids)
    return Resources(targets.result(), sessions, filters)
