"""
Look-ups of NICs, instances and the network between them, which warnings rely on.

Owns the batching of these calls and the reading of their items. Changes nothing, and
must not know mirrors.
https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-considerations.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from traffic_mirroring.aws.clients import AwsClients
from traffic_mirroring.aws.pages import chunks, find_items, value_filters
from traffic_mirroring.models import NicId
from traffic_mirroring.topology import (
    VXLAN_PORT,
    AllowedSources,
    Instance,
    InstanceType,
    Nic,
    Vpcs,
)

_TYPES_PER_CALL = 100
_UDP = ("udp", "17", "-1")

Attached = tuple[Nic, Instance]


class Ec2Network:
    """Look up what mirrored packets depend on; every method raises Ec2Failed."""

    def __init__(self, aws: AwsClients) -> None:
        self._aws = aws

    def find_nics(self, nic_ids: Iterable[NicId]) -> dict[NicId, Nic]:
        """Return the NICs that exist, by id."""
        found = self._find(
            "describe_network_interfaces",
            "NetworkInterfaces",
            "network-interface-id",
            nic_ids,
        )
        return {item["NetworkInterfaceId"]: _nic(item) for item in found}

    def find_attached(self, nic_ids: Iterable[NicId]) -> dict[NicId, Attached]:
        """Return the NICs that are attached to an instance, by id, with it."""
        found = self._find(
            "describe_instances",
            "Reservations",
            "network-interface.network-interface-id",
            nic_ids,
        )
        return {
            nic["NetworkInterfaceId"]: (_nic(nic), _instance(item))
            for reservation in found
            for item in reservation["Instances"]
            for nic in item["NetworkInterfaces"]
        }

    def find_types(self, names: Iterable[str]) -> dict[str, InstanceType]:
        """Return instance types, by name."""
        return {
            item["InstanceType"]: InstanceType(
                item["InstanceType"], item.get("Hypervisor", ""), item["BareMetal"]
            )
            for chunk in chunks(names, _TYPES_PER_CALL)
            for item in self._items(
                "describe_instance_types", "InstanceTypes", InstanceTypes=chunk
            )
        }

    def find_allowed_sources(
        self, group_ids: Iterable[str]
    ) -> dict[str, AllowedSources]:
        """Return the sources that security groups allow on UDP 4789, by group."""
        found = self._find(
            "describe_security_groups", "SecurityGroups", "group-id", group_ids
        )
        return {item["GroupId"]: _allowed_sources(item) for item in found}

    def find_prefix_lists(self, list_ids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return the CIDRs of managed prefix lists, by list."""
        return {
            list_id: frozenset(
                entry["Cidr"]
                for entry in self._items(
                    "get_managed_prefix_list_entries", "Entries", PrefixListId=list_id
                )
            )
            for list_id in sorted(set(list_ids))
        }

    def find_peerings(self, vpc_ids: Iterable[str]) -> frozenset[Vpcs]:
        """Return the pairs of VPCs that an active peering connection joins."""
        found = self._find(
            "describe_vpc_peering_connections",
            "VpcPeeringConnections",
            "requester-vpc-info.vpc-id",
            vpc_ids,
        )
        return frozenset(
            frozenset(
                item[f"{side}VpcInfo"]["VpcId"] for side in ("Requester", "Accepter")
            )
            for item in found
            if item["Status"]["Code"] == "active"
        )

    def find_listeners(self, arns: Iterable[str]) -> dict[str, frozenset[int]]:
        """Return the UDP ports that network load balancers listen on, by ARN."""
        return {arn: self._udp_ports(arn) for arn in sorted(set(arns))}

    def _udp_ports(self, arn: str) -> frozenset[int]:
        listeners = find_items(
            self._aws.load_balancing,
            "describe_listeners",
            "Listeners",
            f"Looking up the listeners of {arn}",
            LoadBalancerArn=arn,
        )
        return frozenset(
            listener["Port"]
            for listener in listeners
            if listener["Protocol"] in ("UDP", "TCP_UDP")
        )

    def _find(
        self, operation: str, result_key: str, filter_name: str, values: Iterable[str]
    ) -> Iterator[Any]:
        """Yield the items that match an EC2 filter; no call is made without values."""
        for filters in value_filters(filter_name, values):
            yield from self._items(operation, result_key, Filters=filters)

    def _items(
        self, operation: str, result_key: str, **parameters: Any
    ) -> Iterator[Any]:
        action = f"Looking up {operation.partition('_')[2].replace('_', ' ')}"
        return find_items(self._aws.ec2, operation, result_key, action, **parameters)


def _nic(item: Any) -> Nic:
    return Nic(
        item["NetworkInterfaceId"],
        item.get("Attachment", {}).get("Status") in ("attaching", "attached"),
        item["VpcId"],
        item.get("PrivateIpAddress", ""),
        frozenset(group["GroupId"] for group in item["Groups"]),
    )


def _instance(item: Any) -> Instance:
    return Instance(item["InstanceId"], item["InstanceType"], item["State"]["Name"])


def _allowed_sources(group: Any) -> AllowedSources:
    rules = [rule for rule in group["IpPermissions"] if _allows_vxlan(rule)]

    def sources(key: str, id_key: str) -> frozenset[str]:
        return frozenset(each[id_key] for rule in rules for each in rule.get(key, ()))

    return AllowedSources(
        sources("IpRanges", "CidrIp"),
        sources("UserIdGroupPairs", "GroupId"),
        sources("PrefixListIds", "PrefixListId"),
    )


def _allows_vxlan(rule: Any) -> bool:
    if rule["IpProtocol"] not in _UDP:
        return False
    # A rule for all protocols has no port range.
    first: int = rule.get("FromPort", -1)
    return first == -1 or VXLAN_PORT in range(first, rule["ToPort"] + 1)
