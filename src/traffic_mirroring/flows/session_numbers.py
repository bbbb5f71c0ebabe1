"""
Owns: which session number a mirror gets if the pool refuses the planned one.

CloudShell's pool hands a number to one command only, so equal commands in two processes
meet here: the refused one waits until the other's session shows. Both ask for the same
numbers, one by one: if the pool chose, each would get a number of its own.
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
from traffic_mirroring.models import NicId, Session, SessionNumber
from traffic_mirroring.plan.create import AlreadyExists, CreateMirror
from traffic_mirroring.plan.existing import ExistingMirrors
from traffic_mirroring.sandbox.session_numbers import TakenNumber


def claim_number(
    context: CommandContext, step: CreateMirror, refused: SessionNumber | None = None
) -> TakenNumber | AlreadyExists:
    """
    Check out the planned number, or another one if none was given.

    If EC2 has `refused` a number, only higher ones are tried. Returns the mirror
    instead if another process has created it. Raises NumberTaken if a given number
    belongs to another session, PoolFailed if the pool refuses.
    """
    for number in (step.number, *step.spare_numbers):
        if refused is None or number > refused:
            claimed = _claim(context, step, number)
            if claimed:
                return claimed
    highest = max(step.highest_number, *step.spare_numbers, refused or step.number)
    return context.numbers.take_above(
        step.action.mirror.source_nic_id, highest, refused
    )


def _claim(
    context: CommandContext, step: CreateMirror, number: SessionNumber
) -> TakenNumber | AlreadyExists | None:
    """Check out one number; return None if it was not given and is another one's."""
    try:
        context.numbers.take(step.action.mirror.source_nic_id, number)
    except (ReservationEnded, PoolUnanswered):
        raise
    except PoolFailed as refusal:
        return _after_refusal(context, step, number, refusal)
    return TakenNumber(number)


def _after_refusal(
    context: CommandContext,
    step: CreateMirror,
    number: SessionNumber,
    refusal: PoolFailed,
) -> TakenNumber | AlreadyExists | None:
    nic_id = step.action.mirror.source_nic_id
    holder = context.retry_policy.shortened(LOOKS).retry_until(
        lambda found: found is not None, lambda: _find_holder(context, step, number)
    )
    if isinstance(holder, AlreadyExists):
        return holder
    if holder is None and _take_back(context, nic_id, number):
        return TakenNumber(number)
    if step.action.session_number is None:
        return None
    if holder is None:
        advice = "give another, or leave it out"
        raise PoolFailed(refusal.action, refusal.reason, advice=advice) from refusal
    raise NumberTaken(nic_id, number, tags.describe_session(holder)) from refusal


def _find_holder(
    context: CommandContext, step: CreateMirror, number: SessionNumber
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
            if session.source_nic_id == nic_id and session.number == number
        ),
        None,
    )


def _take_back(context: CommandContext, nic_id: NicId, number: SessionNumber) -> bool:
    """
    Take the number again if this sandbox holds it for a session that is gone.

    A command that was killed, or a deletion outside CloudShell, leaves such numbers.
    The pool releases a number only to the sandbox that holds it.
    """
    with suppress(PoolFailed):
        context.numbers.release(nic_id, number)
    try:
        context.numbers.take(nic_id, number)
    except PoolFailed:
        return False
    return True
