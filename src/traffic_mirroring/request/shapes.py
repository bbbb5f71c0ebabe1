"""
The shapes of a request's JSON, and what each means.

Beside request.py the only place that speaks CloudShell's camelCase. A class is named
as its `type` in a request. The shapes are CloudShell's:
https://help.quali.com, "AWS Traffic Mirroring" in the developer guide.
"""

# Annotations are evaluated at run time here, so they are written as Python 3.9 reads.
from typing import Annotated, Any, Optional

from pydantic import (
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
from traffic_mirroring.request import fields, values
from traffic_mirroring.request.protocols import IPV6_ICMP, TCP, UDP

_REFUSED = object()
_ONE_DESTINATION = (
    "one of targetNicId, networkLoadBalancerArn and gatewayLoadBalancerEndpointId"
)


class _Shape(BaseModel):
    """An object of a request: null is the same as absent, unknown keys are refused."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", frozen=True)

    type: str = ""

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, value: Any) -> Any:
        return values.without_nulls(value)

    @field_validator("type", mode="before")
    @classmethod
    def _own_type(cls, value: object) -> str:
        if isinstance(value, str) and value[:1].upper() + value[1:] == cls.__name__:
            return cls.__name__
        raise NotAllowed(cls.__name__)


class _Action(_Shape):
    """An action: the platform adds keys of its own, so unknown ones are ignored."""

    model_config = ConfigDict(extra="ignore")

    type: str = Field(description="the name of the command")
    action_id: str = ""


class PortRange(_Shape):
    """Ports from `fromPort` to `toPort`, both included."""

    from_port: values.Port
    to_port: values.Port

    @field_validator("to_port")
    @classmethod
    def _not_reversed(cls, last: int, info: ValidationInfo) -> int:
        first = info.data.get("from_port", last)
        if first > last:
            allowed = fields.Bounds(first, fields.PORTS.highest)
            raise NotAllowed(str(allowed), "is below fromPort")
        return last


class TrafficFilterRule(_Shape):
    """Which packets to copy, direction and ends as the source NIC sees them."""

    direction: values.Direction
    source_port_range: Optional[PortRange] = None
    destination_port_range: Optional[PortRange] = None
    # After the ranges, because whether they may be there depends on it.
    protocol: values.Protocol
    source_cidr: values.Cidr = None
    destination_cidr: values.Cidr = None
    rule_action: values.RuleAction = "accept"
    description: values.Description = ""

    @field_validator("protocol")
    @classmethod
    def _has_ports(cls, protocol: Optional[int], info: ValidationInfo) -> Optional[int]:
        for name in ("source_port_range", "destination_port_range"):
            if protocol not in (TCP, UDP) and info.data.get(name, _REFUSED) is not None:
                problem = f"has no ports, but {to_camel(name)} is given"
                raise NotAllowed("tcp or udp, or no port range", problem)
        return protocol

    @field_validator("destination_cidr")
    @classmethod
    def _one_family(cls, cidr: str, info: ValidationInfo) -> str:
        other = info.data.get("source_cidr")
        if other and _is_ipv6(other) != _is_ipv6(cidr):
            family = "IPv6" if _is_ipv6(other) else "IPv4"
            raise NotAllowed(f"{family}, as sourceCidr is", "is of another family")
        return cidr

    def to_rule(self) -> models.FilterRule:
        """Return the rule it stands for, an absent CIDR being the whole family."""
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

    source_nic_id: values.NicId
    network_load_balancer_arn: values.BalancerArn = None
    gateway_load_balancer_endpoint_id: values.EndpointId = None
    # After the other two, because exactly one of the three must be there.
    target_nic_id: Annotated[values.OptionalNicId, Field(validate_default=True)] = None
    session_number: values.SessionNumber = None
    filter_rules: Annotated[
        tuple[TrafficFilterRule, ...],
        Field(max_length=10, description="at most 10 rules, or none for everything"),
    ] = ()
    packet_length: values.PacketLength = None
    virtual_network_id: values.VirtualNetworkId = None
    description: values.Description = ""
    network_services: values.NetworkServices = ()
    tags: values.Tags = Field(default_factory=dict)

    @field_validator("target_nic_id")
    @classmethod
    def _one_destination(
        cls, nic: Optional[models.NicId], info: ValidationInfo
    ) -> Optional[models.NicId]:
        """Check that there is one place to mirror to, and that it isn't the source."""
        others = ("network_load_balancer_arn", "gateway_load_balancer_endpoint_id")
        given = [
            to_camel(name)
            for name in others
            if info.data.get(name, _REFUSED) is not None
        ]
        names = [to_camel(name) for name in others]
        if not nic and not given:
            raise NotAllowed(f"{fields.NIC_ID}, or {' or '.join(names)}", "is missing")
        if nic and given:
            raise NotAllowed(_ONE_DESTINATION, f"stands beside {' and '.join(given)}")
        if len(given) > 1:
            raise NotAllowed(_ONE_DESTINATION, f"{' and '.join(given)} are given")
        if nic and nic == info.data.get("source_nic_id"):
            raise NotAllowed("another NIC than sourceNicId")
        return nic

    def to_mirror(self) -> models.Mirror:
        """Return the mirror it stands for."""
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
    """One mirror that shall exist."""

    action_params: CreateTrafficMirroringParams = Field(description="an object")

    def to_action(self) -> models.CreateAction:
        """Return the action it stands for."""
        params = self.action_params
        return models.CreateAction(
            self.action_id,
            params.to_mirror(),
            params.session_number,
            params.description,
            params.tags,
        )


class RemoveTrafficMirroring(_Action):
    """One session, or all of this sandbox's sessions to one target NIC, to remove."""

    session_id: values.SessionId = None
    target_nic_id: values.OptionalNicId = None

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
        """Return the action it stands for."""
        return models.RemoveAction(self.action_id, self.session_id, self.target_nic_id)


class CleanupNetwork(_Action):
    """The standard teardown request of a cloud provider."""

    def to_action(self) -> models.CleanupAction:
        """Return the action it stands for."""
        return models.CleanupAction(self.action_id)


def _ports(given: Optional[PortRange]) -> Optional[models.PortRange]:
    return models.PortRange(given.from_port, given.to_port) if given else None


def _is_ipv6(cidr: str) -> bool:
    return ":" in cidr
