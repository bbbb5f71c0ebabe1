"""
Owns: the flow of CreateTrafficMirroring: observe, plan, create, answer.

Must not know: JSON, boto3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from traffic_mirroring.errors import (
    Cancelled,
    TrafficMirroringError,
    assert_never,
    user_message,
)
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.creation import Created, Failed, Outcome, create_all
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


def create(
    context: CommandContext, actions: Sequence[CreateAction]
) -> list[CreateResult]:
    """
    Ensure that the mirrors exist; return a result for each action, in their order.

    Each action succeeds or fails on its own, and a failed one leaves nothing behind. A
    cancelled command leaves nothing of any action.
    """
    try:
        state = _observe(context, actions)
        steps = _plan(context, actions, state)
    except TrafficMirroringError as error:
        return [_result(action, Failed(error)) for action in actions]
    creates = {
        index: step
        for index, step in enumerate(steps)
        if isinstance(step, CreateMirror)
    }
    mirrors = [step.action.mirror for step in creates.values()]
    with context.lookups.topology(mirrors, state.attachments) as topology:
        created = dict(zip(creates, create_all(context, list(creates.values()))))
    warnings = {
        index: find_warnings(step.action.mirror, state.attachments, topology.result())
        for index, step in creates.items()
    }
    cancelled = any(
        isinstance(each, Failed) and isinstance(each.error, Cancelled)
        for each in created.values()
    )
    results = []
    for index, action in enumerate(actions):
        decisive = _decisive(steps, index)
        outcome = created.get(decisive) or _outcome(steps[decisive])
        if cancelled and not isinstance(outcome, Failed):
            outcome = Failed(Cancelled())
        results.append(_result(action, outcome, warnings.get(decisive, [])))
    return results


def _observe(context: CommandContext, actions: Sequence[CreateAction]) -> CreateState:
    mirrors = [action.mirror for action in actions]
    with context.workers.in_background(
        lambda: context.lookups.find_attachments(mirrors)
    ) as attachments:
        resources = find_resources(context, actions)
    return CreateState(resources, attachments.result())


def _plan(
    context: CommandContext, actions: Sequence[CreateAction], state: CreateState
) -> list[CreateStep]:
    """Plan; if target instances are starting, wait for them and plan again."""
    steps = plan_create(actions, state, context.sandbox)
    mirrors = [step.action.mirror for step in steps if isinstance(step, CreateMirror)]
    starting = find_starting(mirrors, state.attachments)
    if not starting:
        return steps
    names = ", ".join(sorted(instance.id for instance in starting.values()))
    context.progress.write(f"Waiting for {names} to start")

    def look() -> Attachments:
        context.check_cancelled()
        return context.lookups.find_attachments([action.mirror for action in actions])

    started = context.start_policy.retry_until(
        lambda found: not find_starting(mirrors, found), look
    )
    state = replace(state, attachments=started, waited=True)
    return plan_create(actions, state, context.sandbox)


def _decisive(steps: Sequence[CreateStep], index: int) -> int:
    """Return the index of the step that decides an action's outcome."""
    step = steps[index]
    return step.index if isinstance(step, DuplicateOf) else index


def _outcome(step: CreateStep) -> Outcome:
    """Return the outcome of a step that creates nothing."""
    if isinstance(step, AlreadyExists):
        return step
    if isinstance(step, Rejected):
        return Failed(step.error)
    if isinstance(step, (CreateMirror, DuplicateOf)):
        raise TypeError(step)
    return assert_never(step)


def _result(
    action: CreateAction, outcome: Outcome, warnings: Sequence[str] = ()
) -> CreateResult:
    if isinstance(outcome, Failed):
        cancelled = isinstance(outcome.error, Cancelled)
        return CreateResult(
            TYPE,
            action.action_id,
            "" if cancelled else "; ".join(warnings),
            f"{user_message(outcome.error)}{_left_behind(outcome.leftovers)}",
        )
    session = outcome.session
    mirror = action.mirror
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
