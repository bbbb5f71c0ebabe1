"""
The look-ups in the rest of EC2, and in load balancing, that warnings rest on.

It changes nothing, asks in batches, and knows no mirrors.
https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-considerations.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from traffic_mirroring.aws.clients import AwsClients
from traffic_mirroring.aws.errors import aws_errors
from traffic_mirroring.aws.pages import chunks, filters, find_items
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
    """Looks up what a mirror depends on; every method raises Ec2Failed."""

    def __init__(self, aws: AwsClients) -> None:
        self._aws = aws

    def find_nics(self, nic_ids: Iterable[NicId]) -> dict[NicId, Nic]:
        """Return the NICs that exist, by id."""
        found = self._find(
            "network_interfaces", "NetworkInterfaces", "network-interface-id", nic_ids
        )
        return {item["NetworkInterfaceId"]: _nic(item) for item in found}

    def find_attached(self, nic_ids: Iterable[NicId]) -> dict[NicId, Attached]:
        """Return the NICs that are on an instance, by id, with their instances."""
        by = "network-interface.network-interface-id"
        return {
            nic["NetworkInterfaceId"]: (_nic(nic), _instance(item))
            for reservation in self._find("instances", "Reservations", by, nic_ids)
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
        """Return whom security groups let in on UDP 4789, by group."""
        found = self._find("security_groups", "SecurityGroups", "group-id", group_ids)
        return {item["GroupId"]: _allowed_sources(item) for item in found}

    def find_prefix_lists(self, list_ids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return the CIDRs of prefix lists, by list."""
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
        """Return which of these VPCs are peered, as pairs."""
        found = self._find(
            "vpc_peering_connections",
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
        paginator = self._aws.load_balancing.get_paginator("describe_listeners")
        with aws_errors(f"Looking up the listeners of {arn}"):
            return frozenset(
                listener["Port"]
                for page in paginator.paginate(LoadBalancerArn=arn)
                for listener in page["Listeners"]
                if listener["Protocol"] in ("UDP", "TCP_UDP")
            )

    def _find(
        self, what: str, answer: str, by: str, values: Iterable[str]
    ) -> Iterator[Any]:
        """Yield what has one of the values; without values there is nothing."""
        for wanted in filters(by, values):
            yield from self._items(f"describe_{what}", answer, Filters=wanted)

    def _items(self, operation: str, answer: str, **question: Any) -> Iterator[Any]:
        what = f"Looking up {operation.partition('_')[2].replace('_', ' ')}"
        return find_items(self._aws.ec2, operation, answer, what, **question)


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
    rules = [rule for rule in group["IpPermissions"] if _lets_vxlan_in(rule)]

    def named(what: str, name: str) -> frozenset[str]:
        return frozenset(each[name] for rule in rules for each in rule.get(what, ()))

    return AllowedSources(
        named("IpRanges", "CidrIp"),
        named("UserIdGroupPairs", "GroupId"),
        named("PrefixListIds", "PrefixListId"),
    )


def _lets_vxlan_in(rule: Any) -> bool:
    if rule["IpProtocol"] not in _UDP:
        return False
    # A rule for all protocols has no ports.
    first: int = rule.get("FromPort", -1)
    return first == -1 or VXLAN_PORT in range(first, rule["ToPort"] + 1)
