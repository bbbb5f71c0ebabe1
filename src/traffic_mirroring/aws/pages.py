"""
Every item of every page that EC2 has, asked for in as few calls as it takes.

boto3's paginators do the paging; a filter takes a limited number of values.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from traffic_mirroring.aws.errors import aws_errors

_VALUES_PER_FILTER = 200


def find_items(
    client: Any, operation: str, answer: str, what: str, **question: Any
) -> Iterator[Any]:
    """Yield what an operation answers under a name; raises Ec2Failed, saying what."""
    with aws_errors(what):
        for page in client.get_paginator(operation).paginate(**question):
            yield from page[answer]


def filters(by: str, values: Iterable[str]) -> Iterator[list[dict[str, Any]]]:
    """Yield a Filters parameter for each call; without values there is no call."""
    for chunk in chunks(values, _VALUES_PER_FILTER):
        yield [{"Name": by, "Values": chunk}]


def chunks(values: Iterable[str], size: int) -> Iterator[list[str]]:
    """Yield the values in parts of at most this size, each value once."""
    wanted = sorted(set(values))
    for start in range(0, len(wanted), size):
        yield wanted[start : start + size]
