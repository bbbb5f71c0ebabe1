"""
Owns: the targets that the actions of one Create command share, and creates them.

Several processes may create a target on one NIC at the same moment, so each looks again
after its create. A process that sees a target with a lower id deletes its own and uses
the lower one. The process with the lowest id uses the other's, and its own only if that
one is gone. In every order of their calls, one target is left. A target that was found
is never deleted.
Must not know: mirrors, sessions, numbers.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Union

from traffic_mirroring import tags
from traffic_mirroring.errors import (
    Ec2Conflict,
    Ec2Failed,
    Ec2InUse,
)
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.rollback import Rollback
from traffic_mirroring.models import Destination, Tags, TargetId

_LOOKS = 3
"""How often to look for a target that EC2 may not list yet."""

_Answer = Union[TargetId, Exception]


class SharedTargets:
    """
    The targets of one command, by destination.

    `existing` were found; `missing` are the destinations without one, with the user's
    tags for it. The command must be in `target_locks.using` of all of them.
    """

    def __init__(
        self,
        context: CommandContext,
        existing: Mapping[Destination, TargetId],
        missing: Mapping[Destination, Tags],
    ) -> None:
        self._ec2 = context.ec2
        self._sandbox = context.sandbox
        self._workers = context.workers
        self._locks = context.target_locks
        self._log = context.log
        self._looks = context.retry_policy.shortened(_LOOKS)
        self._missing = missing
        self._answers: dict[Destination, _Answer] = dict(existing)
        self._rollbacks = {each: Rollback(context.log) for each in missing}
        self._created: dict[Destination, TargetId] = {}
        self._not_found: Counter[TargetId] = Counter()
        self._ready = threading.Event()

    def create_missing(self) -> None:
        """Create the missing targets; raises nothing, see `get`."""
        try:
            if self._missing:
                with self._locks.locked(self._missing):
                    self._answers.update(self._create(list(self._missing)))
        except Exception as error:
            self._log.exception("Could not create targets")
            self._answers.update(dict.fromkeys(self._missing, error))
        finally:
            self._ready.set()

    def get(self, destination: Destination) -> TargetId:
        """Return the target once it exists; raises the error if creation failed."""
        self._ready.wait()
        answer = self._answers[destination]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def replace(self, destination: Destination, gone: TargetId) -> TargetId:
        """
        Return the target to use instead of one that EC2 answered NotFound for.

        It is the same one if EC2 still lists it, or may not list it yet: then the
        caller retries. Raises Ec2Failed if a new one can't be created.
        """
        with self._locks.locked([destination]):
            current = self.get(destination)
            if current != gone:
                return current
            self._not_found[gone] += 1
            found = self._ec2.find_targets_to([destination])
            listed = {target.id for target in found}
            own = self._created.get(destination) == gone
            if gone in listed or (own and self._not_found[gone] < _LOOKS):
                return gone
            self._locks.set_created(destination, None)
            self._answers[destination] = (
                min(listed) if listed else self._create([destination])[destination]
            )
            return self.get(destination)

    def keep(self, destinations: Iterable[Destination]) -> None:
        """Keep the targets that were created on these destinations and are used."""
        for destination in destinations:
            created = self._created.get(destination)
            if created and created == self._answers[destination]:
                self._rollbacks[destination].keep()

    def undo(self) -> Mapping[Destination, tuple[str, ...]]:
        """Delete the created targets that are not kept; return what could not be."""
        return {
            destination: rollback.undo()
            for destination, rollback in self._rollbacks.items()
        }

    def _create(
        self, destinations: Sequence[Destination]
    ) -> dict[Destination, _Answer]:
        """Create targets, unless another command of this process did meanwhile."""
        answers: dict[Destination, _Answer] = {}
        for destination in destinations:
            by_another = self._locks.created(destination)
            if by_another:
                answers[destination] = by_another
        wanted = [each for each in destinations if each not in answers]
        tried = self._workers.gather(*(partial(self._try, each) for each in wanted))
        listed = self._find(wanted)
        for destination, answer in zip(wanted, tried):
            chosen = self._choose(destination, answer, listed[destination])
            answers[destination] = chosen
            if not isinstance(chosen, Exception):
                self._locks.set_created(destination, chosen)
        return answers

    def _try(self, destination: Destination) -> _Answer:
        wanted = tags.target_tags(
            self._sandbox, destination, self._missing.get(destination, {})
        )
        rollback = self._rollbacks.setdefault(destination, Rollback(self._log))
        try:
            with rollback.if_unanswered(
                f"target on {destination}",
                lambda: self._ec2.delete_unconfirmed("target", wanted),
            ):
                created = self._ec2.create_target(destination, wanted)
        except Exception as error:
            return error
        self._created[destination] = created
        rollback.add(f"target {created}", partial(self._delete, destination, created))
        return created

    def _choose(
        self, destination: Destination, answer: _Answer, listed: set[TargetId]
    ) -> _Answer:
        """Decide between the target that was created and those of other processes."""
        if isinstance(answer, (Ec2Conflict, Ec2InUse)) and not listed:
            listed = set(
                self._looks.retry_until_found(
                    lambda: list(self._find([destination])[destination])
                )
            )
        if isinstance(answer, Exception):
            return min(listed) if listed else answer
        others = listed - {answer}
        if not others or (
            min(others) < answer and not self._yielded(destination, answer)
        ):
            return answer
        return min(others)

    def _yielded(self, destination: Destination, own: TargetId) -> bool:
        """Delete the own target, unless another process uses it already."""
        try:
            self._ec2.delete_target(own, just_created=True)
        except Ec2Failed:
            self._log.info("Keeping target %s beside another", own, exc_info=True)
            return False
        self._rollbacks[destination].keep()
        return True

    def _delete(self, destination: Destination, target_id: TargetId) -> None:
        """Delete a created target; another sandbox may use it, which is success."""
        try:
            self._ec2.delete_target(target_id, just_created=True)
        except Ec2InUse as error:
            owners = [tags.is_owned_by(self._sandbox, it.tags) for it in error.users]
            if not owners or any(owners):
                raise
        if self._locks.created(destination) == target_id:
            self._locks.set_created(destination, None)

    def _find(
        self, destinations: Collection[Destination]
    ) -> Mapping[Destination, set[TargetId]]:
        """Look up all targets there; a failing look-up finds none."""
        found: dict[Destination, set[TargetId]] = defaultdict(set)
        try:
            for target in self._ec2.find_targets_to(destinations):
                found[target.destination].add(target.id)
        except Ec2Failed:
            self._log.warning("Could not look up targets", exc_info=True)
        return found
