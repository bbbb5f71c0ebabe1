"""
Owns: the flow of CreateTrafficMirroring: observe, plan, create or try, answer.

Must not know: JSON, boto3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from traffic_mirroring.errors import Cancelled, TrafficMirroringError, assert_never
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.create_notes import Result, find_notes
from traffic_mirroring.flows.create_results import failed_result, success_result
from traffic_mirroring.flows.creation import create_all, was_cancelled
from traffic_mirroring.flows.dry_run import try_all
from traffic_mirroring.flows.mirror_creator import Failed, is_cancelled
from traffic_mirroring.flows.named_apps import Requested, resolve_names
from traffic_mirroring.flows.observe import find_resources
from traffic_mirroring.models import CreateAction, Mirror
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
from traffic_mirroring.results import CreateResult
from traffic_mirroring.topology import Attachments


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
    if any(is_cancelled(outcome) for outcome in outcomes.values()):
        outcomes = {index: _cancelled(each) for index, each in outcomes.items()}
    results = []
    for index, each in enumerate(requested):
        outcome, notes = outcomes[index], warnings.get(index, [])
        if isinstance(outcome, Failed):
            results.append(failed_result(each.action_id, outcome, notes))
        else:
            results.append(success_result(actions[index], outcome, notes))
    return results


def _carry_out(
    context: CommandContext, actions: Mapping[int, CreateAction]
) -> tuple[dict[int, Result], dict[int, list[str]]]:
    """Return the outcome and the warnings of each action."""
    try:
        state = _observe(context, list(actions.values()))
        steps = _plan(context, actions, state)
    except TrafficMirroringError as error:
        failed = Failed(Cancelled() if was_cancelled(context) else error)
        return dict.fromkeys(actions, failed), {}
    mirrors = {index: action.mirror for index, action in actions.items()}
    outcomes, notes = _execute(context, steps, state, mirrors)
    decisive = {
        index: step.index if isinstance(step, DuplicateOf) else index
        for index, step in steps.items()
    }
    return (
        {index: outcomes[each] for index, each in decisive.items()},
        {index: notes.get(each, []) for index, each in decisive.items()},
    )


def _execute(
    context: CommandContext,
    steps: Mapping[int, CreateStep],
    state: CreateState,
    mirrors: Mapping[int, Mirror],
) -> tuple[dict[int, Result], dict[int, list[str]]]:
    """Create or try mirrors, and look meanwhile for what keeps them from working."""
    creates = {
        index: step for index, step in steps.items() if isinstance(step, CreateMirror)
    }
    noted = {
        index: mirrors[index]
        for index, step in steps.items()
        if isinstance(step, (CreateMirror, AlreadyExists))
    }
    with context.lookups.topology(list(noted.values()), state.attachments) as topology:
        done = _create_or_try(context, creates)
    done = {
        index: _with_limit(each, creates[index], state) for index, each in done.items()
    }
    planned = {index: _planned(step) for index, step in steps.items()}
    found = {index: each for index, each in planned.items() if each is not None}
    outcomes: dict[int, Result] = {**found, **done}
    results = {index: (mirror, outcomes[index]) for index, mirror in noted.items()}
    return outcomes, find_notes(results, state, context.sandbox, topology.result())


def _with_limit(outcome: Result, step: CreateMirror, state: CreateState) -> Result:
    """Add which limit of sources the target has, if that was the reason to fail."""
    if not isinstance(outcome, Failed):
        return outcome
    mirror = step.action.mirror
    limit = find_sources_limit(outcome.error, mirror, state.attachments)
    return replace(outcome, advice=limit)


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


def _cancelled(outcome: Result) -> Result:
    """Return the outcome in a cancelled command, which every result reports."""
    leftovers = outcome.leftovers if isinstance(outcome, Failed) else ()
    return Failed(Cancelled(), leftovers)
