"""
Describe and Get operations of moto, made as strict as AWS's.

Owns: checking their parameters, filters and pages. Must not know: moto's state.

moto gets the request without the parameters that it ignores or misunderstands. Its
result is filtered and split into pages here, if necessary.

    every Describe              unknown parameters and filter names, too many or too
                                long filter values are rejected, and filters without
                                values, unless the setting empty_filters says otherwise
    those with pages            MaxResults, NextToken; the settings of pages
    DescribeInstances           filter network-interface.network-interface-id
    DescribeInstanceTypes       at most 100 types at once, and 100 on a page
    DescribeRouteTables         routes that lead nowhere are blackholes
    those in filters.py         filters; unknown ids are rejected
    GetManagedPrefixListEntries unknown lists are rejected
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from emulator.ec2.actions import Action, Ec2Reply
from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.mirroring.describe import (
    check_amounts,
    finds_nothing,
    make_pages,
    select,
    wildcard_pattern,
)
from emulator.ec2.mirroring.params import Params
from emulator.ec2.mirroring.state import RegionState
from emulator.ec2.moto.filters import UNFILTERED, Item, check_found
from emulator.ec2.moto.formats import (
    documented_filters,
    filters_param,
    page_sizes,
    paged_result,
    read_params,
    read_result,
    write_result,
)

# The flat parameters of the query API, and a request to moto with them.
Parameters = dict[str, str]
AskMoto = Callable[[Parameters], Ec2Reply]

MAX_TYPES = 100
IDS = {
    "DescribeInstances": "InstanceIds",
    "DescribeInstanceTypes": "InstanceTypes",
    "DescribeManagedPrefixLists": "PrefixListIds",
    "DescribeNetworkAcls": "NetworkAclIds",
    "DescribeNetworkInterfaces": "NetworkInterfaceIds",
    "DescribeRouteTables": "RouteTableIds",
    "DescribeSecurityGroups": "GroupIds",
    "DescribeTransitGatewayVpcAttachments": "TransitGatewayAttachmentIds",
    "DescribeVpcPeeringConnections": "VpcPeeringConnectionIds",
}
# Their pages have a hundred items even without MaxResults.
ALWAYS_PAGED = ("DescribeInstanceTypes", "GetManagedPrefixListEntries")
# moto's DescribeInstances has pages unless MaxResults is large.
_MOTO_PAGE = 100
_NO_PAGES = "1000000"
_INTERFACE_FILTER = "network-interface.network-interface-id"
_ROUTE_TABLES = "DescribeRouteTables"
_HOPS = ("VpcPeeringConnectionId", "TransitGatewayId")
_PAGING = ("MaxResults", "NextToken")


def look_up(
    state: RegionState, action: Action, request_id: str, ask_moto: AskMoto
) -> Ec2Reply:
    """Carry out a Describe or Get operation by moto."""
    operation = action.operation
    params = read_params(operation, action.parameters)
    ids = params.items(IDS.get(operation, ""))
    _check(state, params, ids)
    for_moto = _parameters_for_moto(state, params, action.parameters)
    if for_moto is None:
        empty: dict[str, Any] = {paged_result(operation) or "": []}
        return Ec2Reply(200, write_result(operation, empty, request_id))
    reply = ask_moto(for_moto)
    if reply.error_code or not _must_be_changed(state, params, ids):
        return reply
    result = _filter_and_page(state, params, read_result(operation, reply.body))
    return replace(reply, body=write_result(operation, result, request_id))


def _check(state: RegionState, params: Params, ids: list[str]) -> None:
    operation = params.operation
    filters = params.items(filters_param(operation))
    check_amounts(filters)
    documented = documented_filters(operation)
    for entry in filters:
        name = entry.get("Name", "")
        if documented and name not in documented and not name.startswith("tag:"):
            raise ec2_error(Refusal.FILTER_NAME, name=name)
        if not entry.get("Values") and not state.settings.empty_filters:
            raise ec2_error(Refusal.FILTER_WITHOUT_VALUES, name=name)
    if paged_result(operation) is not None:
        make_pages(state, params, sizes=page_sizes(operation))
    if ids and "MaxResults" in params:
        raise ec2_error(Refusal.PAGES_OF_IDS, name=IDS[operation])
    if operation == "DescribeInstanceTypes" and len(ids) > MAX_TYPES:
        raise ec2_error(Refusal.TYPES_LIMIT, limit=MAX_TYPES)
    if operation == "GetManagedPrefixListEntries":
        name = params.required("PrefixListId")
        if not state.resources.has_prefix_list(name):
            raise ec2_error(Refusal.PREFIX_LIST_MISSING, id=name)


def _parameters_for_moto(
    state: RegionState, params: Params, parameters: Parameters
) -> Parameters | None:
    """Return the parameters that moto gets; None: the result is empty."""
    if finds_nothing(state, params.items(filters_param(params.operation))):
        return None
    for_moto = {k: value for k, value in parameters.items() if k not in _PAGING}
    if params.operation in UNFILTERED:
        return _without_filters(for_moto)
    if params.operation == "DescribeInstances":
        return _by_instance(state, params, for_moto)
    return for_moto


def _by_instance(
    state: RegionState, params: Params, parameters: Parameters
) -> Parameters | None:
    """Replace a filter by interface ids, which moto lacks, by instance ids."""
    filters = params.items("Filters")
    by_interface = [each for each in filters if each["Name"] == _INTERFACE_FILTER]
    if "InstanceIds" in params:
        if by_interface or len(params.items("InstanceIds")) > _MOTO_PAGE:
            what = f"InstanceIds with {_INTERFACE_FILTER}, or over {_MOTO_PAGE} ids"
            raise ec2_error(Refusal.NOT_EMULATED, operation=what)
        return parameters
    for_moto = {**parameters, "MaxResults": _NO_PAGES}
    if not by_interface:
        return for_moto
    if len(by_interface) > 1:
        raise ec2_error(Refusal.NOT_EMULATED, operation=f"{_INTERFACE_FILTER} twice")
    patterns = [wildcard_pattern(value) for value in by_interface[0]["Values"]]
    instances = state.resources.instances_with(
        lambda name: any(pattern.fullmatch(name) for pattern in patterns)
    )
    others = [each for each in filters if each is not by_interface[0]]
    by_id = {"Name": "instance-id", "Values": instances}
    return _with_filters(for_moto, [*others, by_id]) if instances else None


def _with_filters(
    parameters: Parameters, filters: Iterable[Mapping[str, Any]]
) -> Parameters:
    changed = _without_filters(parameters)
    for number, entry in enumerate(filters, start=1):
        changed[f"Filter.{number}.Name"] = entry["Name"]
        for index, value in enumerate(entry["Values"], start=1):
            changed[f"Filter.{number}.Value.{index}"] = value
    return changed


def _without_filters(parameters: Parameters) -> Parameters:
    return {k: value for k, value in parameters.items() if not k.startswith("Filter.")}


def _must_be_changed(state: RegionState, params: Params, ids: list[str]) -> bool:
    """Return whether moto's result must be filtered or split into pages."""
    if params.operation in UNFILTERED or params.operation == _ROUTE_TABLES:
        return True
    if ids or paged_result(params.operation) is None:
        return False
    requested = any(name in params for name in _PAGING)
    limited = state.settings.page_size or state.settings.page_limit
    return requested or bool(limited) or params.operation in ALWAYS_PAGED


def _filter_and_page(
    state: RegionState, params: Params, result: dict[str, Any]
) -> dict[str, Any]:
    """Filter moto's result, and return the requested page of it."""
    operation = params.operation
    name = paged_result(operation) or ""
    if operation == _ROUTE_TABLES:
        _mark_blackholes(state, result[name])
    items = [Item(shown) for shown in result[name]]
    ids = params.items(IDS.get(operation, ""))
    if operation in UNFILTERED:
        unfiltered = UNFILTERED[operation]
        check_found(unfiltered, items, ids)
        items = select(items, unfiltered.readers, params)
    size = len(items) if ids else None
    pages = make_pages(state, params, size, page_sizes(operation))
    page, token = pages.get(list(enumerate(items)), params.optional("NextToken"))
    shown = [item.shown for item in page]
    return {**result, name: shown, **({"NextToken": token} if token else {})}


def _mark_blackholes(state: RegionState, tables: Iterable[dict[str, Any]]) -> None:
    for table in tables:
        hops = state.resources.next_hops(table["VpcId"])
        for route in table["Routes"]:
            if any(name in route and route[name] not in hops for name in _HOPS):
                route["State"] = "blackhole"
