"""
Try a list of behaviors in a place, and delete what each of them created.

Owns: one observation for each behavior. Must not know: what it should be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from botocore.exceptions import ClientError

from conformance.behavior import Behavior
from conformance.calls import Calls, code_of
from conformance.cleanup import delete_created
from conformance.place import NotTried, Place
from conformance.trial import Trial, Unexpected, check_permitted


@dataclass(frozen=True)
class Observation:
    """What was observed, or why the behavior was not tried."""

    text: str
    tried: bool = True


Observations = Mapping[str, Observation]


class NotDeleted(Exception):
    """Something can't be deleted: to go on would leave more of it."""


def observe_all(
    behaviors: Iterable[Behavior],
    place: Place,
    calls: Calls,
    on_each: Callable[[Behavior, Observation], None] | None = None,
) -> dict[str, Observation]:
    """
    Return the observations by id; raises NotDeleted, Interrupted, BotoCoreError.

    The caller deletes what exists if it raises.
    """
    observations = {}
    for behavior in behaviors:
        observation = _observe(behavior, Trial(place, calls))
        observations[behavior.id] = observation
        if on_each:
            on_each(behavior, observation)
        if delete_created(calls):
            raise NotDeleted
    return observations


def _observe(behavior: Behavior, trial: Trial) -> Observation:
    try:
        return _try(behavior, trial)
    except NotTried as reason:
        return Observation(str(reason), tried=False)


def _try(behavior: Behavior, trial: Trial) -> Observation:
    try:
        return Observation(behavior.observe(trial))
    except Unexpected as found:
        return Observation(str(found))
    except ClientError as error:
        check_permitted(error)
        return Observation(f"failed: {error.operation_name}: {code_of(error)}")
    except LookupError as error:
        return Observation(f"failed: the answer has no {error}")
