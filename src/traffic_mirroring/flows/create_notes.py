"""
Owns: what a result of Create says besides its mirror: the order of packets, warnings.

Must not know: how mirrors are created or looked up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Union

from traffic_mirroring.flows.dry_run import WouldCreate
from traffic_mirroring.flows.mirror_creator import Failed, Outcome
from traffic_mirroring.models import Mirror, Sandbox
from traffic_mirroring.plan.create import CreateState
from traffic_mirroring.plan.packet_order import (
    Placed,
    find_order_notes,
    place,
    place_existing,
    place_planned,
)
from traffic_mirroring.plan.warnings import find_warnings
from traffic_mirroring.topology import Topology

Result = Union[Outcome, WouldCreate]


def find_notes(
    results: Mapping[int, tuple[Mirror, Result]],
    state: CreateState,
    sandbox: Sandbox,
    topology: Topology,
) -> dict[int, list[str]]:
    """
    Return the notes on each mirror: which session gets its packets first, and warnings.

    Warnings are of interest for mirrors that exist already, too: the first answer may
    not have been read, and what it warned of may be different now.
    """
    owners = {each.destination: each.owner_id for each in state.resources.targets}
    placed = {
        index: found
        for index, (mirror, result) in results.items()
        if (found := _place(index, mirror, result))
    }
    by_ends: dict[tuple[str, str], list[Placed]] = defaultdict(list)
    for each in (*place_existing(state.resources, sandbox), *placed.values()):
        by_ends[each.ends].append(each)
    notes: dict[int, list[str]] = {}
    for index, (mirror, _) in results.items():
        own, owner = placed.get(index), owners.get(mirror.destination)
        notes[index] = [
            *(find_order_notes(own, by_ends[own.ends]) if own else ()),
            *find_warnings(mirror, state.attachments, topology, owner),
        ]
    return notes


def _place(index: int, mirror: Mirror, result: Result) -> Placed | None:
    """Return the session that the result is about, or None if there is none."""
    if isinstance(result, Failed):
        return None
    if isinstance(result, WouldCreate):
        return place_planned(index, mirror, result.step.number)
    return place(result.session, mirror)
