"""
Owns: the flow of CleanupSandboxInfra, which removes everything the sandbox created.

That includes what a killed process left: filters and targets without a session.
Must not know: JSON, boto3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from traffic_mirroring.errors import TrafficMirroringError
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.leftovers import ToRemove
from traffic_mirroring.flows.sandbox_state import find_created
from traffic_mirroring.flows.teardown import tear_down
from traffic_mirroring.models import CleanupAction
from traffic_mirroring.results import ActionResult

TYPE = "CleanupNetwork"


def clean_up(context: CommandContext, action: CleanupAction) -> ActionResult:
    """Remove all traffic mirroring of the sandbox; a sandbox without any is success."""
    try:
        found = find_created(context)
        used = {session.filter_id for session in found.sessions}
        orphans = [each for each in found.filters.values() if each.id not in used]
        torn_down = tear_down(
            context,
            ToRemove(
                found.sessions,
                orphans,
                [*found.targets.values()],
                [*found.filters.values()],
            ),
        )
    except TrafficMirroringError as error:
        return ActionResult(TYPE, action.action_id, error=str(error))
    info = _count(torn_down.gone)
    return ActionResult(
        TYPE, action.action_id, info, "; ".join(torn_down.errors.values()) or None
    )


def _count(gone: Iterable[str]) -> str:
    counts = Counter(resource_id.split("-")[0] for resource_id in gone)
    return (
        f"Removed of this sandbox: sessions {counts['tms']}, filters {counts['tmf']}, "
        f"targets {counts['tmt']}"
    )
