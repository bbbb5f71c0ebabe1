"""
The conductor of CleanupSandboxInfra: everything that this sandbox made goes.

That includes what a killed process left: filters and targets without a session.
"""

from __future__ import annotations

from collections import Counter

from . import tags
from .errors import TrafficMirroringError
from .models import ActionResult, CleanupAction
from .remove_plan import Standings
from .services import Services
from .teardown import Teardown

TYPE = "CleanupNetwork"


class Cleaner:
    """Removes all traffic mirroring of one sandbox."""

    def __init__(self, services: Services) -> None:
        self._ec2 = services.ec2
        self._sandbox = services.sandbox
        self._workers = services.workers
        self._teardown = Teardown(services)

    def run(self, action: CleanupAction) -> list[ActionResult]:
        """Return the one result; a sandbox without mirrors is clean."""
        try:
            standings = self._observe()
        except TrafficMirroringError as error:
            return [ActionResult(TYPE, action.action_id, error=str(error))]
        own = [
            session
            for session in standings.sessions
            if tags.is_of(self._sandbox, session.tags)
        ]
        self._teardown.run(own, standings)
        errors = [text for texts in self._teardown.errors.values() for text in texts]
        return [
            ActionResult(
                TYPE,
                action.action_id,
                info=_counted(self._teardown.gone),
                error="; ".join(errors),
            )
        ]

    def _observe(self) -> Standings:
        by, mine = f"tag:{tags.RESERVATION_ID}", [self._sandbox.reservation_id]
        with (
            self._workers.meanwhile(
                lambda: self._ec2.find_targets(by, mine)
            ) as targets,
            self._workers.meanwhile(
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
