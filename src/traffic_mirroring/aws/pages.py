"""
All items of all pages that EC2 returns, in as few calls as possible.

Owns paging, the largest page of each operation and the limit of values per filter. Must
not know what the items are.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Query-Requests.html#api-pagination
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from traffic_mirroring.aws.errors import aws_errors

T = TypeVar("T")

_VALUES_PER_FILTER = 200

PAGE_SIZES = {
    "describe_instances": 1000,
    "describe_listeners": 400,
    "describe_network_acls": 1000,
    "describe_network_interfaces": 1000,
    "describe_route_tables": 100,
    "describe_security_groups": 1000,
    # AWS allows 1000; a filter with its rules and their tags is large.
    "describe_traffic_mirror_filters": 250,
    "describe_traffic_mirror_sessions": 1000,
    "describe_traffic_mirror_targets": 1000,
    "describe_transit_gateway_vpc_attachments": 1000,
    "describe_vpc_peering_connections": 1000,
    "get_managed_prefix_list_entries": 100,
    "get_metric_data": None,  # CloudWatch's own page has 100,800 values.
}
"""The most items per page that AWS allows; without it, pages may be much smaller."""


def find_items(
    client: Any, operation: str, result_key: str, action: str, **parameters: Any
) -> Iterator[Any]:
    """
    Yield the items of all pages.

    `operation` is the client's method, one of PAGE_SIZES; `result_key` is the list in
    each response.
    Raises Ec2Failed, whose message starts with `action`.
    """
    paginator = client.get_paginator(operation)
    pages = paginator.paginate(
        PaginationConfig={"PageSize": PAGE_SIZES[operation]}, **parameters
    )
    with aws_errors(action):
        for page in pages:
            yield from page[result_key]


def value_filters(
    filter_name: str, values: Iterable[str]
) -> Iterator[list[dict[str, Any]]]:
    """Yield a Filters parameter per call: none without values, 200 values in each."""
    for chunk in chunks(sorted(set(values)), _VALUES_PER_FILTER):
        yield [{"Name": filter_name, "Values": chunk}]


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the items in sequences of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
