"""
Filters of Describe operations that moto ignores or misreads.

Owns: where in a result the values of a filter are. Must not know: requests, pages,
moto's state.

moto takes a filter by a value in a list, such as association.subnet-id, for one that
must contain all values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.mirroring.describe import Readers


@dataclass(frozen=True)
class Item:
    """One resource in moto's result."""

    shown: Mapping[str, Any]

    @property
    def tags(self) -> dict[str, str]:
        """Return its tags."""
        return {tag["Key"]: tag["Value"] for tag in self.shown.get("Tags", [])}


@dataclass(frozen=True)
class Unfiltered:
    """An operation whose result is filtered here."""

    id: str
    missing: Refusal
    readers: Readers[Item]


def _at(*path: str) -> Callable[[Item], list[object]]:
    """Return a function that reads all values at a path, through lists."""

    def read(item: Item) -> list[object]:
        found: list[Any] = [item.shown]
        for name in path:
            found = [each[name] for each in found if name in each]
            found = [
                element
                for each in found
                for element in (each if isinstance(each, list) else [each])
            ]
        return [str(each).lower() if isinstance(each, bool) else each for each in found]

    return read


_PEERS = {"accepter": "AccepterVpcInfo", "requester": "RequesterVpcInfo"}
UNFILTERED = {
    "DescribeNetworkAcls": Unfiltered(
        id="NetworkAclId",
        missing=Refusal.NETWORK_ACL_MISSING,
        readers={
            "association.association-id": _at(
                "Associations", "NetworkAclAssociationId"
            ),
            "association.network-acl-id": _at("Associations", "NetworkAclId"),
            "association.subnet-id": _at("Associations", "SubnetId"),
            "default": _at("IsDefault"),
            "entry.cidr": _at("Entries", "CidrBlock"),
            "entry.egress": _at("Entries", "Egress"),
            "entry.protocol": _at("Entries", "Protocol"),
            "entry.rule-action": _at("Entries", "RuleAction"),
            "entry.rule-number": _at("Entries", "RuleNumber"),
            "network-acl-id": _at("NetworkAclId"),
            "owner-id": _at("OwnerId"),
            "vpc-id": _at("VpcId"),
        },
    ),
    "DescribeRouteTables": Unfiltered(
        id="RouteTableId",
        missing=Refusal.ROUTE_TABLE_MISSING,
        readers={
            "association.main": _at("Associations", "Main"),
            "association.route-table-association-id": _at(
                "Associations", "RouteTableAssociationId"
            ),
            "association.subnet-id": _at("Associations", "SubnetId"),
            "owner-id": _at("OwnerId"),
            "route-table-id": _at("RouteTableId"),
            "route.destination-cidr-block": _at("Routes", "DestinationCidrBlock"),
            "route.destination-prefix-list-id": _at(
                "Routes", "DestinationPrefixListId"
            ),
            "route.gateway-id": _at("Routes", "GatewayId"),
            "route.state": _at("Routes", "State"),
            "route.transit-gateway-id": _at("Routes", "TransitGatewayId"),
            "route.vpc-peering-connection-id": _at("Routes", "VpcPeeringConnectionId"),
            "vpc-id": _at("VpcId"),
        },
    ),
    "DescribeVpcPeeringConnections": Unfiltered(
        id="VpcPeeringConnectionId",
        missing=Refusal.PEERING_MISSING,
        readers={
            **{f"{end}-vpc-info.vpc-id": _at(_PEERS[end], "VpcId") for end in _PEERS},
            **{
                f"{end}-vpc-info.owner-id": _at(_PEERS[end], "OwnerId")
                for end in _PEERS
            },
            "status-code": _at("Status", "Code"),
            "vpc-peering-connection-id": _at("VpcPeeringConnectionId"),
        },
    ),
    "DescribeManagedPrefixLists": Unfiltered(
        id="PrefixListId",
        missing=Refusal.PREFIX_LIST_MISSING,
        readers={
            "owner-id": _at("OwnerId"),
            "prefix-list-id": _at("PrefixListId"),
            "prefix-list-name": _at("PrefixListName"),
        },
    ),
}


def check_found(unfiltered: Unfiltered, items: list[Item], ids: list[str]) -> None:
    """Raise Ec2Error for an id that no item has."""
    found = {item.shown[unfiltered.id] for item in items}
    for each in ids:
        if each not in found:
            raise ec2_error(unfiltered.missing, id=each)
