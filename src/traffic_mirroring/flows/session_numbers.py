"""
Owns: which session number a mirror gets if the pool refuses the planned one.

CloudShell's pool hands a number to one command only, so equal commands in two processes
meet here: the refused one waits until the other's session shows.
Must not know: filters, targets.
"""

from __future__ import annotations

from contextlib import suppress

from traffic_mirroring import tags
from traffic_mirroring.errors import (
    NumberTaken,
    PoolFailed,
    PoolUnanswered,
    ReservationEnded,
)
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.observe import LOOKS, find_resources
from traffic_mirroring.models import Session
from traffic_mirroring.plan.create import AlreadyExists, CreateMirror
from traffic_mirroring.plan.existing import ExistingMirrors
from traffic_mirroring.sandbox.session_numbers import TakenNumber


def claim_number(
    context: CommandContext, step: CreateMirror
) -> TakenNumber | AlreadyExists:
    """
    Check out the planned number, or another one if none was given.

    Returns the mirror instead if another process has created it. Raises NumberTaken if
    a given number belongs to another session, PoolFailed if the pool refuses.
    """
    nic_id, number = step.action.mirror.source_nic_id, step.number
    try:
        context.numbers.take(nic_id, number)
    except (ReservationEnded, PoolUnanswered):
        raise
    except PoolFailed as refusal:
        return _after_refusal(context, step, refusal)
    return TakenNumber(number)


def _after_refusal(
    context: CommandContext, step: CreateMirror, refusal: PoolFailed
) -> TakenNumber | AlreadyExists:
    nic_id, number = step.action.mirror.source_nic_id, step.number
    holder = context.retry_policy.shortened(LOOKS).retry_until(
        lambda found: found is not None, lambda: _find_holder(context, step)
    )
    if isinstance(holder, AlreadyExists):
        return holder
    if holder is None and _take_back(context, step):
        return TakenNumber(number)
    if step.action.session_number is None:
        return context.numbers.take_above(nic_id, step.highest_number)
    if holder is None:
        advice = "give another, or leave it out"
        raise PoolFailed(refusal.action, refusal.reason, advice=advice) from refusal
    raise NumberTaken(nic_id, number, tags.describe_session(holder)) from refusal


def _find_holder(
    context: CommandContext, step: CreateMirror
) -> AlreadyExists | Session | None:
    """Return the mirror if it exists now, or else the session with the number."""
    context.check_cancelled()
    found = find_resources(context, [step.action])
    equal = ExistingMirrors(found, context.sandbox).find(step.action)
    if equal:
        return AlreadyExists(equal)
    nic_id = step.action.mirror.source_nic_id
    return next(
        (
            session
            for session in found.sessions
            if session.source_nic_id == nic_id and session.number == step.number
        ),
        None,
    )


def _take_back(context: CommandContext, step: CreateMirror) -> bool:
    """
    Take the number again if this sandbox holds it for a session that is gone.

    A command that was killed, or a deletion outside CloudShell, leaves such numbers.
    The pool releases a number only to the sandbox that holds it.
    """
    nic_id = step.action.mirror.source_nic_id
    with suppress(PoolFailed):
        context.numbers.release(nic_id, step.number)
    try:
        context.numbers.take(nic_id, step.number)
    except PoolFailed:
        return False
    return True
