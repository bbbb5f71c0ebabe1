"""
The four kinds of mirroring resources, and how a response shows them.

Owns: their fields and response members. Must not know: which values are allowed.

As on AWS, a response has no member for a field without a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

TCP, UDP = 6, 17
PROTOCOLS_WITH_PORTS = (TCP, UDP)
AMAZON_DNS = "amazon-dns"
"""The one network service of filters."""


@dataclass(kw_only=True)
class Record:
    """The common fields; `serial` numbers all records in the order of creation."""

    id: str
    serial: int
    description: str | None = None
    tags: dict[str, str] = field(default_factory=dict)

    def tag_list(self) -> list[dict[str, str]]:
        """Return the tags as a response shows them."""
        return [{"Key": key, "Value": value} for key, value in self.tags.items()]


def present(fields: Mapping[str, object]) -> dict[str, Any]:
    """Return the fields that have a value."""
    return {name: value for name, value in fields.items() if value is not None}


@dataclass(kw_only=True)
class Target(Record):
    """A target, with exactly one of three kinds of destination."""

    owner: str
    network_interface_id: str | None = None
    network_load_balancer_arn: str | None = None
    gateway_load_balancer_endpoint_id: str | None = None

    @property
    def type(self) -> str:
        """The kind of destination."""
        if self.network_interface_id:
            return "network-interface"
        if self.network_load_balancer_arn:
            return "network-load-balancer"
        return "gateway-load-balancer-endpoint"

    def as_response(self) -> dict[str, Any]:
        """Return the response members."""
        return present(
            {
                "TrafficMirrorTargetId": self.id,
                "NetworkInterfaceId": self.network_interface_id,
                "NetworkLoadBalancerArn": self.network_load_balancer_arn,
                "GatewayLoadBalancerEndpointId": self.gateway_load_balancer_endpoint_id,
                "Type": self.type,
                "Description": self.description,
                "OwnerId": self.owner,
                "Tags": self.tag_list(),
            }
        )


@dataclass(frozen=True)
class PortRange:
    """The ports from first to last, inclusive."""

    first: int
    last: int

    def as_response(self) -> dict[str, int]:
        """Return the response members."""
        return {"FromPort": self.first, "ToPort": self.last}


@dataclass(kw_only=True)
class Rule(Record):
    """A rule of a filter; without a protocol it matches all protocols."""

    filter_id: str
    direction: str
    number: int
    action: str
    source_cidr: str
    destination_cidr: str
    protocol: int | None = None
    source_ports: PortRange | None = None
    destination_ports: PortRange | None = None

    def as_response(self) -> dict[str, Any]:
        """Return the response members; without tags there is no Tags."""
        source, destination = self.source_ports, self.destination_ports
        return present(
            {
                "TrafficMirrorFilterRuleId": self.id,
                "TrafficMirrorFilterId": self.filter_id,
                "TrafficDirection": self.direction,
                "RuleNumber": self.number,
                "RuleAction": self.action,
                "Protocol": self.protocol,
                "DestinationPortRange": destination and destination.as_response(),
                "SourcePortRange": source and source.as_response(),
                "DestinationCidrBlock": self.destination_cidr,
                "SourceCidrBlock": self.source_cidr,
                "Description": self.description,
                "Tags": self.tag_list() or None,
            }
        )


@dataclass(kw_only=True)
class Filter(Record):
    """A filter; its rules have a table of their own."""

    network_services: list[str] = field(default_factory=list)
    last_rules: list[Rule] = field(default_factory=list)
    """The rules at its deletion, for Describe calls that still show it."""

    def as_response(self, rules: list[Rule]) -> dict[str, Any]:
        """Return the response members, with the rules sorted by number."""
        ordered = sorted(rules, key=lambda rule: rule.number)
        shown = {
            direction: [r.as_response() for r in ordered if r.direction == direction]
            for direction in ("ingress", "egress")
        }
        return present(
            {
                "TrafficMirrorFilterId": self.id,
                "IngressFilterRules": shown["ingress"],
                "EgressFilterRules": shown["egress"],
                "NetworkServices": list(self.network_services),
                "Description": self.description,
                "Tags": self.tag_list(),
            }
        )


@dataclass(kw_only=True)
class Session(Record):
    """A session: a source interface, a target and a filter."""

    owner: str
    network_interface_id: str
    target_id: str
    filter_id: str
    number: int
    virtual_network_id: int
    packet_length: int | None = None

    def as_response(self) -> dict[str, Any]:
        """Return the response members."""
        return present(
            {
                "TrafficMirrorSessionId": self.id,
                "TrafficMirrorTargetId": self.target_id,
                "TrafficMirrorFilterId": self.filter_id,
                "NetworkInterfaceId": self.network_interface_id,
                "OwnerId": self.owner,
                "PacketLength": self.packet_length,
                "SessionNumber": self.number,
                "VirtualNetworkId": self.virtual_network_id,
                "Description": self.description,
                "Tags": self.tag_list(),
            }
        )
