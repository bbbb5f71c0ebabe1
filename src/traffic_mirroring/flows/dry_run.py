"""
Owns: the dry run of planned mirrors: what EC2 says to the calls that would be made.

Must not know: boto3, how a mirror is created, see mirror_creator.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from traffic_mirroring import tags
from traffic_mirroring.aws.dry_runs import NO_FILTER, NO_TARGET
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.mirror_creator import Failed
from traffic_mirroring.models import SessionSpec
from traffic_mirroring.plan.create import CreateMirror


@dataclass(frozen=True)
class WouldCreate:
    """The mirror would be created, as far as EC2 can say without doing it."""

    step: CreateMirror

    def __str__(self) -> str:
        """Return the message of a created mirror in the conditional."""
        mirror = self.step.action.mirror
        number = str(self.step.number)
        if self.step.action.session_number is None:
            number += " or the next free one"
        network = mirror.virtual_network_id
        target_id = self.step.target_id
        return (
            f"Would create a session that mirrors {mirror.source_nic_id} to "
            f"{mirror.destination} with session number {number} and "
            f"{f'VXLAN network {network}' if network else 'a new VXLAN network'}, on "
            f"{f'the existing target {target_id}' if target_id else 'a new target'}"
        )


def try_all(
    context: CommandContext, steps: Sequence[CreateMirror]
) -> list[WouldCreate | Failed]:
    """
    Dry-run the creation of mirrors; return the outcome of each. Changes nothing.

    One rule of a filter is tried for all, since EC2 checks the same for each.
    """

    def try_one(step: CreateMirror) -> WouldCreate | Failed:
        try:
            context.workers.gather(*_calls(context, step))
        except Exception as error:
            context.log.exception("Dry run of %s", step.action.mirror)
            return Failed(error)
        return WouldCreate(step)

    return context.workers.map_actions(try_one, steps)


def _calls(context: CommandContext, step: CreateMirror) -> list[Callable[[], None]]:
    action, ec2 = step.action, context.dry_runs
    mirror = action.mirror
    filter_tags = tags.filter_tags(context.sandbox, action, step.number)
    session_tags = tags.session_tags(context.sandbox, action, step.number)
    spec = SessionSpec(
        mirror,
        step.target_id or NO_TARGET,
        NO_FILTER,
        step.number,
        action.description or tags.mirror_name(mirror, step.number),
    )
    calls: list[Callable[[], None]] = [
        partial(ec2.create_filter, filter_tags),
        partial(ec2.create_rule, 1, mirror.rules[0], filter_tags),
        partial(ec2.create_session, spec, session_tags),
    ]
    if not step.target_id:
        wanted = tags.target_tags(context.sandbox, mirror.destination, action.tags)
        calls.insert(0, partial(ec2.create_target, mirror.destination, wanted))
    if mirror.network_services:
        calls.append(partial(ec2.add_services, mirror.network_services))
    return calls
