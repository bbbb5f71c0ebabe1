"""
The parameters and items of EC2's traffic mirroring API, in its PascalCase.

Owns the conversion from models.py to call parameters and from response items to
models.py. Must not know clients, and makes no calls.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/OperationList-query-mirroring.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from traffic_mirroring.models import (
    Destination,
    DestinationKind,
    Filter,
    FilterId,
    FilterRule,
    PortRange,
    Session,
    SessionSpec,
    Tags,
    Target,
    destination_kind,
)

Kind = Literal["session", "filter", "target"]


@dataclass(frozen=True)
class Names:
    """The operation that describes one kind of resource, and the keys of its result."""

    operation: str
    result_key: str
    id_key: str
    id_filter: str


NAMES: Mapping[Kind, Names] = {
    "session": Names(
        "describe_traffic_mirror_sessions",
        "TrafficMirrorSessions",
        "TrafficMirrorSessionId",
        "traffic-mirror-session-id",
    ),
    "filter": Names(
        "describe_traffic_mirror_filters",
        "TrafficMirrorFilters",
        "TrafficMirrorFilterId",
        "traffic-mirror-filter-id",
    ),
    "target": Names(
        "describe_traffic_mirror_targets",
        "TrafficMirrorTargets",
        "TrafficMirrorTargetId",
        "traffic-mirror-target-id",
    ),
}

_DESTINATIONS: dict[DestinationKind, str] = {
    "NIC": "NetworkInterfaceId",
    "nlb": "NetworkLoadBalancerArn",
    "gwlbe": "GatewayLoadBalancerEndpointId",
}

_FILTERS: dict[DestinationKind, str] = {
    "NIC": "network-interface-id",
    "nlb": "network-load-balancer-arn",
}
"""EC2 has no filter for the endpoint of a target."""


def destination_filter(destination: Destination) -> str | None:
    """Return EC2's filter for targets of this kind of destination, if there is one."""
    return _FILTERS.get(destination_kind(destination))


def target_parameters(destination: Destination, tags: Tags) -> dict[str, Any]:
    """Return the parameters of CreateTrafficMirrorTarget."""
    return {
        _DESTINATIONS[destination_kind(destination)]: destination,
        "Description": tags["Name"],
        "TagSpecifications": tag_specifications("traffic-mirror-target", tags),
    }


def filter_parameters(tags: Tags) -> dict[str, Any]:
    """Return the parameters of CreateTrafficMirrorFilter."""
    return {
        "Description": tags["Name"],
        "TagSpecifications": tag_specifications("traffic-mirror-filter", tags),
    }


def rule_parameters(
    filter_id: FilterId, number: int, rule: FilterRule, tags: Tags
) -> Any:
    """Return the parameters of CreateTrafficMirrorFilterRule."""
    return _without_none(
        TrafficMirrorFilterId=filter_id,
        RuleNumber=number,
        TagSpecifications=tag_specifications("traffic-mirror-filter-rule", tags),
        TrafficDirection=rule.direction,
        RuleAction=rule.action,
        Protocol=rule.protocol,
        SourceCidrBlock=rule.source_cidr,
        DestinationCidrBlock=rule.destination_cidr,
        SourcePortRange=_port_range(rule.source_ports),
        DestinationPortRange=_port_range(rule.destination_ports),
        Description=rule.description or None,
    )


def session_parameters(new: SessionSpec, tags: Tags) -> Any:
    """Return the parameters of CreateTrafficMirrorSession."""
    return _without_none(
        TagSpecifications=tag_specifications("traffic-mirror-session", tags),
        NetworkInterfaceId=new.mirror.source_nic_id,
        TrafficMirrorTargetId=new.target_id,
        TrafficMirrorFilterId=new.filter_id,
        SessionNumber=new.number,
        PacketLength=new.mirror.packet_length,
        VirtualNetworkId=new.mirror.virtual_network_id,
        Description=new.description,
    )


def tag_specifications(resource_type: str, tags: Tags) -> Any:
    """Return the TagSpecifications of a create call."""
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"ResourceType": resource_type, "Tags": pairs}]


def read_tags(item: Any) -> Tags:
    """Return the tags of a response item."""
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", ())}


def read_target(item: Any) -> Target:
    """Return the target that a response item describes."""
    destinations = [item[key] for key in _DESTINATIONS.values() if item.get(key)]
    destination = Destination(destinations[0] if destinations else "")
    return Target(
        item["TrafficMirrorTargetId"],
        destination,
        read_tags(item),
        item.get("OwnerId"),
    )


def read_filter(item: Any) -> Filter:
    """Return the filter that a response item describes."""
    return Filter(
        item["TrafficMirrorFilterId"],
        read_tags(item),
        (
            *_read_rules(item.get("IngressFilterRules", ())),
            *_read_rules(item.get("EgressFilterRules", ())),
        ),
        tuple(item.get("NetworkServices", ())),
    )


def read_session(item: Any) -> Session:
    """Return the session that a response item describes."""
    return Session(
        item["TrafficMirrorSessionId"],
        item["NetworkInterfaceId"],
        item["TrafficMirrorTargetId"],
        item["TrafficMirrorFilterId"],
        item["SessionNumber"],
        read_tags(item),
        item.get("PacketLength"),
        item.get("VirtualNetworkId"),
        item.get("OwnerId"),
        item.get("Description", ""),
    )


def _read_rules(items: Iterable[Any]) -> list[FilterRule]:
    """Return the rules of one direction in the order in which EC2 evaluates them."""
    return [
        FilterRule(
            item["TrafficDirection"],
            item.get("Protocol"),
            item["SourceCidrBlock"],
            item["DestinationCidrBlock"],
            _read_ports(item.get("SourcePortRange")),
            _read_ports(item.get("DestinationPortRange")),
            item["RuleAction"],
            item.get("Description", ""),
        )
        for item in sorted(items, key=lambda item: int(item["RuleNumber"]))
    ]


def _read_ports(item: Any) -> PortRange | None:
    return PortRange(item["FromPort"], item["ToPort"]) if item else None


def _port_range(ports: PortRange | None) -> dict[str, int] | None:
    return {"FromPort": ports.first, "ToPort": ports.last} if ports else None


def _without_none(**parameters: Any) -> Any:
    return {name: value for name, value in parameters.items() if value is not None}
