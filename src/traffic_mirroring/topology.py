"""
What mirroring needs to know of the rest of EC2: NICs, instances, firewalls, routes.

Frozen data, as in models.py. What could not be looked up is Unchecked, because a mirror
can be created without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from traffic_mirroring.models import Destination, NicId

VXLAN_PORT = 4789
"""The UDP port that mirrored packets go to."""

Vpcs = frozenset[str]


@dataclass(frozen=True)
class Unchecked:
    """Why something could not be looked up."""

    reason: str

    def note(self, what: str) -> str:
        """Return the note that this was not checked; `what` starts with 'whether'."""
        return f"not checked: {what} ({self.reason})"


@dataclass(frozen=True)
class Nic:
    """
    A network interface; `address` is its primary private IPv4 address, or empty.

    `owner_id` is the account. A load balancer has a NIC in each of its subnets.
    """

    id: NicId
    attached: bool
    vpc_id: str
    subnet_id: str
    address: str
    group_ids: frozenset[str]
    owner_id: str | None = None


@dataclass(frozen=True)
class Instance:
    """What a NIC is attached to; `state` is EC2's word, as in 'running'."""

    id: str
    type: str
    state: str


@dataclass(frozen=True)
class Attachments:
    """
    The NICs that a request names, and by NIC the instances they are attached to.

    `balancer_nics` are the NICs of the load balancers that it names, by ARN.
    """

    nics: Mapping[NicId, Nic] | Unchecked
    instances: Mapping[NicId, Instance] | Unchecked
    balancer_nics: Mapping[Destination, tuple[Nic, ...]] | Unchecked = field(
        default_factory=dict
    )


@dataclass(frozen=True)
class AllowedSources:
    """The sources that a security group allows on UDP 4789."""

    cidrs: frozenset[str] = frozenset()
    group_ids: frozenset[str] = frozenset()
    prefix_list_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class AclEntry:
    """An inbound entry of a network ACL for UDP 4789; the lowest number decides."""

    number: int
    cidr: str
    allows: bool


@dataclass(frozen=True)
class NetworkAcl:
    """The network ACL of a subnet."""

    id: str
    entries: tuple[AclEntry, ...]


@dataclass(frozen=True)
class Route:
    """
    A route: `destination` is a CIDR or a prefix list, `via` the id of what it leads to.

    A route that is not active is a blackhole.
    """

    destination: str
    via: str
    active: bool = True


@dataclass(frozen=True)
class RouteTable:
    """A route table; a VPC's main one serves the subnets that no table names."""

    id: str
    vpc_id: str
    is_main: bool
    subnet_ids: frozenset[str]
    routes: tuple[Route, ...]


@dataclass(frozen=True)
class Peering:
    """A peering connection between two VPCs."""

    vpcs: Vpcs
    active: bool


@dataclass(frozen=True)
class Topology:
    """
    What decides whether mirrored packets arrive.

    `allowed_sources` are by security group, `acls` by subnet, `prefix_lists` (their
    CIDRs), `peerings` and `transit_gateways` (the VPCs attached to them) by id;
    `listeners` are the target groups that load balancers forward UDP 4789 to, by ARN,
    absent without a listener; `healthy` says which target groups have a healthy target.
    """

    allowed_sources: Mapping[str, AllowedSources] | Unchecked = field(
        default_factory=dict
    )
    acls: Mapping[str, NetworkAcl] | Unchecked = field(default_factory=dict)
    prefix_lists: Mapping[str, frozenset[str]] | Unchecked = field(default_factory=dict)
    route_tables: tuple[RouteTable, ...] | Unchecked = ()
    peerings: Mapping[str, Peering] | Unchecked = field(default_factory=dict)
    transit_gateways: Mapping[str, Vpcs] | Unchecked = field(default_factory=dict)
    listeners: Mapping[Destination, frozenset[str]] | Unchecked = field(
        default_factory=dict
    )
    healthy: Mapping[str, bool] | Unchecked = field(default_factory=dict)
