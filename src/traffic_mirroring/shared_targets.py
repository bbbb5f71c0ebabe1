"""
The targets that a Create command makes, one per NIC, shared by its actions.

It never hears of a target that was merely found, so it can't delete one.
"""

from __future__ import annotations

from logging import Logger

from . import tags
from .ec2 import Ec2
from .models import NicId, Sandbox, TargetId
from .rollback import Rollback


class SharedTargets:
    """Make targets as they are asked for; leaving deletes those that nobody keeps."""

    def __init__(self, ec2: Ec2, sandbox: Sandbox, log: Logger) -> None:
        self._ec2 = ec2
        self._sandbox = sandbox
        self._log = log
        self._made: dict[NicId, tuple[TargetId, Rollback]] = {}

    def ensure(self, nic: NicId) -> TargetId:
        """Return the command's target on the NIC, making it the first time."""
        if nic not in self._made:
            rollback = Rollback(self._log)
            target_id = self._ec2.create_target(
                nic, tags.target_tags(self._sandbox, nic)
            )
            rollback.add(
                f"target {target_id}", lambda: self._ec2.delete_target(target_id)
            )
            self._made[nic] = (target_id, rollback)
        return self._made[nic][0]

    def keep(self, nic: NicId) -> None:
        """Let the target on the NIC stand, if the command made one."""
        if nic in self._made:
            self._made[nic][1].keep()

    def leftovers(self, nic: NicId) -> list[str]:
        """Name the target on the NIC, if it was to be deleted and could not be."""
        return self._made[nic][1].leftovers if nic in self._made else []

    def __enter__(self) -> SharedTargets:
        return self

    def __exit__(self, *_: object) -> None:
        for _target_id, rollback in self._made.values():
            rollback.undo()
