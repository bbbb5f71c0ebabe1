"""
How EC2 writes traffic mirroring: the parameters of calls, the items of answers.

Each function turns one thing of models.py into parameters, or an item into a thing.
"""

from __future__ import annotations

from typing import Any

from traffic_mirroring.models import (
    Destination,
    DestinationKind,
    Filter,
    FilterRule,
    PortRange,
    Session,
    SessionSpec,
    Tags,
    Target,
    destination_kind,
)

_DESTINATIONS: dict[DestinationKind, str] = {
    "NIC": "NetworkInterfaceId",
    "nlb": "NetworkLoadBalancerArn",
    "gwlbe": "GatewayLoadBalancerEndpointId",
}

_FILTERS: dict[DestinationKind, str] = {
    "NIC": "network-interface-id",
    "nlb": "network-load-balancer-arn",
}
"""EC2 finds no targets by their endpoint."""


def destination_filter(destination: Destination) -> str | None:
    """Return the filter that finds the targets on such a destination."""
    return _FILTERS.get(destination_kind(destination))


def destination_parameter(destination: Destination) -> dict[str, Any]:
    """Return the parameter that says where a target is to be."""
    return {_DESTINATIONS[destination_kind(destination)]: destination}


def rule_parameters(rule: FilterRule) -> Any:
    """Return what a rule consists of."""
    return _without_none(
        TrafficDirection=rule.direction,
        RuleAction=rule.action,
        Protocol=rule.protocol,
        SourceCidrBlock=rule.source_cidr,
        DestinationCidrBlock=rule.destination_cidr,
        SourcePortRange=_port_range(rule.source_ports),
        DestinationPortRange=_port_range(rule.destination_ports),
        Description=rule.description or None,
    )


def session_parameters(new: SessionSpec) -> Any:
    """Return what a session consists of, but for its tags."""
    return _without_none(
        NetworkInterfaceId=new.mirror.source_nic_id,
        TrafficMirrorTargetId=new.target_id,
        TrafficMirrorFilterId=new.filter_id,
        SessionNumber=new.number,
        PacketLength=new.mirror.packet_length,
        VirtualNetworkId=new.mirror.virtual_network_id,
        Description=new.description,
    )


def tag_specifications(resource_type: str, tags: Tags) -> Any:
    """Return the parameter by which a create call tags what it makes."""
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"ResourceType": resource_type, "Tags": pairs}]


def read_tags(item: Any) -> Tags:
    """Return an item's tags."""
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", ())}


def read_target(item: Any) -> Target:
    """Return the target that an item shows."""
    given = [item[name] for name in _DESTINATIONS.values() if item.get(name)]
    destination = Destination(given[0] if given else "")
    return Target(item["TrafficMirrorTargetId"], destination, read_tags(item))


def read_filter(item: Any) -> Filter:
    """Return the filter that an item shows."""
    return Filter(item["TrafficMirrorFilterId"], read_tags(item))


def read_session(item: Any) -> Session:
    """Return the session that an item shows."""
    return Session(
        item["TrafficMirrorSessionId"],
        item["NetworkInterfaceId"],
        item["TrafficMirrorTargetId"],
        item["TrafficMirrorFilterId"],
        item["SessionNumber"],
        read_tags(item),
    )


def _port_range(ports: PortRange | None) -> dict[str, int] | None:
    return {"FromPort": ports.first, "ToPort": ports.last} if ports else None


def _without_none(**parameters: Any) -> Any:
    return {name: value for name, value in parameters.items() if value is not None}
