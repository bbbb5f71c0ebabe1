"""
The actions of all commands, as pydantic models that convert to the package's models.

Owns the fields of an action and the checks that involve more than one of them. Must not
know EC2 or the sandbox. A class has the name of its `type` in a request:
https://help.quali.com, "AWS Traffic Mirroring" in the developer guide.
"""

# Annotations are evaluated at run time here, so they are written as Python 3.9 reads.
from collections.abc import Mapping
from typing import Annotated, Any, Optional

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic.alias_generators import to_camel

from traffic_mirroring import models
from traffic_mirroring.errors import NotAllowed
from traffic_mirroring.request import fields
from traffic_mirroring.request.base import INVALID, Shape
from traffic_mirroring.request.rules import TrafficFilterRule
from traffic_mirroring.request.values import at_most

_ONE_DESTINATION = (
    "exactly one of targetNicId, networkLoadBalancerArn and "
    "gatewayLoadBalancerEndpointId"
)


class _Action(Shape):
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


class CreateTrafficMirroringParams(Shape):
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
            if info.data.get(name, INVALID) is not None
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
