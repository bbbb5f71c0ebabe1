"""
Describe and Get operations that moto answers, made as strict as AWS's.

Moto gets the question without what it would ignore or do otherwise, and its answer is
filtered and cut into pages here, where that is needed at all.

    every Describe              unknown parameters and filter names, filters without
                                values or with too many of them are refused
    those with pages            MaxResults, NextToken and the knob page_size
    DescribeInstances           filter network-interface.network-interface-id
    DescribeInstanceTypes       at most 100 types at once, and 100 on a page
    DescribeVpcPeeringConnections, DescribeManagedPrefixLists
                                all filters; unknown ids are refused
    GetManagedPrefixListEntries unknown lists are refused
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from emulator.ec2.describe import (
    Readers,
    check_amounts,
    pages,
    select,
    wildcard_pattern,
)
from emulator.ec2.errors import Refusal, refuse
from emulator.ec2.moto_wire import (
    documented_filters,
    filters_param,
    page_sizes,
    paged_result,
    read_params,
    read_result,
    write_result,
)
from emulator.ec2.params import Params
from emulator.ec2.wire import Action, HttpAnswer
from emulator.ec2.world import World

# From parameters on the wire to moto's answer.
Wire = dict[str, str]
Ask = Callable[[Wire], HttpAnswer]

MAX_TYPES = 100
IDS = {
    "DescribeInstances": "InstanceIds",
    "DescribeInstanceTypes": "InstanceTypes",
    "DescribeManagedPrefixLists": "PrefixListIds",
    "DescribeNetworkInterfaces": "NetworkInterfaceIds",
    "DescribeSecurityGroups": "GroupIds",
    "DescribeVpcPeeringConnections": "VpcPeeringConnectionIds",
}
# Cut into pages of a hundred even where nobody asks for pages.
HUNDREDS = ("DescribeInstanceTypes", "GetManagedPrefixListEntries")
# DescribeInstances of moto, which shows pages unless it is told not to.
_MOTOS_PAGE = 100
_ALL = "1000000"
_INTERFACE_FILTER = "network-interface.network-interface-id"
_PAGING = ("MaxResults", "NextToken")


@dataclass(frozen=True)
class _Item:
    """One resource, as moto's answer shows it."""

    shown: Mapping[str, Any]

    @property
    def tags(self) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self.shown.get("Tags", [])}


def _at(*path: str) -> Callable[[_Item], list[object]]:
    """Look at what stands at a path in the answer."""

    def read(item: _Item) -> list[object]:
        value: Any = item.shown
        for name in path:
            value = value.get(name, {})
        return [] if value == {} else [value]

    return read


@dataclass(frozen=True)
class _Filtered:
    """An operation whose filters and ids moto doesn't obey."""

    id: str
    missing: Refusal
    readers: Readers[_Item]


_PEERS = {"accepter": "AccepterVpcInfo", "requester": "RequesterVpcInfo"}
FILTERED = {
    "DescribeVpcPeeringConnections": _Filtered(
        id="VpcPeeringConnectionId",
        missing=Refusal.PEERING_MISSING,
        readers={
            **{f"{end}-vpc-info.vpc-id": _at(_PEERS[end], "VpcId") for end in _PEERS},
            **{
                f"{end}-vpc-info.owner-id": _at(_PEERS[end], "OwnerId")
                for end in _PEERS
            },
            "status-code": _at("Status", "Code"),
            "vpc-peering-connection-id": _at("VpcPeeringConnectionId"),
        },
    ),
    "DescribeManagedPrefixLists": _Filtered(
        id="PrefixListId",
        missing=Refusal.PREFIX_LIST_MISSING,
        readers={
            "owner-id": _at("OwnerId"),
            "prefix-list-id": _at("PrefixListId"),
            "prefix-list-name": _at("PrefixListName"),
        },
    ),
}


def look_up(world: World, action: Action, request_id: str, ask: Ask) -> HttpAnswer:
    """Answer a Describe or Get operation with moto's help."""
    operation = action.operation
    params = read_params(operation, action.parameters)
    ids = params.items(IDS.get(operation, ""))
    _check(world, params, ids)
    handed = _question_for_moto(world, params, action.parameters)
    if handed is None:
        empty: dict[str, Any] = {paged_result(operation) or "": []}
        return HttpAnswer(200, write_result(operation, empty, request_id))
    answer = ask(handed)
    if answer.error_code or not _needs_work(world, params, ids):
        return answer
    result = _work_on(world, params, read_result(operation, answer.body))
    return replace(answer, body=write_result(operation, result, request_id))


def _check(world: World, params: Params, ids: list[str]) -> None:
    operation = params.operation
    filters = params.items(filters_param(operation))
    check_amounts(filters)
    documented = documented_filters(operation)
    for entry in filters:
        name = entry.get("Name", "")
        if documented and name not in documented and not name.startswith("tag:"):
            raise refuse(Refusal.FILTER_NAME, name=name)
        if not entry.get("Values"):
            raise refuse(Refusal.FILTER_WITHOUT_VALUES, name=name)
    if paged_result(operation) is not None:
        pages(world, params, sizes=page_sizes(operation))
    if ids and "MaxResults" in params:
        raise refuse(Refusal.PAGES_OF_IDS, name=IDS[operation])
    if operation == "DescribeInstanceTypes" and len(ids) > MAX_TYPES:
        raise refuse(Refusal.TYPES_LIMIT, limit=MAX_TYPES)
    if operation == "GetManagedPrefixListEntries":
        name = params.required("PrefixListId")
        if not world.surroundings.has_prefix_list(name):
            raise refuse(Refusal.PREFIX_LIST_MISSING, id=name)


def _question_for_moto(world: World, params: Params, wire: Wire) -> Wire | None:
    """Return what moto is asked; None: nothing can match."""
    handed = {name: value for name, value in wire.items() if name not in _PAGING}
    if params.operation in FILTERED:
        return _without_filters(handed)
    if params.operation == "DescribeInstances":
        return _by_instance(world, params, handed)
    return handed


def _by_instance(world: World, params: Params, wire: Wire) -> Wire | None:
    """Put ids of instances in place of a filter by their interfaces' ids."""
    filters = params.items("Filters")
    mine = [entry for entry in filters if entry["Name"] == _INTERFACE_FILTER]
    if "InstanceIds" in params:
        if mine or len(params.items("InstanceIds")) > _MOTOS_PAGE:
            more = f"InstanceIds with {_INTERFACE_FILTER}, or over {_MOTOS_PAGE} ids"
            raise refuse(Refusal.NOT_EMULATED, operation=more)
        return wire
    handed = {**wire, "MaxResults": _ALL}
    if not mine:
        return handed
    if len(mine) > 1:
        raise refuse(Refusal.NOT_EMULATED, operation=f"{_INTERFACE_FILTER} twice")
    patterns = [wildcard_pattern(value) for value in mine[0]["Values"]]
    instances = world.surroundings.instances_with(
        lambda name: any(pattern.fullmatch(name) for pattern in patterns)
    )
    others = [entry for entry in filters if entry is not mine[0]]
    by_id = {"Name": "instance-id", "Values": instances}
    return _with_filters(handed, [*others, by_id]) if instances else None


def _with_filters(wire: Wire, filters: Iterable[Mapping[str, Any]]) -> Wire:
    handed = _without_filters(wire)
    for number, entry in enumerate(filters, start=1):
        handed[f"Filter.{number}.Name"] = entry["Name"]
        for place, value in enumerate(entry["Values"], start=1):
            handed[f"Filter.{number}.Value.{place}"] = value
    return handed


def _without_filters(wire: Wire) -> Wire:
    return {k: value for k, value in wire.items() if not k.startswith("Filter.")}


def _needs_work(world: World, params: Params, ids: list[str]) -> bool:
    if params.operation in FILTERED:
        return True
    if ids or paged_result(params.operation) is None:
        return False
    asked = any(name in params for name in _PAGING)
    return asked or bool(world.knobs.page_size) or params.operation in HUNDREDS


def _work_on(world: World, params: Params, result: dict[str, Any]) -> dict[str, Any]:
    """Filter what moto found, and cut out the page that is asked for."""
    operation = params.operation
    name = paged_result(operation) or ""
    items = [_Item(shown) for shown in result[name]]
    at_once = None
    if operation in FILTERED:
        filtered, ids = FILTERED[operation], params.items(IDS[operation])
        _refuse_missing(filtered, items, ids)
        items = select(items, filtered.readers, params)
        at_once = len(items) if ids else None
    cutter = pages(world, params, at_once, page_sizes(operation))
    page, token = cutter.cut(list(enumerate(items)), params.optional("NextToken"))
    shown = [item.shown for item in page]
    return {**result, name: shown, **({"NextToken": token} if token else {})}


def _refuse_missing(filtered: _Filtered, items: list[_Item], ids: list[str]) -> None:
    found = {item.shown[filtered.id] for item in items}
    for each in ids:
        if each not in found:
            raise refuse(filtered.missing, id=each)
