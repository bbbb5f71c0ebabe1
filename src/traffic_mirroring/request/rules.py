"""
Filter rules and port ranges in a request, and their conversion to models.

Owns the fields of a rule and the checks that involve more than one of them. Must not
know the mirror to which a rule belongs.
"""

# Annotations are evaluated at run time here, so they are written as Python 3.9 reads.
from typing import Annotated, Optional

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic.alias_generators import to_camel

from traffic_mirroring import models
from traffic_mirroring.errors import NotAllowed
from traffic_mirroring.request import fields
from traffic_mirroring.request.base import INVALID, Shape
from traffic_mirroring.request.protocols import IPV6_ICMP, TCP, UDP

_BOTH_ENDS = "a value for both ends, or for neither"


class PortRange(Shape):
    """Ports from `fromPort` to `toPort`, both included; both empty means no range."""

    from_port: fields.Port = Field(description="The first port")
    to_port: fields.Port = Field(description="The last port")

    @field_validator("to_port")
    @classmethod
    def _both_ends_in_order(
        cls, last: Optional[int], info: ValidationInfo
    ) -> Optional[int]:
        first = info.data.get("from_port", last)
        if first is None and last is not None:
            raise NotAllowed(_BOTH_ENDS, "is given, but fromPort is empty")
        if first is not None and last is None:
            raise NotAllowed(_BOTH_ENDS, "is empty, but fromPort is given")
        if first is not None and first > last:
            allowed = f"{first} to {fields.HIGHEST_PORT}"
            raise NotAllowed(allowed, "is below fromPort")
        return last

    def to_ports(self) -> Optional[models.PortRange]:
        """Convert to models.PortRange, or to None if both ends are empty."""
        if self.from_port is None or self.to_port is None:
            return None
        return models.PortRange(self.from_port, self.to_port)


def _none_if_empty(given: Optional[PortRange]) -> Optional[PortRange]:
    return given if given and given.to_ports() else None


_OptionalPortRange = Annotated[Optional[PortRange], AfterValidator(_none_if_empty)]


class TrafficFilterRule(Shape):
    """Packets to mirror or to skip, from the source NIC's point of view."""

    direction: fields.Direction = Field(
        description="Whether packets arrive at the source NIC or leave it"
    )
    source_port_range: _OptionalPortRange = Field(
        None, description="The ports that packets come from; absent, any"
    )
    destination_port_range: _OptionalPortRange = Field(
        None, description="The ports that packets go to; absent, any"
    )
    # After the ranges, so that its validator can see whether they are given.
    protocol: fields.Protocol = Field(description="The protocol of the packets")
    source_cidr: fields.Cidr = Field(
        None, description="The addresses that packets come from; absent, any"
    )
    destination_cidr: fields.Cidr = Field(
        None, description="The addresses that packets go to; absent, any"
    )
    rule_action: fields.RuleAction = Field(
        "accept", description="Whether packets that match are mirrored or left out"
    )
    description: fields.Description = Field(
        "", description="What EC2 shows as the description of the rule"
    )

    @field_validator("protocol")
    @classmethod
    def _has_ports(cls, protocol: Optional[int], info: ValidationInfo) -> Optional[int]:
        for name in ("source_port_range", "destination_port_range"):
            if protocol not in (TCP, UDP) and info.data.get(name, INVALID) is not None:
                problem = f"has no ports, but {to_camel(name)} is given"
                raise NotAllowed("tcp or udp, or no port range", problem)
        return protocol

    @field_validator("destination_cidr")
    @classmethod
    def _one_family(cls, cidr: Optional[str], info: ValidationInfo) -> Optional[str]:
        other = info.data.get("source_cidr")
        if other and cidr and _is_ipv6(other) != _is_ipv6(cidr):
            family = "IPv6" if _is_ipv6(other) else "IPv4"
            raise NotAllowed(
                f"{family}, as sourceCidr is", "is of another address family"
            )
        return cidr

    def to_rule(self) -> models.FilterRule:
        """Convert to FilterRule; a missing CIDR means every address of the family."""
        given = self.source_cidr or self.destination_cidr
        ipv6 = _is_ipv6(given) if given else self.protocol == IPV6_ICMP
        anywhere = models.ALL_IPV6 if ipv6 else models.ALL_IPV4
        return models.FilterRule(
            self.direction,
            self.protocol,
            self.source_cidr or anywhere,
            self.destination_cidr or anywhere,
            _ports(self.source_port_range),
            _ports(self.destination_port_range),
            self.rule_action,
            self.description,
        )


def _ports(given: Optional[PortRange]) -> Optional[models.PortRange]:
    return given.to_ports() if given else None


def _is_ipv6(cidr: str) -> bool:
    return ":" in cidr
