"""
Owns: the flow of CreateTrafficMirroring: observe, plan, create, answer.

Must not know: JSON, boto3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from traffic_mirroring.errors import (
    Cancelled,
    TrafficMirroringError,
    assert_never,
    user_message,
)
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.creation import create_all, was_cancelled
from traffic_mirroring.flows.mirror_creator import (
    Created,
    Failed,
    Outcome,
    is_cancelled,
)
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
from traffic_mirroring.plan.prerequisites import find_sources_limit, find_starting
from traffic_mirroring.plan.warnings import find_warnings
from traffic_mirroring.topology import Attachments, Topology

TYPE = "CreateTrafficMirroring"


def create(
    context: CommandContext, actions: Sequence[CreateAction]
) -> list[CreateResult]:
    """
    Ensure that the mirrors exist; return a result for each action, in their order.

    Each action succeeds or fails on its own, and a failed one leaves nothing behind. A
    cancelled command leaves nothing of any action.
    """
    destinations = {action.mirror.destination for action in actions}
    with context.target_locks.using(destinations):
        try:
            state = _observe(context, actions)
            steps = _plan(context, actions, state)
        except TrafficMirroringError as error:
            failed = Failed(Cancelled() if was_cancelled(context) else error)
            return [_result(action, failed) for action in actions]
        outcomes, warnings = _execute(context, steps, state)
    if any(is_cancelled(outcome) for outcome in outcomes.values()):
        outcomes = {index: _cancelled(each) for index, each in outcomes.items()}
    results = []
    for index, action in enumerate(actions):
        decisive = _decisive(steps, index)
        outcome = outcomes[decisive]
        limit = _limit(outcome, action, state)
        results.append(_result(action, outcome, warnings.get(decisive, []), limit))
    return results


def _execute(
    context: CommandContext, steps: Sequence[CreateStep], state: CreateState
) -> tuple[dict[int, Outcome], dict[int, list[str]]]:
    """Create mirrors, and look meanwhile for what may keep them from working."""
    creates = {
        index: step
        for index, step in enumerate(steps)
        if isinstance(step, CreateMirror)
    }
    mirrors = [step.action.mirror for step in creates.values()]
    with context.lookups.topology(mirrors, state.attachments) as topology:
        created = dict(zip(creates, create_all(context, list(creates.values()))))
    warnings = _find_warnings(creates, state, topology.result())
    planned = {index: _planned(step) for index, step in enumerate(steps)}
    found = {index: each for index, each in planned.items() if each is not None}
    return {**found, **created}, warnings


def _find_warnings(
    creates: Mapping[int, CreateMirror], state: CreateState, topology: Topology
) -> dict[int, list[str]]:
    owners = {each.destination: each.owner_id for each in state.resources.targets}
    return {
        index: find_warnings(
            step.action.mirror,
            state.attachments,
            topology,
            owners.get(step.action.mirror.destination),
        )
        for index, step in creates.items()
    }


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


def _planned(step: CreateStep) -> Outcome | None:
    """Return the outcome of a step that creates nothing and has one of its own."""
    if isinstance(step, AlreadyExists):
        return step
    if isinstance(step, Rejected):
        return Failed(step.error)
    if isinstance(step, (CreateMirror, DuplicateOf)):
        return None
    return assert_never(step)


def _cancelled(outcome: Outcome) -> Outcome:
    """Return the outcome in a cancelled command, which every result reports."""
    leftovers = outcome.leftovers if isinstance(outcome, Failed) else ()
    return Failed(Cancelled(), leftovers)


def _limit(outcome: Outcome, action: CreateAction, state: CreateState) -> str:
    """Return which limit of sources was reached, or empty if none was."""
    if not isinstance(outcome, Failed):
        return ""
    limit = find_sources_limit(outcome.error, action.mirror, state.attachments)
    return f"; {limit}" if limit else ""


def _result(
    action: CreateAction,
    outcome: Outcome,
    warnings: Sequence[str] = (),
    limit: str = "",
) -> CreateResult:
    if isinstance(outcome, Failed):
        return CreateResult(
            TYPE,
            action.action_id,
            "" if is_cancelled(outcome) else "; ".join(warnings),
            f"{user_message(outcome.error)}{limit}{_left_behind(outcome.leftovers)}",
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
