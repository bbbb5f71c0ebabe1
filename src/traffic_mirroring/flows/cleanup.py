"""
The conductor of CleanupSandboxInfra: everything that this sandbox made goes.

That includes what a killed process left: filters and targets without a session.
"""

from __future__ import annotations

from collections import Counter

from traffic_mirroring import tags
from traffic_mirroring.errors import TrafficMirroringError
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.teardown import Teardown
from traffic_mirroring.models import ActionResult, CleanupAction
from traffic_mirroring.plan.remove import RemoveState

TYPE = "CleanupNetwork"


class Cleaner:
    """Removes all traffic mirroring of one sandbox."""

    def __init__(self, context: CommandContext) -> None:
        self._ec2 = context.ec2
        self._sandbox = context.sandbox
        self._workers = context.workers
        self._teardown = Teardown(context)

    def run(self, action: CleanupAction) -> list[ActionResult]:
        """Return the one result; a sandbox without mirrors is clean."""
        try:
            state = self._observe()
        except TrafficMirroringError as error:
            return [ActionResult(TYPE, action.action_id, error=str(error))]
        own = [
            session
            for session in state.sessions
            if tags.is_owned_by(self._sandbox, session.tags)
        ]
        self._teardown.run(own, state)
        errors = [text for texts in self._teardown.errors.values() for text in texts]
        return [
            ActionResult(
                TYPE,
                action.action_id,
                info=_counted(self._teardown.gone),
                error="; ".join(errors),
            )
        ]

    def _observe(self) -> RemoveState:
        by, mine = f"tag:{tags.RESERVATION_ID}", [self._sandbox.reservation_id]
        with (
            self._workers.in_background(
                lambda: self._ec2.find_targets(by, mine)
            ) as targets,
            self._workers.in_background(
                lambda: self._ec2.find_filters(by, mine)
            ) as filters,
        ):
            sessions = self._ec2.find_sessions(by, mine)
        return self._teardown.observe(sessions, targets.result(), filters.result())


def _counted(gone: set[str]) -> str:
    counts = Counter(thing.split("-")[0] for thing in gone)
    return (
        f"Removed of this sandbox: sessions {counts['tms']}, filters {counts['tmf']}, "
        f"targets {counts['tmt']}"
    )
