"""
The operations of traffic mirroring, and what they have in common.

Owns: dry runs, required parameters, new ids that are not known yet, ClientTokens.
Must not know: HTTP, permissions.

moto carries out all operations that are not in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.mirroring import filters, rules, sessions, tags, targets
from emulator.ec2.mirroring.describe import View
from emulator.ec2.mirroring.idempotency import create_once
from emulator.ec2.mirroring.params import Params
from emulator.ec2.mirroring.propagation import check_propagated
from emulator.ec2.mirroring.state import RegionState
from emulator.ec2.mirroring.table import Table

Operation = Callable[[RegionState, Params], dict[str, Any]]

OPERATIONS: dict[str, Operation] = {
    "CreateTrafficMirrorTarget": targets.create_target,
    "DescribeTrafficMirrorTargets": targets.describe_targets,
    "DeleteTrafficMirrorTarget": targets.delete_target,
    "CreateTrafficMirrorFilter": filters.create_filter,
    "DescribeTrafficMirrorFilters": filters.describe_filters,
    "DeleteTrafficMirrorFilter": filters.delete_filter,
    "ModifyTrafficMirrorFilterNetworkServices": filters.modify_network_services,
    "CreateTrafficMirrorFilterRule": rules.create_rule,
    "DescribeTrafficMirrorFilterRules": rules.describe_rules,
    "ModifyTrafficMirrorFilterRule": rules.modify_rule,
    "DeleteTrafficMirrorFilterRule": rules.delete_rule,
    "CreateTrafficMirrorSession": sessions.create_session,
    "DescribeTrafficMirrorSessions": sessions.describe_sessions,
    "ModifyTrafficMirrorSession": sessions.modify_session,
    "DeleteTrafficMirrorSession": sessions.delete_session,
    "CreateTags": tags.create_tags,
    "DeleteTags": tags.delete_tags,
    "DescribeTags": tags.describe_tags,
}


def run_operation(
    state: RegionState, params: Params, required: Collection[str]
) -> dict[str, Any]:
    """Carry out an operation of the table, and return the members of its result."""
    if params.flag("DryRun"):
        raise ec2_error(Refusal.DRY_RUN)
    for name in required:
        if name not in params:
            raise ec2_error(Refusal.PARAMETER_MISSING, name=name)
    if params.operation == "CreateTrafficMirrorSession":
        # Observed on AWS: the interface is looked up before the other ids.
        state.get_interface(params.required("NetworkInterfaceId"))
    check_propagated(state, params)
    operation = OPERATIONS[params.operation]
    if params.operation.startswith("CreateTrafficMirror"):
        return create_once(state, params, lambda: operation(state, params))
    return operation(state, params)


def existing_resources(state: RegionState, kind: str) -> list[dict[str, Any]]:
    """Return all targets, filters or sessions as they are shown, whatever the lags."""
    table, view = _views(state)[kind]
    return [view.show(state, record) for record in table]


def _views(state: RegionState) -> dict[str, tuple[Table[Any], View[Any]]]:
    return {
        targets.VIEW.result: (state.targets, targets.VIEW),
        filters.VIEW.result: (state.filters, filters.VIEW),
        sessions.VIEW.result: (state.sessions, sessions.VIEW),
    }
