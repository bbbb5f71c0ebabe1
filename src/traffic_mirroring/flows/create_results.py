"""
Owns: the results of Create actions, in words.

Must not know: how mirrors are created.
"""

from __future__ import annotations

from collections.abc import Sequence

from traffic_mirroring.errors import user_message
from traffic_mirroring.flows.dry_run import WouldCreate
from traffic_mirroring.flows.mirror_creator import Created, Failed, is_cancelled
from traffic_mirroring.models import CreateAction
from traffic_mirroring.plan.create import AlreadyExists
from traffic_mirroring.results import CreateResult

TYPE = "CreateTrafficMirroring"


def failed_result(
    action_id: str, outcome: Failed, warnings: Sequence[str]
) -> CreateResult:
    """Return the result of an action that failed, with what is left behind."""
    advice = f"; {outcome.advice}" if outcome.advice else ""
    return CreateResult(
        TYPE,
        action_id,
        "" if is_cancelled(outcome) else "; ".join(warnings),
        f"{user_message(outcome.error)}{advice}{_left_behind(outcome.leftovers)}",
    )


def success_result(
    action: CreateAction,
    outcome: Created | AlreadyExists | WouldCreate,
    warnings: Sequence[str],
) -> CreateResult:
    """Return the result of an action whose mirror exists, or would be created."""
    if isinstance(outcome, WouldCreate):
        info = "; ".join([str(outcome), *warnings])
        return CreateResult(TYPE, action.action_id, info)
    session, mirror = outcome.session, action.mirror
    text = (
        f"Session {session.id} mirrors {mirror.source_nic_id} to {mirror.destination} "
        f"with session number {session.number} and VXLAN network "
        f"{session.virtual_network_id}"
    )
    notes = outcome.notes if isinstance(outcome, Created) else ()
    info = "; ".join([text, *notes, *warnings])
    return CreateResult(TYPE, action.action_id, info, session=session)


def _left_behind(leftovers: Sequence[str]) -> str:
    if not leftovers:
        return ""
    return f"; left behind until the sandbox is cleaned up: {', '.join(leftovers)}"
