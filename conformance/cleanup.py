"""
Delete what a run created, and list exactly what could not be deleted.

Owns: the order of deletion, and looking for what has the run's tag.
Must not know: what was tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from conformance.calls import TAG_KEY, Calls, Created, code_of, is_not_found
from conformance.kinds import FILTER, IN_ORDER_OF_DELETION, NIC, SESSION, TARGET, Kind

# Rules have no look-up by tag of their own: they are deleted with their filter.
_TAGGED = (SESSION, FILTER, TARGET, NIC)
_ATTEMPTS, _NOT_FOUND_BELIEVED, _PAUSE = 20, 5, 0.5
_LOOKS, _LOOK_PAUSE = 5, 2.0  # EC2 may list a new resource late


@dataclass(frozen=True)
class Leftover:
    """What could not be deleted, or not be looked for, and why."""

    what: str
    reason: str


def delete_created(calls: Calls) -> list[Leftover]:
    """Delete all that the run is known to have created; return the leftovers."""
    leftovers = []
    for kind in IN_ORDER_OF_DELETION:
        for created in [e for e in calls.existing.values() if e.kind is kind]:
            if created.id not in calls.existing:
                continue  # a rule whose filter is gone
            reason = _delete(calls, created)
            if reason is None:
                calls.forget(created.id)
            else:
                leftovers.append(Leftover(f"{kind.name} {created.id}", reason))
    return leftovers


def delete_tagged(calls: Calls) -> list[Leftover]:
    """Delete all that has the run's tag, known or not; return the leftovers."""
    leftovers = delete_created(calls)
    looks = _LOOKS if calls.in_doubt else 1
    for look in range(looks):
        if look:
            calls.wait(_LOOK_PAUSE)
        unseen = _record_tagged(calls)
        leftovers = [*delete_created(calls), *unseen]
    return leftovers


def _record_tagged(calls: Calls) -> list[Leftover]:
    """Note the resources that have the run's tag; return the failed look-ups."""
    failed = []
    for kind in _TAGGED:
        try:
            for resource in _find_tagged(calls, kind):
                calls.record(kind, resource)
        except (ClientError, BotoCoreError) as error:
            what = f"{kind.name}s with the tag {TAG_KEY}={calls.run_id}"
            failed.append(Leftover(f"perhaps {what}", str(error)))
    return failed


def _find_tagged(calls: Calls, kind: Kind) -> list[dict[str, Any]]:
    pages = calls.client.get_paginator(kind.describe).paginate(
        Filters=[{"Name": f"tag:{TAG_KEY}", "Values": [calls.run_id]}]
    )
    return [resource for page in pages for resource in page[kind.members]]


def _delete(calls: Calls, created: Created) -> str | None:
    """Delete a resource; return the reason if it still exists."""
    delete, reason = getattr(calls.client, created.kind.delete), None
    for attempt in range(_ATTEMPTS):
        if attempt:
            calls.wait(_PAUSE)
        try:
            delete(**{created.kind.id: created.id})
        except ClientError as error:
            # The first NotFounds may mean that EC2 doesn't know the new id yet.
            if is_not_found(error) and attempt >= _NOT_FOUND_BELIEVED:
                calls.in_doubt = True
                return None
            reason = str(error)
            if code_of(error) == "UnauthorizedOperation":
                return reason
        except BotoCoreError as error:
            reason = str(error)
        else:
            return None
    return reason
