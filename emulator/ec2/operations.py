"""
The table of operations that the emulator answers itself, and their frame.

What all have in common stands here: a dry run ends before anything is looked
at, what the model requires must be there, ids may be too new to be known, create
calls obey their ClientToken.
Everything that is not in the table is moto's.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from emulator.ec2 import filters, rules, sessions, tagging, targets
from emulator.ec2.errors import Refusal, refuse
from emulator.ec2.idempotency import create_once
from emulator.ec2.params import Params
from emulator.ec2.propagation import refuse_unknown
from emulator.ec2.world import World

Operation = Callable[[World, Params], dict[str, Any]]

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
    "CreateTags": tagging.create_tags,
    "DeleteTags": tagging.delete_tags,
    "DescribeTags": tagging.describe_tags,
}


def perform(world: World, params: Params, required: Collection[str]) -> dict[str, Any]:
    """Carry out one operation of the table and return the members of its answer."""
    if params.flag("DryRun"):
        raise refuse(Refusal.DRY_RUN)
    for name in required:
        if name not in params:
            raise refuse(Refusal.PARAMETER_MISSING, name=name)
    refuse_unknown(world, params)
    operation = OPERATIONS[params.operation]
    if params.operation.startswith("CreateTrafficMirror"):
        return create_once(world, params, lambda: operation(world, params))
    return operation(world, params)
