"""
Tags: in create calls, and CreateTags, DeleteTags, DescribeTags.

The three operations work on mirror resources and on all of moto's alike; the
tags of mirror resources stand on their records, the others stay in moto.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.ec2.describe import Readers, pages, select
from emulator.ec2.errors import Refusal, refuse
from emulator.ec2.params import Params
from emulator.ec2.world import TagRow, World

MAX_TAGS, MAX_KEY, MAX_VALUE = 50, 127, 256

ROWS: Readers[TagRow] = {
    "key": lambda row: [row.key],
    "value": lambda row: [row.value],
    "resource-id": lambda row: [row.resource_id],
    "resource-type": lambda row: [row.resource_type],
}


def read_tag_specifications(params: Params, resource_type: str) -> dict[str, str]:
    """Read the tags of a create call; only this resource type is allowed, once."""
    specifications = params.items("TagSpecifications")
    types = [str(entry.get("ResourceType")) for entry in specifications]
    for index, value in enumerate(types):
        if value != resource_type or value in types[:index]:
            raise refuse(Refusal.TAG_SPECIFICATION, value=value)
    if not specifications:
        return {}
    return _read_tags(specifications[0].get("Tags", []))


def create_tags(world: World, params: Params) -> dict[str, Any]:
    """Tag resources of any kind, or none of them if one is refused."""
    tags = _read_tags(params.items("Tags"))
    records, others = _resources(world, params)
    for record in records:
        _check_amount(record.tags | tags)
    if others:
        world.surroundings.tag(others, tags)
    for record in records:
        record.tags.update(tags)
    return {}


def delete_tags(world: World, params: Params) -> dict[str, Any]:
    """Remove tags: those named, with that value where one is given, or all."""
    wanted = {tag.get("Key", ""): tag.get("Value") for tag in params.items("Tags")}
    records, others = _resources(world, params)
    if others:
        world.surroundings.untag(others, wanted)
    for record in records:
        for key in list(record.tags):
            if not wanted or (
                key in wanted and wanted[key] in (None, record.tags[key])
            ):
                del record.tags[key]
    return {}


def describe_tags(world: World, params: Params) -> dict[str, Any]:
    """List tags of everything, one row for each tag of each resource."""
    rows = select([*_mirror_rows(world), *world.surroundings.tags()], ROWS, params)
    numbered = list(enumerate(rows))
    page, token = pages(world, params).cut(numbered, params.optional("NextToken"))
    shown = [
        {
            "ResourceId": row.resource_id,
            "ResourceType": row.resource_type,
            "Key": row.key,
            "Value": row.value,
        }
        for row in page
    ]
    return {"Tags": shown, **({"NextToken": token} if token else {})}


def _mirror_rows(world: World) -> Iterable[TagRow]:
    for shelf in (world.targets, world.filters, world.rules, world.sessions):
        for record in shelf:
            for key, value in record.tags.items():
                yield TagRow(record.id, shelf.resource_type, key, value)


def _resources(world: World, params: Params) -> tuple[list[Any], list[str]]:
    """Split the call's resources: mirror records, and ids of moto's."""
    records, others = [], []
    for resource_id in dict.fromkeys(params.items("Resources")):
        shelf = world.shelf_of(resource_id)
        if shelf is None:
            others.append(resource_id)
        else:
            records.append(shelf.get(resource_id))
    return records, others


def _read_tags(entries: Iterable[Mapping[str, str]]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for entry in entries:
        key, value = entry.get("Key", ""), entry.get("Value", "")
        _check_tag(key, value)
        if key in tags:
            raise refuse(Refusal.TAG_KEY, key=key, reason="given twice")
        tags[key] = value
    if not tags:
        raise refuse(Refusal.TAG_SPECIFICATION_EMPTY)
    _check_amount(tags)
    return tags


def _check_tag(key: str, value: str) -> None:
    if not 1 <= len(key) <= MAX_KEY:
        raise refuse(Refusal.TAG_KEY, key=key, reason=f"not 1 to {MAX_KEY} characters")
    if key.lower().startswith("aws:"):
        raise refuse(Refusal.TAG_KEY, key=key, reason="'aws:' is reserved")
    if len(value) > MAX_VALUE:
        reason = f"its value is longer than {MAX_VALUE} characters"
        raise refuse(Refusal.TAG_KEY, key=key, reason=reason)


def _check_amount(tags: Mapping[str, str]) -> None:
    if len(tags) > MAX_TAGS:
        raise refuse(Refusal.TAG_QUOTA, limit=MAX_TAGS)
