"""
Owns: creating the mirrors of a command in parallel, on shared targets.

It decides at the end what is kept and what is rolled back.
Must not know: how one mirror is created; whether it should be, see plan/create.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

from traffic_mirroring.errors import Cancelled
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.mirror_creator import (
    Created,
    Failed,
    MirrorCreator,
    Outcome,
    is_cancelled,
)
from traffic_mirroring.flows.shared_targets import SharedTargets
from traffic_mirroring.plan.create import CreateMirror


def create_all(context: CommandContext, steps: Sequence[CreateMirror]) -> list[Outcome]:
    """
    Create mirrors; return the outcome of each, in their order. Raises nothing.

    A mirror that can't be created leaves nothing behind. If the command is cancelled,
    every outcome is Failed with Cancelled, and nothing is left of any mirror. The
    destinations must be in use in `context.target_locks`.
    """
    context.progress.start("Creating traffic mirrors", len(steps))
    with ExitStack() as stack:
        targets = _shared_targets(context, steps)
        stack.callback(targets.undo)
        creators = [MirrorCreator(context, targets, step) for step in steps]
        for creator in creators:
            stack.callback(creator.undo)
        creates = [creator.create for creator in creators]
        # The targets first: the first actions to start never wait for later ones.
        start: list[Callable[[], Outcome | None]] = [targets.create_missing, *creates]
        ended = context.workers.map_actions(lambda run: run(), start)
        outcomes = [outcome for outcome in ended if outcome is not None]
        return _settle(context, targets, list(zip(steps, creators, outcomes)))


def _shared_targets(
    context: CommandContext, steps: Sequence[CreateMirror]
) -> SharedTargets:
    existing = {
        step.action.mirror.destination: step.target_id
        for step in steps
        if step.target_id is not None
    }
    missing = {
        step.action.mirror.destination: step.action.tags
        for step in reversed(steps)
        if step.target_id is None
    }
    return SharedTargets(context, existing, missing)


def _settle(
    context: CommandContext,
    targets: SharedTargets,
    mirrors: Sequence[tuple[CreateMirror, MirrorCreator, Outcome]],
) -> list[Outcome]:
    """Keep what was created, or undo everything if the command was cancelled."""
    stopped = any(is_cancelled(outcome) for _, _, outcome in mirrors)
    if stopped or was_cancelled(context):
        undone = context.workers.map_actions(lambda each: each[1].undo(), mirrors)
        outcomes: list[Outcome] = [
            Failed(Cancelled(), (*_leftovers(outcome), *left, *_numbers(context, step)))
            for (step, _, outcome), left in zip(mirrors, undone)
        ]
    else:
        outcomes = [outcome for _, _, outcome in mirrors]
        for step, creator, outcome in mirrors:
            if isinstance(outcome, Created):
                creator.keep()
                targets.keep([step.action.mirror.destination])
    remaining = targets.undo()
    return [
        _with_leftovers(outcome, remaining.get(step.action.mirror.destination, ()))
        for (step, _, _), outcome in zip(mirrors, outcomes)
    ]


def _numbers(context: CommandContext, step: CreateMirror) -> tuple[str, ...]:
    """Return the numbers of the source that a lost answer may have left taken."""
    return context.numbers.unanswered(step.action.mirror.source_nic_id)


def was_cancelled(context: CommandContext) -> bool:
    """Return whether the user has cancelled the command."""
    try:
        context.check_cancelled()
    except Cancelled:
        return True
    return False


def _leftovers(outcome: Outcome) -> tuple[str, ...]:
    return outcome.leftovers if isinstance(outcome, Failed) else ()


def _with_leftovers(outcome: Outcome, leftovers: tuple[str, ...]) -> Outcome:
    if not isinstance(outcome, Failed):
        return outcome
    return replace(outcome, leftovers=(*outcome.leftovers, *leftovers))
