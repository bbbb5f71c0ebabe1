"""
Owns: the frozen data that flows through a command: ids, actions, resources, results.

Must not know: JSON, boto3, CloudShell's API.
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
    """Return a destination's kind, by the prefix of its id or ARN."""
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

    `protocol` is an IANA number; None means every protocol. Both CIDRs are canonical
    and of one address family. Rules that differ only in description are equal.
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
"""The rules of a mirror that was requested without any."""


@dataclass(frozen=True)
class Mirror:
    """
    A requested mirror; equal mirrors of one sandbox are the same mirror.

    `packet_length` is the number of bytes to copy of each packet, None means all.
    `virtual_network_id` is the VXLAN network, None lets EC2 choose one.
    """

    source_nic_id: NicId
    destination: Destination
    rules: tuple[FilterRule, ...] = EVERYTHING
    packet_length: int | None = None
    virtual_network_id: int | None = None
    network_services: tuple[NetworkService, ...] = ()


@dataclass(frozen=True)
class AppName:
    """The name of an App in the sandbox, in place of the id of its primary NIC."""

    name: str


@dataclass(frozen=True)
class NamedMirror:
    """A mirror as it was requested: source and destination may be Apps."""

    source: NicId | AppName
    destination: Destination | AppName
    rules: tuple[FilterRule, ...] = EVERYTHING
    packet_length: int | None = None
    virtual_network_id: int | None = None
    network_services: tuple[NetworkService, ...] = ()

    def between(self, source: NicId, destination: Destination) -> Mirror:
        """Return the mirror between the NICs of the Apps."""
        return Mirror(
            source,
            destination,
            self.rules,
            self.packet_length,
            self.virtual_network_id,
            self.network_services,
        )


@dataclass(frozen=True)
class CreateAction:
    """
    Ensure that `mirror` exists, with `session_number` if one is given.

    The session gets the description; every resource that is created gets the tags. A
    dry run creates nothing and only reports what it would do.
    """

    action_id: str
    mirror: Mirror
    session_number: SessionNumber | None = None
    description: str = ""
    tags: Tags = field(default_factory=dict)
    dry_run: bool = False


@dataclass(frozen=True)
class NamedAction:
    """A CreateAction whose source or destination is an App, to be looked up."""

    action_id: str
    mirror: NamedMirror
    session_number: SessionNumber | None = None
    description: str = ""
    tags: Tags = field(default_factory=dict)
    dry_run: bool = False

    def between(self, source: NicId, destination: Destination) -> CreateAction:
        """Return the action between the NICs of the Apps."""
        return CreateAction(
            self.action_id,
            self.mirror.between(source, destination),
            self.session_number,
            self.description,
            self.tags,
            self.dry_run,
        )


@dataclass(frozen=True)
class RemoveAction:
    """Remove one session, or this sandbox's sessions to one target NIC."""

    action_id: str
    session_id: SessionId | None = None
    target_nic_id: NicId | None = None


@dataclass(frozen=True)
class GetAction:
    """List the mirrors of this sandbox."""

    action_id: str


@dataclass(frozen=True)
class CleanupAction:
    """Remove everything that this sandbox created."""

    action_id: str


@dataclass(frozen=True)
class Target:
    """A traffic mirror target in EC2."""

    id: TargetId
    destination: Destination
    tags: Tags
    owner_id: str | None = None


@dataclass(frozen=True)
class Filter:
    """A traffic mirror filter in EC2; `rules` are in EC2's order, ingress first."""

    id: FilterId
    tags: Tags
    rules: tuple[FilterRule, ...] = ()
    network_services: tuple[str, ...] = ()


@dataclass(frozen=True)
class Session:
    """
    A traffic mirror session in EC2.

    `packet_length` is None if whole packets are copied; `owner_id` is the account;
    `description` is what users wrote, or the mirror's name.
    """

    id: SessionId
    source_nic_id: NicId
    target_id: TargetId
    filter_id: FilterId
    number: SessionNumber
    tags: Tags
    packet_length: int | None = None
    virtual_network_id: int | None = None
    owner_id: str | None = None
    description: str = ""


@dataclass(frozen=True)
class SessionSpec:
    """A session to create."""

    mirror: Mirror
    target_id: TargetId
    filter_id: FilterId
    number: SessionNumber
    description: str
