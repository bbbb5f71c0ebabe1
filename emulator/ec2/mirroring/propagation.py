"""
Eventual consistency: EC2 may not know a new id yet, and still show a deleted one.

Owns: which requests know of a creation or deletion.
Must not know: what the requests do.

With the setting `unknown_lag`, the next requests that name a new id get NotFound. With
`creation_lag`, the next Describe requests for all don't list it, and with
`deletion_lag` they still show what was deleted. Each has its own counts. In-use checks,
quotas, uniqueness checks, the rules inside a filter and DescribeTags know all at once.
"""

from __future__ import annotations

from typing import TypeVar

from emulator.ec2.mirroring.params import Params
from emulator.ec2.mirroring.records import Record
from emulator.ec2.mirroring.state import RegionState
from emulator.ec2.mirroring.table import Table

ID_PARAMETERS = (
    "TrafficMirrorTargetId",
    "TrafficMirrorFilterId",
    "TrafficMirrorFilterRuleId",
    "TrafficMirrorSessionId",
)
ID_LIST_PARAMETERS = (*(f"{name}s" for name in ID_PARAMETERS), "Resources")

R = TypeVar("R", bound=Record)


def check_propagated(state: RegionState, params: Params) -> None:
    """Count the ids in a request; raise NotFound for one that has not propagated."""
    single = [params.optional(name) for name in ID_PARAMETERS]
    listed = [each for name in ID_LIST_PARAMETERS for each in params.items(name)]
    named = dict.fromkeys(each for each in (*single, *listed) if each)
    unknown = [record_id for record_id in named if state.not_yet_known.count(record_id)]
    table = state.table_of(unknown[0]) if unknown else None
    if table is not None:
        raise table.not_found(unknown[0])


def list_propagated(state: RegionState, table: Table[R]) -> list[R]:
    """Return the records that a Describe request for all lists."""
    existing = [each for each in table if not state.not_yet_listed.count(each.id)]
    deleted = [each for each in state.deleted(table) if _is_listed(state, each.id)]
    return sorted([*existing, *deleted], key=lambda record: record.serial)


def find_propagated(state: RegionState, table: Table[R], record_id: str) -> R:
    """Return the record that a Describe request names; raises Ec2Error."""
    for record in state.deleted(table):
        if record.id == record_id and state.still_listed.count(record_id):
            return record
    return table.get(record_id)


def _is_listed(state: RegionState, record_id: str) -> bool:
    return not state.not_yet_listed.count(record_id) and state.still_listed.count(
        record_id
    )
