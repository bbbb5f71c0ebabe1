"""
The targets that a Create command makes, one per destination, shared by its actions.

It never hears of a target that was merely found, so it can't delete one.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from logging import Logger

from traffic_mirroring import tags
from traffic_mirroring.aws.mirroring import Ec2Mirroring
from traffic_mirroring.errors import Ec2Failed, Ec2Unanswered
from traffic_mirroring.flows.rollback import Rollback
from traffic_mirroring.models import Destination, Sandbox, Target, TargetId


class SharedTargets:
    """Make targets as they are asked for; leaving deletes those that nobody keeps."""

    def __init__(self, ec2: Ec2Mirroring, sandbox: Sandbox, log: Logger) -> None:
        self._ec2 = ec2
        self._sandbox = sandbox
        self._log = log
        self._lock = threading.Lock()
        self._targets: dict[Destination, _SharedTarget] = {}

    def ensure(
        self, destination: Destination, *, instead_of: TargetId | None = None
    ) -> TargetId:
        """
        Return the command's target there, made the first time it is asked for.

        It is made again instead of one that is gone. Where making it failed, every
        action that asks hears the same error.
        """
        target = self._on(destination)
        with target.lock:
            if target.error:
                raise target.error
            if target.id in ("", instead_of):
                self._make(destination, target)
            return target.id

    def keep(self, destination: Destination) -> None:
        """Let the target on the destination stand, if the command made one."""
        self._on(destination).rollback.keep()

    def leftovers(self, destination: Destination) -> list[str]:
        """Name the target there, if it was to be deleted and could not be."""
        return self._on(destination).rollback.leftovers

    def __enter__(self) -> SharedTargets:
        return self

    def __exit__(self, *_: object) -> None:
        for target in self._targets.values():
            target.rollback.undo()

    def _on(self, destination: Destination) -> _SharedTarget:
        with self._lock:
            return self._targets.setdefault(
                destination, _SharedTarget(Rollback(self._log))
            )

    def _make(self, destination: Destination, target: _SharedTarget) -> None:
        wanted = tags.target_tags(self._sandbox, destination)
        try:
            with target.rollback.if_unanswered(
                f"target on {destination}",
                lambda: self._ec2.delete_unconfirmed("target", wanted),
            ):
                made = target.id = self._ec2.create_target(destination, wanted)
            target.rollback.add(
                f"target {made}",
                lambda: self._ec2.delete_target(made, just_created=True),
            )
        except Ec2Unanswered as error:
            target.error = error
            raise
        except Ec2Failed as error:
            target.id = self._made_meanwhile(destination)
            if not target.id:
                target.error = error
                raise

    def _made_meanwhile(self, destination: Destination) -> TargetId:
        """Return the target that another sandbox has made on the destination by now."""
        found: list[Target] = []
        with suppress(Ec2Failed):
            found = self._ec2.find_targets_to([destination])
        return found[0].id if found else TargetId("")


class _SharedTarget:
    """A target as it is being made; its lock makes the others wait for the first."""

    def __init__(self, rollback: Rollback) -> None:
        self.rollback = rollback
        self.lock = threading.Lock()
        self.id = TargetId("")
        self.error: Ec2Failed | None = None
