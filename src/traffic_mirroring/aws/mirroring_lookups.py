"""
The look-ups of traffic mirroring.

Owns how targets, filters and sessions are found. Must not change anything in EC2.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/OperationList-query-mirroring.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from traffic_mirroring.aws import pages
from traffic_mirroring.aws.shapes import (
    NAMES,
    Kind,
    destination_filter,
    read_filter,
    read_session,
    read_target,
)
from traffic_mirroring.models import Destination, Filter, Session, Target

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


class MirroringLookups:
    """Find targets, filters and sessions; every method raises Ec2Failed."""

    def __init__(self, client: EC2Client) -> None:
        self._client = client

    def find_targets(self, filter_name: str, values: Iterable[str]) -> list[Target]:
        """
        Return the targets that match an EC2 filter.

        `filter_name` is one of DescribeTrafficMirrorTargets' filters; without values,
        nothing is looked up.
        """
        items = self.find_items("target", filter_name, values)
        return [read_target(item) for item in items]

    def find_targets_to(self, destinations: Iterable[Destination]) -> list[Target]:
        """Return the targets on these NICs, load balancers and endpoints."""
        wanted = set(destinations)
        found: list[Target] = []
        for filter_name in {destination_filter(each) for each in wanted}:
            group = [each for each in wanted if destination_filter(each) == filter_name]
            if filter_name:
                found += self.find_targets(filter_name, group)
            else:
                found += self._search_targets(group)
        return found

    def find_filters(self, filter_name: str, values: Iterable[str]) -> list[Filter]:
        """Return the traffic mirror filters that match an EC2 filter."""
        items = self.find_items("filter", filter_name, values)
        return [read_filter(item) for item in items]

    def find_sessions(self, filter_name: str, values: Iterable[str]) -> list[Session]:
        """Return the sessions that match an EC2 filter."""
        items = self.find_items("session", filter_name, values)
        return [read_session(item) for item in items]

    def find_items(
        self, kind: Kind, filter_name: str, values: Iterable[str]
    ) -> Iterator[Any]:
        """Yield the items that match an EC2 filter; no call is made without values."""
        for filters in pages.value_filters(filter_name, values):
            yield from self._items(kind, f"by {filter_name}", Filters=filters)

    def _items(self, kind: Kind, which: str, **parameters: Any) -> Iterator[Any]:
        names = NAMES[kind]
        action = f"Looking up traffic mirror {kind}s {which}"
        return pages.find_items(
            self._client, names.operation, names.result_key, action, **parameters
        )

    def _search_targets(self, destinations: Sequence[Destination]) -> list[Target]:
        """Find targets by what EC2 has no filter for: read all targets."""
        items = self._items("target", f"to {', '.join(destinations)}")
        targets = [read_target(item) for item in items]
        return [target for target in targets if target.destination in destinations]
