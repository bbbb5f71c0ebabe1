"""
Filter rules as EC2 lists them, and which packets they should accept.

Owns: the expectation about each packet, which is not computed by the emulator.
Must not know: scapy, how packets are chosen, sent and shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_network
from typing import Any

from emulator.ec2.mirroring.records import AMAZON_DNS
from emulator.ec2.packets.flows import RESOLVERS, Address, Network, find_service
from emulator.ec2.packets.flows import Flow as FiveTuple

TCP, UDP = 6, 17
INGRESS, EGRESS = "ingress", "egress"
EVERY_PORT = range(2**16)

_RESOLVERS = RESOLVERS | {IPv4Address("10.0.0.2")}
"""The DNS resolver in all VPCs, and in the Lab's."""


@dataclass(frozen=True)
class Flow:
    """A packet past a NIC; without ports unless it is TCP or UDP."""

    direction: str
    protocol: int
    source: Address
    destination: Address
    source_port: int = 0
    destination_port: int = 0

    @property
    def own(self) -> Address:
        """The address on the NIC's side."""
        return self.destination if self.direction == INGRESS else self.source

    @property
    def has_ports(self) -> bool:
        """Whether its protocol has ports."""
        return self.protocol in (TCP, UDP)

    @property
    def service(self) -> str | None:
        """The AWS service that it is from or to; filter rules don't apply to it."""
        ports = (self.source_port, self.destination_port) if self.has_ports else ()
        flow = FiveTuple(self.protocol, self.source, self.destination, *ports)
        return find_service(flow, _RESOLVERS)

    def reversed(self) -> Flow:
        """Return the reply."""
        return Flow(
            EGRESS if self.direction == INGRESS else INGRESS,
            self.protocol,
            self.destination,
            self.source,
            self.destination_port,
            self.source_port,
        )


@dataclass(frozen=True)
class Rule:
    """A filter rule; protocol None: every one."""

    number: int
    accepts: bool
    direction: str
    protocol: int | None
    source: Network
    destination: Network
    source_ports: range = EVERY_PORT
    destination_ports: range = EVERY_PORT

    def matches(self, flow: Flow) -> bool:
        """Return whether the rule decides about a packet, if no other one did."""
        return (
            flow.direction == self.direction
            and self.protocol in (None, flow.protocol)
            and flow.source in self.source
            and flow.destination in self.destination
            and flow.source_port in self.source_ports
            and flow.destination_port in self.destination_ports
        )


@dataclass(frozen=True)
class Filter:
    """The rules of a session, in the order of their numbers."""

    rules: tuple[Rule, ...]
    mirrors_dns: bool = False

    def decide(self, flow: Flow) -> Rule | None:
        """Return the rule that decides; None: no rule matches."""
        return next((rule for rule in self.rules if rule.matches(flow)), None)


def read_filter(described: Mapping[str, Any]) -> Filter:
    """Return a filter from EC2's description of it."""
    rules = [
        _read_rule(each)
        for name in ("IngressFilterRules", "EgressFilterRules")
        for each in described[name]
    ]
    services = described.get("NetworkServices", ())
    return Filter(
        tuple(sorted(rules, key=lambda rule: rule.number)), AMAZON_DNS in services
    )


def is_mirrored(flow: Flow, filters: Iterable[Filter]) -> bool:
    """Return whether one of a NIC's filters should accept a packet."""
    if flow.service == AMAZON_DNS:
        return any(each.mirrors_dns for each in filters)
    decisions = [each.decide(flow) for each in filters]
    return not flow.service and any(rule and rule.accepts for rule in decisions)


def _read_rule(described: Mapping[str, Any]) -> Rule:
    return Rule(
        number=described["RuleNumber"],
        accepts=described["RuleAction"] == "accept",
        direction=described["TrafficDirection"],
        protocol=described.get("Protocol") or None,
        source=ip_network(described["SourceCidrBlock"]),
        destination=ip_network(described["DestinationCidrBlock"]),
        source_ports=_read_ports(described.get("SourcePortRange")),
        destination_ports=_read_ports(described.get("DestinationPortRange")),
    )


def _read_ports(described: Mapping[str, int] | None) -> range:
    if not described:
        return EVERY_PORT
    return range(described["FromPort"], described["ToPort"] + 1)
