"""
Eventual consistency: what was just made is not known everywhere at once.

With the knob `unknown_for` a new id is unknown to the next requests that name it, and
the next Describe requests for all do not list it. The two are counted apart. What EC2
checks by itself (uses, quotas, uniqueness), the rules shown inside a filter and
DescribeTags know it from the start.
"""

from __future__ import annotations

from typing import TypeVar

from emulator.ec2.params import Params
from emulator.ec2.records import Record
from emulator.ec2.shelf import Shelf
from emulator.ec2.world import World

SINGLE = (
    "TrafficMirrorTargetId",
    "TrafficMirrorFilterId",
    "TrafficMirrorFilterRuleId",
    "TrafficMirrorSessionId",
)
LISTS = (*(f"{name}s" for name in SINGLE), "Resources")

R = TypeVar("R", bound=Record)


def refuse_unknown(world: World, params: Params) -> None:
    """Raise NotFound for an id that is named too early; each that is named counts."""
    single = [params.optional(name) for name in SINGLE]
    listed = [record_id for name in LISTS for record_id in params.items(name)]
    named = dict.fromkeys(each for each in (*single, *listed) if each)
    unknown = [record_id for record_id in named if world.unnamed.use_up(record_id)]
    shelf = world.shelf_of(unknown[0]) if unknown else None
    if shelf is not None:
        raise shelf.not_found(unknown[0])


def list_known(world: World, shelf: Shelf[R]) -> list[R]:
    """List a shelf for a Describe of all: without what is too new."""
    return [record for record in shelf if not world.unlisted.use_up(record.id)]
