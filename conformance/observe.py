"""
Try a list of behaviours in a place, and delete what each of them created.

Owns: one observation for each behaviour. Must not know: what it should be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from botocore.exceptions import ClientError

from conformance.behaviour import Behaviour
from conformance.calls import Calls, code_of
from conformance.cleanup import delete_created
from conformance.place import NotTried, Place
from conformance.trial import Trial, Unexpected


@dataclass(frozen=True)
class Observation:
    """What was observed, or why the behaviour was not tried."""

    text: str
    tried: bool = True


Observations = Mapping[str, Observation]


class NotDeleted(Exception):
    """Something can't be deleted: to go on would leave more of it."""


def observe_all(
    behaviours: Iterable[Behaviour],
    place: Place,
    calls: Calls,
    on_each: Callable[[Behaviour, Observation], None] | None = None,
) -> dict[str, Observation]:
    """
    Return the observations by id; raises NotDeleted, Interrupted, BotoCoreError.

    The caller deletes what exists if it raises.
    """
    observations = {}
    for behaviour in behaviours:
        observation = _observe(behaviour, Trial(place, calls))
        observations[behaviour.id] = observation
        if on_each:
            on_each(behaviour, observation)
        if delete_created(calls):
            raise NotDeleted
    return observations


def _observe(behaviour: Behaviour, trial: Trial) -> Observation:
    try:
        return Observation(behaviour.observe(trial))
    except NotTried as reason:
        return Observation(str(reason), tried=False)
    except Unexpected as found:
        return Observation(str(found))
    except ClientError as error:
        if code_of(error) == "UnauthorizedOperation":
            needed = f"needs the permission for {error.operation_name}"
            return Observation(needed, tried=False)
        return Observation(f"failed: {error.operation_name}: {code_of(error)}")
    except LookupError as error:
        return Observation(f"failed: the answer has no {error}")
