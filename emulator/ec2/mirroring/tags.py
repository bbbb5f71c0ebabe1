"""
Tags in create calls, and the operations CreateTags, DeleteTags and DescribeTags.

Owns: what is allowed for tags. Must not know: requests, moto.

The operations accept all kinds of resources. Records of mirroring resources contain
their tags; the tags of other resources are in Ec2Resources.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.mirroring.describe import Readers, finds_nothing, make_pages, select
from emulator.ec2.mirroring.params import Params
from emulator.ec2.mirroring.state import RegionState, TagRow

MAX_TAGS, MAX_KEY, MAX_VALUE = 50, 127, 256

ROWS: Readers[TagRow] = {
    "key": lambda row: [row.key],
    "value": lambda row: [row.value],
    "resource-id": lambda row: [row.resource_id],
    "resource-type": lambda row: [row.resource_type],
}


def read_tag_specifications(params: Params, resource_type: str) -> dict[str, str]:
    """Return the tags of a create call; only this resource type is allowed, once."""
    specifications = params.items("TagSpecifications")
    types = [str(entry.get("ResourceType")) for entry in specifications]
    for index, value in enumerate(types):
        if value != resource_type or value in types[:index]:
            raise ec2_error(Refusal.TAG_SPECIFICATION, value=value)
    if not specifications:
        return {}
    return _read_tags(specifications[0].get("Tags", []))


def create_tags(state: RegionState, params: Params) -> dict[str, Any]:
    """Tag resources of any kind; if one is rejected, none is tagged."""
    tags = _read_tags(params.items("Tags"))
    records, others = _resources(state, params)
    for record in records:
        _check_amount(record.tags | tags)
    if others:
        state.resources.tag(others, tags)
    for record in records:
        record.tags.update(tags)
    return {}


def delete_tags(state: RegionState, params: Params) -> dict[str, Any]:
    """Remove tags by key, or by key and value, or all of them."""
    wanted = {tag.get("Key", ""): tag.get("Value") for tag in params.items("Tags")}
    records, others = _resources(state, params)
    if others:
        state.resources.untag(others, wanted)
    for record in records:
        for key in list(record.tags):
            if not wanted or (
                key in wanted and wanted[key] in (None, record.tags[key])
            ):
                del record.tags[key]
    return {}


def describe_tags(state: RegionState, params: Params) -> dict[str, Any]:
    """Return the tags of all resources, one row per tag and resource."""
    if finds_nothing(state, params.items("Filters")):
        return {"Tags": []}
    rows = select([*_mirror_rows(state), *state.resources.tags()], ROWS, params)
    numbered = list(enumerate(rows))
    pages = make_pages(state, params)
    page, token = pages.get(numbered, params.optional("NextToken"))
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


def _mirror_rows(state: RegionState) -> Iterable[TagRow]:
    for table in (state.targets, state.filters, state.rules, state.sessions):
        for record in table:
            for key, value in record.tags.items():
                yield TagRow(record.id, table.resource_type, key, value)


def _resources(state: RegionState, params: Params) -> tuple[list[Any], list[str]]:
    """Return the records of mirroring resources, and the ids of other resources."""
    records, others = [], []
    for resource_id in dict.fromkeys(params.items("Resources")):
        table = state.table_of(resource_id)
        if table is None:
            others.append(resource_id)
        else:
            records.append(table.get(resource_id))
    return records, others


def _read_tags(entries: Iterable[Mapping[str, str]]) -> dict[str, str]:
    tags: dict[str, str] = {}
    for entry in entries:
        key, value = entry.get("Key", ""), entry.get("Value", "")
        _check_tag(key, value)
        if key in tags:
            raise ec2_error(Refusal.TAG_KEY, key=key, reason="given twice")
        tags[key] = value
    if not tags:
        raise ec2_error(Refusal.TAG_SPECIFICATION_EMPTY)
    _check_amount(tags)
    return tags


def _check_tag(key: str, value: str) -> None:
    if not 1 <= len(key) <= MAX_KEY:
        raise ec2_error(
            Refusal.TAG_KEY, key=key, reason=f"not 1 to {MAX_KEY} characters"
        )
    if key.lower().startswith("aws:"):
        raise ec2_error(Refusal.TAG_KEY, key=key, reason="'aws:' is reserved")
    if len(value) > MAX_VALUE:
        reason = f"its value is longer than {MAX_VALUE} characters"
        raise ec2_error(Refusal.TAG_KEY, key=key, reason=reason)


def _check_amount(tags: Mapping[str, str]) -> None:
    if len(tags) > MAX_TAGS:
        raise ec2_error(Refusal.TAG_QUOTA, limit=MAX_TAGS)
