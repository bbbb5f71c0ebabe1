"""
The objects of a request, as pydantic models that convert to the package's models.

Owns the names of the fields and the checks that involve more than one field. Must not
know EC2 or the sandbox. A class has the name of its `type` in a request:
https://help.quali.com, "AWS Traffic Mirroring" in the developer guide.
"""

# Annotations are evaluated at run time here, so they are written as Python 3.9 reads.
from collections.abc import Mapping
from typing import Annotated, Any, Optional

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from traffic_mirroring import models
from traffic_mirroring.errors import NotAllowed
from traffic_mirroring.request import fields
from traffic_mirroring.request.protocols import IPV6_ICMP, TCP, UDP
from traffic_mirroring.request.values import at_most, without_nulls

_INVALID = object()
"""What a validator gets for a field that is given but invalid: it isn't None."""

_ONE_DESTINATION = (
    "exactly one of targetNicId, networkLoadBalancerArn and "
    "gatewayLoadBalancerEndpointId"
)
_BOTH_ENDS = "a value for both ends, or for neither"


class _Shape(BaseModel):
    """An object of a request: null means absent, and unknown keys are rejected."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)

    type: str = ""

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, value: Any) -> Any:
        return without_nulls(value)

    @field_validator("type", mode="before")
    @classmethod
    def _own_type(cls, value: object) -> str:
        if isinstance(value, str) and value[:1].upper() + value[1:] == cls.__name__:
            return cls.__name__
        raise NotAllowed(cls.__name__)


class _Action(_Shape):
    """An action: unknown keys are ignored, because CloudShell adds its own."""

    type: str = Field(description="the name of the command")
    action_id: str = ""

    @model_validator(mode="before")
    @classmethod
    def _drop_unknown(cls, value: Any) -> Any:
        """Drop unknown keys, except those like `TargetNicId`, which are rejected."""
        if not isinstance(value, Mapping):
            return value
        known = {str(field.alias).lower() for field in cls.model_fields.values()}
        return {key: item for key, item in value.items() if key.lower() in known}


class PortRange(_Shape):
    """Ports from `fromPort` to `toPort`, both included; both empty means no range."""

    from_port: fields.Port
    to_port: fields.Port

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


class TrafficFilterRule(_Shape):
    """Packets to mirror or to skip, from the source NIC's point of view."""

    direction: fields.Direction
    source_port_range: _OptionalPortRange = None
    destination_port_range: _OptionalPortRange = None
    # After the ranges, so that its validator can see whether they are given.
    protocol: fields.Protocol
    source_cidr: fields.Cidr = None
    destination_cidr: fields.Cidr = None
    rule_action: fields.RuleAction = "accept"
    description: fields.Description = ""

    @field_validator("protocol")
    @classmethod
    def _has_ports(cls, protocol: Optional[int], info: ValidationInfo) -> Optional[int]:
        for name in ("source_port_range", "destination_port_range"):
            if protocol not in (TCP, UDP) and info.data.get(name, _INVALID) is not None:
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


class CreateTrafficMirroringParams(_Shape):
    """The mirror to create."""

    source_nic_id: fields.NicId
    network_load_balancer_arn: fields.BalancerArn = None
    gateway_load_balancer_endpoint_id: fields.EndpointId = None
    # After the other two, so that its validator can see whether they are given.
    target_nic_id: Annotated[fields.OptionalNicId, Field(validate_default=True)] = None
    session_number: fields.SessionNumber = None
    filter_rules: Annotated[
        tuple[TrafficFilterRule, ...],
        Field(max_length=10, description="at most 10 rules, or none for everything"),
        at_most(10),
    ] = ()
    packet_length: fields.PacketLength = None
    virtual_network_id: fields.VirtualNetworkId = None
    description: fields.Description = ""
    network_services: fields.NetworkServices = ()
    tags: fields.Tags = Field(default_factory=dict)

    @field_validator("target_nic_id")
    @classmethod
    def _one_destination(
        cls, nic: Optional[models.NicId], info: ValidationInfo
    ) -> Optional[models.NicId]:
        """Check that there is exactly one destination, and that it isn't the source."""
        others = ("network_load_balancer_arn", "gateway_load_balancer_endpoint_id")
        given = [
            to_camel(name)
            for name in others
            if info.data.get(name, _INVALID) is not None
        ]
        names = [to_camel(name) for name in others]
        if not nic and not given:
            allowed = f"{fields.NIC_ID.allowed}, or {' or '.join(names)}"
            raise NotAllowed(allowed, "is missing")
        if nic and given:
            raise NotAllowed(
                _ONE_DESTINATION, f"is given together with {' and '.join(given)}"
            )
        if len(given) > 1:
            raise NotAllowed(_ONE_DESTINATION, f"{' and '.join(given)} are given")
        if nic and nic == info.data.get("source_nic_id"):
            raise NotAllowed("another NIC than sourceNicId")
        return nic

    def to_mirror(self) -> models.Mirror:
        """Convert to Mirror; without rules everything is mirrored."""
        destination = (
            self.target_nic_id
            or self.network_load_balancer_arn
            or self.gateway_load_balancer_endpoint_id
        )
        return models.Mirror(
            self.source_nic_id,
            models.Destination(str(destination)),
            tuple(rule.to_rule() for rule in self.filter_rules) or models.EVERYTHING,
            self.packet_length,
            self.virtual_network_id,
            tuple(dict.fromkeys(self.network_services)),
        )


class CreateTrafficMirroring(_Action):
    """An action that ensures that a mirror exists."""

    action_params: CreateTrafficMirroringParams = Field(description="an object")

    def to_action(self) -> models.CreateAction:
        """Convert to CreateAction."""
        params = self.action_params
        return models.CreateAction(
            self.action_id,
            params.to_mirror(),
            params.session_number,
            params.description,
            params.tags,
        )


class RemoveTrafficMirroring(_Action):
    """An action that removes a session, or the sandbox's sessions to a target NIC."""

    session_id: fields.SessionId = None
    target_nic_id: fields.OptionalNicId = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "RemoveTrafficMirroring":
        if bool(self.session_id) == bool(self.target_nic_id):
            count = "both" if self.session_id else "neither"
            raise NotAllowed(
                "a value for exactly one of sessionId and targetNicId",
                f"gives a value for {count}",
            )
        return self

    def to_action(self) -> models.RemoveAction:
        """Convert to RemoveAction."""
        return models.RemoveAction(self.action_id, self.session_id, self.target_nic_id)


class CleanupNetwork(_Action):
    """The action of a cloud provider's standard teardown request."""

    def to_action(self) -> models.CleanupAction:
        """Convert to CleanupAction."""
        return models.CleanupAction(self.action_id)


def _ports(given: Optional[PortRange]) -> Optional[models.PortRange]:
    return given.to_ports() if given else None


def _is_ipv6(cidr: str) -> bool:
    return ":" in cidr
