"""
The kinds of resources that behaviors create.

Owns: the names of their operations and ids. Must not know: when they are created.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

WELL_FORMED_ID = re.compile(r"(?:tms|tmf|tmfr|tmt|eni)-(?:[0-9a-f]{8}|[0-9a-f]{17})")


@dataclass(frozen=True)
class Kind:
    """A kind of resource, with the names that boto3 uses for it."""

    name: str
    prefix: str
    tag_type: str
    create: str
    describe: str
    delete: str
    id: str
    member: str
    """The resource in the answer to a create call."""
    members: str
    """The resources in the answer to a Describe call."""

    @property
    def ids(self) -> str:
        """The parameter of a Describe call that names resources by id."""
        return f"{self.id}s"


SESSION = Kind(
    name="session",
    prefix="tms",
    tag_type="traffic-mirror-session",
    create="create_traffic_mirror_session",
    describe="describe_traffic_mirror_sessions",
    delete="delete_traffic_mirror_session",
    id="TrafficMirrorSessionId",
    member="TrafficMirrorSession",
    members="TrafficMirrorSessions",
)
RULE = Kind(
    name="filter rule",
    prefix="tmfr",
    tag_type="traffic-mirror-filter-rule",
    create="create_traffic_mirror_filter_rule",
    describe="describe_traffic_mirror_filter_rules",
    delete="delete_traffic_mirror_filter_rule",
    id="TrafficMirrorFilterRuleId",
    member="TrafficMirrorFilterRule",
    members="TrafficMirrorFilterRules",
)
FILTER = Kind(
    name="filter",
    prefix="tmf",
    tag_type="traffic-mirror-filter",
    create="create_traffic_mirror_filter",
    describe="describe_traffic_mirror_filters",
    delete="delete_traffic_mirror_filter",
    id="TrafficMirrorFilterId",
    member="TrafficMirrorFilter",
    members="TrafficMirrorFilters",
)
TARGET = Kind(
    name="target",
    prefix="tmt",
    tag_type="traffic-mirror-target",
    create="create_traffic_mirror_target",
    describe="describe_traffic_mirror_targets",
    delete="delete_traffic_mirror_target",
    id="TrafficMirrorTargetId",
    member="TrafficMirrorTarget",
    members="TrafficMirrorTargets",
)
NIC = Kind(
    name="network interface",
    prefix="eni",
    tag_type="network-interface",
    create="create_network_interface",
    describe="describe_network_interfaces",
    delete="delete_network_interface",
    id="NetworkInterfaceId",
    member="NetworkInterface",
    members="NetworkInterfaces",
)

MIRRORING = (TARGET, FILTER, RULE, SESSION)
IN_ORDER_OF_DELETION = (SESSION, RULE, FILTER, TARGET, NIC)
CREATED_BY = {kind.create: kind for kind in IN_ORDER_OF_DELETION}
DELETED_BY = {kind.delete: kind for kind in IN_ORDER_OF_DELETION}


def ids_in(value: object) -> Iterator[str]:
    """Yield the well-formed ids of mirroring resources and NICs in parameters."""
    if isinstance(value, str):
        if WELL_FORMED_ID.fullmatch(value):
            yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from ids_in(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from ids_in(each)
