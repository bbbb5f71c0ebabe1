"""
Owns: the flow of GetTrafficMirroring: mirrors of a sandbox, with warnings and traffic.

Changes nothing. Traffic and what lies between the NICs are looked up concurrently.
Must not know: JSON, boto3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from traffic_mirroring import tags
from traffic_mirroring.errors import (
    CallForbidden,
    TrafficMirroringError,
    user_message,
)
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.sandbox_state import SandboxState, find_sandbox_state
from traffic_mirroring.models import GetAction, NicId
from traffic_mirroring.plan.listing import FoundMirror, find_present_warnings
from traffic_mirroring.request.mirrors import find_inexpressible
from traffic_mirroring.results import GetResult, ListedMirror, Traffic
from traffic_mirroring.topology import Attachments, Instance, Topology, Unchecked

TYPE = "GetTrafficMirroring"


@dataclass(frozen=True)
class _Counted:
    """The traffic of instances, by id, and why that of others is unknown."""

    traffic: Mapping[str, Traffic]
    notes: tuple[str, ...] = ()


def list_mirrors(context: CommandContext, action: GetAction) -> GetResult:
    """Return the mirrors of the sandbox as EC2 has them, by source and number."""
    try:
        state = find_sandbox_state(context)
    except TrafficMirroringError as error:
        return GetResult(TYPE, action.action_id, error=str(error))
    instances = _instances(state)
    known = [each.mirror for each in state.mirrors if each.mirror]
    with context.lookups.topology(known, state.attachments) as topology:
        counted = _count(context, instances)
    listed = tuple(
        ListedMirror(
            each.session,
            each.target,
            each.filter,
            tuple(_warnings(each, state.attachments, topology.result())),
            _traffic_of(instances[each.session.source_nic_id], counted),
        )
        for each in state.mirrors
    )
    info = [f"Sessions of this sandbox: {len(listed)}", *_unused(state), *counted.notes]
    return GetResult(TYPE, action.action_id, "; ".join(info), mirrors=listed)


def _instances(state: SandboxState) -> dict[NicId, Instance | None]:
    """Return the instances of all sources, as far as they are known."""
    instances = state.attachments.instances
    known = {} if isinstance(instances, Unchecked) else instances
    return {
        each.session.source_nic_id: known.get(each.session.source_nic_id)
        for each in state.mirrors
    }


def _count(
    context: CommandContext, instances: Mapping[NicId, Instance | None]
) -> _Counted:
    """Return the traffic of the sources' instances; a failure is no error."""
    ids = {instance.id for instance in instances.values() if instance}
    unknown = sorted(nic_id for nic_id, instance in instances.items() if not instance)
    notes = []
    if unknown:
        notes.append(
            f"no traffic figures of {', '.join(unknown)} (the instance is unknown)"
        )
    try:
        found = context.cloudwatch.find_traffic(ids, context.workers.gather)
    except CallForbidden as error:
        context.log.info("%s", error)
        return _Counted({}, (*notes, _no_figures(f"{error.permission} is not allowed")))
    except Exception as error:
        context.log.warning("Could not look up metrics", exc_info=True)
        return _Counted({}, (*notes, _no_figures(user_message(error))))
    silent = ", ".join(sorted(ids - found.keys()))
    if silent:
        notes.append(
            f"no traffic figures of {silent} (CloudWatch has no data of the last "
            "15 minutes)"
        )
    return _Counted(found, tuple(notes))


def _no_figures(why: str) -> str:
    return f"no traffic figures ({why})"


def _traffic_of(instance: Instance | None, counted: _Counted) -> Traffic | None:
    return counted.traffic.get(instance.id) if instance else None


def _unused(state: SandboxState) -> Iterator[str]:
    targets = state.unused_targets
    names = [tags.describe_filter(each) for each in state.unused_filters]
    names += [f"target {target.id} on {target.destination}" for target in targets]
    if names:
        listed = ", ".join(names)
        yield f"without a session, for CleanupSandboxInfra to remove: {listed}"


def _warnings(
    found: FoundMirror, attachments: Attachments, topology: Topology
) -> Iterator[str]:
    why = find_inexpressible(found.session, found.target, found.filter)
    if why:
        yield f"warning: no request can express this mirror: {why}"
    yield from find_present_warnings(found, attachments, topology)
