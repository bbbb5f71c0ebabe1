"""
The actions of all commands, as pydantic models that convert to the package's models.

Owns the fields of an action and the checks that involve more than one of them. Must not
know EC2 or the sandbox. A class has the name of its `type` in a request:
https://help.quali.com, "AWS Traffic Mirroring" in the developer guide.
"""

# Annotations are evaluated at run time here, so they are written as Python 3.9 reads.
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Optional, Union

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic.alias_generators import to_camel

from traffic_mirroring import models
from traffic_mirroring.errors import NotAllowed
from traffic_mirroring.request import fields
from traffic_mirroring.request.base import INVALID, Shape, field_names, kind_of
from traffic_mirroring.request.rules import TrafficFilterRule

SOURCES = ("source_nic_id", "source_app_name")
DESTINATIONS = (
    "target_nic_id",
    "target_app_name",
    "network_load_balancer_arn",
    "gateway_load_balancer_endpoint_id",
)
"""Fields of which a mirror has exactly one each."""


class _Action(Shape):
    """An action: unknown keys are ignored, because CloudShell adds its own."""

    type: str = Field(
        description="The command, which all actions of a request have in common"
    )
    action_id: str = Field("", description="Any text, which the result repeats")

    @model_validator(mode="before")
    @classmethod
    def _drop_unknown(cls, value: Any) -> Any:
        """Drop unknown keys, except likely mistakes, which are rejected."""
        if not isinstance(value, Mapping):
            return value
        kept = {name.lower() for name in (*field_names(cls), *cls._misplaced())}
        return {key: item for key, item in value.items() if key.lower() in kept}

    @classmethod
    def _misplaced(cls) -> Iterable[str]:
        """Return names of fields that belong elsewhere in the action."""
        return ()


class CreateTrafficMirroringParams(Shape):
    """The mirror to create."""

    # The NIC ids come last, so that their validators can see the other fields.
    source_app_name: fields.AppName = Field(
        None, description="The App whose traffic is mirrored, at its primary NIC"
    )
    source_nic_id: fields.OptionalNicId = Field(
        None, validate_default=True, description="The NIC whose traffic is mirrored"
    )
    network_load_balancer_arn: fields.BalancerArn = Field(
        None, description="The network load balancer that receives the copies"
    )
    gateway_load_balancer_endpoint_id: fields.EndpointId = Field(
        None, description="The gateway load balancer endpoint that receives the copies"
    )
    target_app_name: fields.AppName = Field(
        None, description="The App that receives the copies, at its primary NIC"
    )
    target_nic_id: fields.OptionalNicId = Field(
        None, validate_default=True, description="The NIC that receives the copies"
    )
    session_number: fields.SessionNumber = Field(
        None,
        description="The session's place among those of the source: of the sessions "
        "that accept a packet, the one with the lowest number gets it",
    )
    filter_rules: Annotated[
        tuple[TrafficFilterRule, ...],
        fields.RULE_LIMIT,
    ] = Field(
        (),
        max_length=10,
        description="What is mirrored: the first rule of a direction that matches a "
        "packet decides",
    )
    packet_length: fields.PacketLength = Field(
        None, description="How many bytes of each packet are copied; absent, all are"
    )
    virtual_network_id: fields.VirtualNetworkId = Field(
        None, description="The VXLAN network of the copies; absent, EC2 chooses one"
    )
    description: fields.Description = Field(
        "", description="What EC2 shows as the description of the session"
    )
    network_services: fields.NetworkServices = Field(
        (), description="Services of AWS that are mirrored whatever the rules say"
    )
    tags: fields.Tags = Field(
        default_factory=dict,
        description="Tags of everything that is created, besides the sandbox's own",
    )
    dry_run: fields.DryRun = Field(
        default=False, description="Whether to report only what would be created"
    )

    @field_validator("source_nic_id")
    @classmethod
    def _one_source(
        cls, nic: Optional[models.NicId], info: ValidationInfo
    ) -> Optional[models.NicId]:
        """Check that there is exactly one source."""
        _check_exactly_one(nic, SOURCES, info)
        return nic

    @field_validator("target_nic_id")
    @classmethod
    def _one_destination(
        cls, nic: Optional[models.NicId], info: ValidationInfo
    ) -> Optional[models.NicId]:
        """Check that there is exactly one destination, and that it isn't the source."""
        _check_exactly_one(nic, DESTINATIONS, info)
        if nic and nic == info.data.get("source_nic_id"):
            raise NotAllowed("another NIC than sourceNicId")
        return nic

    @field_validator("target_app_name")
    @classmethod
    def _another_app(
        cls, app: Optional[models.AppName], info: ValidationInfo
    ) -> Optional[models.AppName]:
        if app and app == info.data.get("source_app_name"):
            raise NotAllowed("another App than sourceAppName")
        return app

    def to_mirror(self) -> models.NamedMirror:
        """Convert to NamedMirror; without rules everything is mirrored."""
        return models.NamedMirror(
            _given(self.source_nic_id, self.source_app_name),
            _given(
                self.target_nic_id,
                self.target_app_name,
                self.network_load_balancer_arn,
                self.gateway_load_balancer_endpoint_id,
            ),
            tuple(rule.to_rule() for rule in self.filter_rules) or models.EVERYTHING,
            self.packet_length,
            self.virtual_network_id,
            tuple(dict.fromkeys(self.network_services)),
        )


def _given(*values: Any) -> Any:
    """Return the one value that is given, as the validators have checked."""
    return next(value for value in values if value is not None)


def _check_exactly_one(
    nic: Optional[models.NicId], names: Sequence[str], info: ValidationInfo
) -> None:
    """Check that exactly one of some fields, the first of which is `nic`, is given."""
    field, *others = map(to_camel, names)
    given = [
        to_camel(name) for name in names[1:] if info.data.get(name, INVALID) is not None
    ]
    exactly_one = f"exactly one of {', '.join([field, *others[:-1]])} and {others[-1]}"
    if not nic and not given:
        allowed = f"{fields.NIC_ID.allowed}, or {' or '.join(others)}"
        raise NotAllowed(allowed, "is missing", any_of=[field, *others])
    if nic and given:
        raise NotAllowed(exactly_one, f"is given together with {' and '.join(given)}")
    if len(given) > 1:
        raise NotAllowed(exactly_one, f"{' and '.join(given)} are given")


class CreateTrafficMirroring(_Action):
    """An action that ensures that a mirror exists."""

    action_params: CreateTrafficMirroringParams = Field(
        description="The mirror that is created, unless it exists"
    )

    @classmethod
    def _misplaced(cls) -> Iterable[str]:
        """Return the fields of actionParams; beside it, they would have no effect."""
        return field_names(CreateTrafficMirroringParams)

    def to_action(self) -> Union[models.CreateAction, models.NamedAction]:
        """Convert to CreateAction, or to NamedAction if Apps must be looked up."""
        params = self.action_params
        named = models.NamedAction(
            self.action_id,
            params.to_mirror(),
            params.session_number,
            params.description,
            params.tags,
            params.dry_run,
        )
        source, destination = named.mirror.source, named.mirror.destination
        if isinstance(source, models.AppName) or isinstance(
            destination, models.AppName
        ):
            return named
        return named.between(source, destination)


class RemoveTrafficMirroring(_Action):
    """An action that removes a session, or the sandbox's sessions to a target NIC."""

    session_id: fields.SessionId = Field(None, description="The session to remove")
    target_nic_id: fields.OptionalNicId = Field(
        None, description="The NIC to which all sessions of the sandbox are removed"
    )

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


class GetTrafficMirroring(_Action):
    """An action that lists the sandbox's mirrors."""

    def to_action(self) -> models.GetAction:
        """Convert to GetAction."""
        return models.GetAction(self.action_id)


class CleanupNetwork(_Action):
    """The action of a cloud provider's standard teardown request."""

    def to_action(self) -> models.CleanupAction:
        """Convert to CleanupAction."""
        return models.CleanupAction(self.action_id)


ACTIONS = (
    CreateTrafficMirroring,
    RemoveTrafficMirroring,
    GetTrafficMirroring,
    CleanupNetwork,
)
"""The actions of all commands, one for each command."""


def find_shape(action: object) -> Optional[type[Any]]:
    """Return the class of an action by its type; None if no command has that type."""
    given = action.get("type") if isinstance(action, Mapping) else None
    kind = kind_of(given) if isinstance(given, str) else None
    return next((each for each in ACTIONS if each.__name__ == kind), None)
