"""
What mirroring needs to know of the rest of EC2: NICs, instances, security groups.

Frozen data, as in models.py. What could not be looked up is said to be so, because a
mirror can be made without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from traffic_mirroring.models import NicId

VXLAN_PORT = 4789
"""The UDP port that mirrored packets go to."""

Vpcs = frozenset[str]


@dataclass(frozen=True)
class Unchecked:
    """Why something could not be looked up."""

    reason: str


@dataclass(frozen=True)
class Nic:
    """A network interface; `address` is its primary private IPv4 address."""

    id: NicId
    attached: bool
    vpc_id: str
    address: str
    group_ids: frozenset[str]


@dataclass(frozen=True)
class Instance:
    """What a NIC is attached to; `state` is EC2's word, as in 'running'."""

    id: str
    type: str
    state: str


@dataclass(frozen=True)
class InstanceType:
    """How instances of a type run; bare metal has no hypervisor."""

    name: str
    hypervisor: str
    bare_metal: bool


@dataclass(frozen=True)
class AllowedSources:
    """Whom a security group lets in on UDP 4789."""

    cidrs: frozenset[str] = frozenset()
    group_ids: frozenset[str] = frozenset()
    prefix_list_ids: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Attachments:
    """The NICs that a request names, and by NIC the instances they are attached to."""

    nics: Mapping[NicId, Nic] | Unchecked
    instances: Mapping[NicId, Instance] | Unchecked


@dataclass(frozen=True)
class Topology:
    """
    What decides whether mirrored packets arrive.

    `types` are by name, `openings` by security group, `prefix_lists` (their CIDRs) by
    id; `peerings` are the pairs of VPCs that an active connection joins, `listeners`
    the UDP ports that load balancers listen on, by ARN.
    """

    types: Mapping[str, InstanceType] | Unchecked
    allowed_sources: Mapping[str, AllowedSources] | Unchecked
    prefix_lists: Mapping[str, frozenset[str]] | Unchecked
    peerings: frozenset[Vpcs] | Unchecked
    listeners: Mapping[str, frozenset[int]] | Unchecked
