"""
All items of all pages that EC2 returns, in as few calls as possible.

Owns paging and the limit of values per filter. Must not know what the items are.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from traffic_mirroring.aws.errors import aws_errors

_VALUES_PER_FILTER = 200


def find_items(
    client: Any, operation: str, result_key: str, action: str, **parameters: Any
) -> Iterator[Any]:
    """
    Yield the items of all pages.

    `operation` is the client's method, `result_key` the list in each response.
    Raises Ec2Failed, whose message starts with `action`.
    """
    with aws_errors(action):
        for page in client.get_paginator(operation).paginate(**parameters):
            yield from page[result_key]


def value_filters(
    filter_name: str, values: Iterable[str]
) -> Iterator[list[dict[str, Any]]]:
    """Yield a Filters parameter per call: none without values, 200 values in each."""
    for chunk in chunks(values, _VALUES_PER_FILTER):
        yield [{"Name": filter_name, "Values": chunk}]


def chunks(values: Iterable[str], size: int) -> Iterator[list[str]]:
    """Yield the values, sorted and without duplicates, in lists of at most `size`."""
    wanted = sorted(set(values))
    for start in range(0, len(wanted), size):
        yield wanted[start : start + size]
