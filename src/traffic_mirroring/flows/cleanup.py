"""
Owns: the flow of CleanupSandboxInfra, which removes everything the sandbox created.

That includes what a killed process left: filters and targets without a session.
Must not know: JSON, boto3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from traffic_mirroring import tags
from traffic_mirroring.errors import TrafficMirroringError
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.teardown import tear_down
from traffic_mirroring.models import ActionResult, CleanupAction

TYPE = "CleanupNetwork"


def clean_up(context: CommandContext, action: CleanupAction) -> ActionResult:
    """Remove all traffic mirroring of the sandbox; a sandbox without any is success."""
    owner = f"tag:{tags.RESERVATION_ID}", [context.sandbox.reservation_id]
    try:
        with (
            context.workers.in_background(
                lambda: context.ec2.find_targets(*owner)
            ) as targets,
            context.workers.in_background(
                lambda: context.ec2.find_filters(*owner)
            ) as filters,
        ):
            sessions = context.ec2.find_sessions(*owner)
        used = {session.filter_id for session in sessions}
        orphans = [each for each in filters.result() if each.id not in used]
        torn_down = tear_down(context, sessions, orphans, targets.result())
    except TrafficMirroringError as error:
        return ActionResult(TYPE, action.action_id, error=str(error))
    errors = [text for texts in torn_down.errors.values() for text in texts]
    info = _count(torn_down.gone)
    return ActionResult(TYPE, action.action_id, info, "; ".join(errors) or None)


def _count(gone: Iterable[str]) -> str:
    counts = Counter(resource_id.split("-")[0] for resource_id in gone)
    return (
        f"Removed of this sandbox: sessions {counts['tms']}, filters {counts['tmf']}, "
        f"targets {counts['tmt']}"
    )
