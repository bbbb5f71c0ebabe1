"""
Owns: the flow of CreateTrafficMirroring: observe, plan, create or try, answer.

Must not know: JSON, boto3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Union

from traffic_mirroring.errors import (
    Cancelled,
    TrafficMirroringError,
    assert_never,
    user_message,
)
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.creation import create_all
from traffic_mirroring.flows.dry_run import WouldCreate, try_all
from traffic_mirroring.flows.mirror_creator import Created, Failed, Outcome
from traffic_mirroring.flows.named_apps import Requested, resolve_names
from traffic_mirroring.flows.observe import find_resources
from traffic_mirroring.models import CreateAction, CreateResult
from traffic_mirroring.plan.create import (
    AlreadyExists,
    CreateMirror,
    CreateState,
    CreateStep,
    DuplicateOf,
    Rejected,
    plan_create,
)
from traffic_mirroring.plan.prerequisites import find_starting, find_warnings
from traffic_mirroring.topology import Attachments

TYPE = "CreateTrafficMirroring"

Result = Union[Outcome, WouldCreate]


def create(
    context: CommandContext, requested: Sequence[Requested]
) -> list[CreateResult]:
    """
    Ensure that the mirrors exist; return a result for each action, in their order.

    Each action succeeds or fails on its own, and a failed one leaves nothing behind. A
    cancelled command leaves nothing of any action. Dry runs change nothing.
    """
    actions, unresolved = resolve_names(context, dict(enumerate(requested)))
    destinations = {action.mirror.destination for action in actions.values()}
    with context.target_locks.using(destinations):
        outcomes, warnings = _carry_out(context, actions)
    outcomes |= {index: Failed(error) for index, error in unresolved.items()}
    if any(_is_cancelled(outcome) for outcome in outcomes.values()):
        outcomes = {index: _cancelled(each) for index, each in outcomes.items()}
    results = []
    for index, each in enumerate(requested):
        outcome, notes = outcomes[index], warnings.get(index, [])
        if isinstance(outcome, Failed):
            results.append(_failed(each.action_id, outcome, notes))
        else:
            results.append(_succeeded(actions[index], outcome, notes))
    return results


def _carry_out(
    context: CommandContext, actions: Mapping[int, CreateAction]
) -> tuple[dict[int, Result], dict[int, list[str]]]:
    """Return the outcome and the warnings of each action."""
    try:
        state = _observe(context, list(actions.values()))
        steps = _plan(context, actions, state)
    except TrafficMirroringError as error:
        return dict.fromkeys(actions, Failed(error)), {}
    outcomes, warnings = _execute(context, steps, state.attachments)
    decisive = {
        index: step.index if isinstance(step, DuplicateOf) else index
        for index, step in steps.items()
    }
    return (
        {index: outcomes[each] for index, each in decisive.items()},
        {index: warnings.get(each, []) for index, each in decisive.items()},
    )


def _execute(
    context: CommandContext, steps: Mapping[int, CreateStep], attachments: Attachments
) -> tuple[dict[int, Result], dict[int, list[str]]]:
    """Create or try mirrors, and look meanwhile for what keeps them from working."""
    creates = {
        index: step for index, step in steps.items() if isinstance(step, CreateMirror)
    }
    mirrors = [step.action.mirror for step in creates.values()]
    with context.lookups.topology(mirrors, attachments) as topology:
        done = _create_or_try(context, creates)
    warnings = {
        index: find_warnings(step.action.mirror, attachments, topology.result())
        for index, step in creates.items()
    }
    planned = {index: _planned(step) for index, step in steps.items()}
    found = {index: each for index, each in planned.items() if each is not None}
    return {**found, **done}, warnings


def _create_or_try(
    context: CommandContext, steps: Mapping[int, CreateMirror]
) -> dict[int, Result]:
    real = {index: step for index, step in steps.items() if not step.action.dry_run}
    dry = {index: step for index, step in steps.items() if step.action.dry_run}
    done: dict[int, Result] = dict(zip(dry, try_all(context, list(dry.values()))))
    done |= zip(real, create_all(context, list(real.values())))
    return done


def _observe(context: CommandContext, actions: Sequence[CreateAction]) -> CreateState:
    mirrors = [action.mirror for action in actions]
    with context.workers.in_background(
        lambda: context.lookups.find_attachments(mirrors)
    ) as attachments:
        resources = find_resources(context, actions)
    return CreateState(resources, attachments.result())


def _plan(
    context: CommandContext, actions: Mapping[int, CreateAction], state: CreateState
) -> dict[int, CreateStep]:
    """Plan; if target instances are starting, wait for them and plan again."""
    steps = plan_create(actions, state, context.sandbox)
    mirrors = [
        step.action.mirror
        for step in steps.values()
        if isinstance(step, CreateMirror) and not step.action.dry_run
    ]
    starting = find_starting(mirrors, state.attachments)
    if not starting:
        return steps
    names = ", ".join(sorted(instance.id for instance in starting.values()))
    context.progress.write(f"Waiting for {names} to start")

    def look() -> Attachments:
        context.check_cancelled()
        every = [action.mirror for action in actions.values()]
        return context.lookups.find_attachments(every)

    started = context.start_policy.retry_until(
        lambda found: not find_starting(mirrors, found), look
    )
    state = replace(state, attachments=started, waited=True)
    return plan_create(actions, state, context.sandbox)


def _planned(step: CreateStep) -> AlreadyExists | Failed | None:
    """Return the outcome of a step that creates nothing and has one of its own."""
    if isinstance(step, AlreadyExists):
        return step
    if isinstance(step, Rejected):
        return Failed(step.error)
    if isinstance(step, (CreateMirror, DuplicateOf)):
        return None
    return assert_never(step)


def _is_cancelled(outcome: Result) -> bool:
    return isinstance(outcome, Failed) and isinstance(outcome.error, Cancelled)


def _cancelled(outcome: Result) -> Result:
    """Return the outcome in a cancelled command, which every result reports."""
    leftovers = outcome.leftovers if isinstance(outcome, Failed) else ()
    return Failed(Cancelled(), leftovers)


def _failed(action_id: str, outcome: Failed, warnings: Sequence[str]) -> CreateResult:
    return CreateResult(
        TYPE,
        action_id,
        "" if _is_cancelled(outcome) else "; ".join(warnings),
        f"{user_message(outcome.error)}{_left_behind(outcome.leftovers)}",
    )


def _succeeded(
    action: CreateAction,
    outcome: Created | AlreadyExists | WouldCreate,
    warnings: Sequence[str],
) -> CreateResult:
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
