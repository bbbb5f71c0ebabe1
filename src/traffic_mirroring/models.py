"""
The data that flows through a command: ids, actions, what was observed, results.

Everything is frozen and speaks snake_case. It knows neither JSON nor boto3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NewType

Destination = NewType("Destination", str)
"""A NIC's id, a network load balancer's ARN, a gateway load balancer endpoint's id."""
NicId = NewType("NicId", Destination)
TargetId = NewType("TargetId", str)
FilterId = NewType("FilterId", str)
SessionId = NewType("SessionId", str)
SessionNumber = NewType("SessionNumber", int)

Direction = Literal["ingress", "egress"]
RuleAction = Literal["accept", "reject"]
NetworkService = Literal["amazon-dns"]
DestinationKind = Literal["NIC", "nlb", "gwlbe"]
Tags = Mapping[str, str]


def destination_kind(destination: Destination) -> DestinationKind:
    """Tell a destination's kind, by what the id, or the ARN, begins with."""
    if destination.startswith("eni-"):
        return "NIC"
    return "nlb" if destination.startswith("arn:") else "gwlbe"


ALL_IPV4 = "0.0.0.0/0"
ALL_IPV6 = "::/0"


@dataclass(frozen=True)
class Sandbox:
    """The CloudShell reservation on whose behalf a command runs."""

    reservation_id: str
    blueprint: str
    owner: str
    domain: str


@dataclass(frozen=True)
class PortRange:
    """Ports from `first` to `last`, both included, 0 to 65535."""

    first: int
    last: int


@dataclass(frozen=True)
class FilterRule:
    """
    Accept or reject packets of one direction, as seen from the source NIC.

    `protocol` is an IANA number, None stands for every protocol. Both CIDRs are
    canonical and of one address family. The description tells rules not apart.
    """

    direction: Direction
    protocol: int | None
    source_cidr: str
    destination_cidr: str
    source_ports: PortRange | None = None
    destination_ports: PortRange | None = None
    action: RuleAction = "accept"
    description: str = field(default="", compare=False)


EVERYTHING = tuple(
    FilterRule(direction, None, cidr, cidr)
    for direction in ("ingress", "egress")
    for cidr in (ALL_IPV4, ALL_IPV6)
)
"""The rules of a mirror that was asked for without any."""


@dataclass(frozen=True)
class Mirror:
    """
    What is to be copied whereto; two equal ones in a sandbox are the same mirror.

    `packet_length` counts the bytes of a packet that are copied, None is all of them.
    Without a `virtual_network_id`, which is VXLAN's, EC2 chooses one.
    """

    source_nic_id: NicId
    destination: Destination
    rules: tuple[FilterRule, ...] = EVERYTHING
    packet_length: int | None = None
    virtual_network_id: int | None = None
    network_services: tuple[NetworkService, ...] = ()


@dataclass(frozen=True)
class CreateAction:
    """
    Make `mirror` exist, under `session_number` if one is given.

    The session gets the description, and with the filter the tags.
    """

    action_id: str
    mirror: Mirror
    session_number: SessionNumber | None = None
    description: str = ""
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True)
class RemoveAction:
    """Remove one session, or this sandbox's sessions to one target NIC."""

    action_id: str
    session_id: SessionId | None = None
    target_nic_id: NicId | None = None


@dataclass(frozen=True)
class CleanupAction:
    """Remove everything that this sandbox made."""

    action_id: str


@dataclass(frozen=True)
class Target:
    """A traffic mirror target in EC2."""

    id: TargetId
    destination: Destination
    tags: Tags


@dataclass(frozen=True)
class Filter:
    """A traffic mirror filter in EC2."""

    id: FilterId
    tags: Tags


@dataclass(frozen=True)
class Session:
    """A traffic mirror session in EC2."""

    id: SessionId
    source_nic_id: NicId
    target_id: TargetId
    filter_id: FilterId
    number: SessionNumber
    tags: Tags


@dataclass(frozen=True)
class SessionSpec:
    """What a session is to be made of."""

    mirror: Mirror
    target_id: TargetId
    filter_id: FilterId
    number: SessionNumber
    description: str


@dataclass(frozen=True)
class ActionResult:
    """How one action ended; `session_id` belongs to Create alone."""

    type: str
    action_id: str
    info: str = ""
    error: str = ""
    session_id: str | None = None

    @property
    def success(self) -> bool:
        """An action succeeded when there is no error to tell."""
        return not self.error
