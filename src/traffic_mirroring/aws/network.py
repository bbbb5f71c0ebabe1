"""
Owns: the look-ups of NICs, instances and the network between them, in batches.

Changes nothing. Must not know: mirrors, how AWS's items are read (network_shapes.py).
https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-considerations.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from traffic_mirroring.aws.clients import AwsClients
from traffic_mirroring.aws.errors import aws_errors
from traffic_mirroring.aws.network_shapes import (
    forwards_vxlan,
    nlb_nic_description,
    read_acl,
    read_allowed_sources,
    read_instance,
    read_nic,
    read_peering,
    read_route_table,
    target_groups,
)
from traffic_mirroring.aws.pages import find_items, value_filters
from traffic_mirroring.models import Destination, NicId
from traffic_mirroring.topology import (
    AllowedSources,
    Instance,
    NetworkAcl,
    Nic,
    Peering,
    RouteTable,
    Vpcs,
)

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
        return {item["NetworkInterfaceId"]: read_nic(item) for item in found}

    def find_attached(self, nic_ids: Iterable[NicId]) -> dict[NicId, Attached]:
        """Return the NICs that are attached to an instance, by id, with it."""
        found = self._find(
            "describe_instances",
            "Reservations",
            "network-interface.network-interface-id",
            nic_ids,
        )
        return {
            nic["NetworkInterfaceId"]: (read_nic(nic), read_instance(item))
            for reservation in found
            for item in reservation["Instances"]
            for nic in item["NetworkInterfaces"]
        }

    def find_balancer_nics(
        self, arns: Iterable[Destination]
    ) -> dict[Destination, tuple[Nic, ...]]:
        """
        Return the NICs of network load balancers, one in each subnet, by ARN.

        They are found by their description, as AWS documents it:
        https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html
        """
        by_description = {nlb_nic_description(arn): arn for arn in arns}
        nics: dict[Destination, tuple[Nic, ...]] = defaultdict(tuple)
        for item in self._find(
            "describe_network_interfaces",
            "NetworkInterfaces",
            "description",
            by_description,
        ):
            nics[by_description[item["Description"]]] += (read_nic(item),)
        return dict(nics)

    def find_allowed_sources(
        self, group_ids: Iterable[str]
    ) -> dict[str, AllowedSources]:
        """Return the sources that security groups allow on UDP 4789, by group."""
        found = self._find(
            "describe_security_groups", "SecurityGroups", "group-id", group_ids
        )
        return {item["GroupId"]: read_allowed_sources(item) for item in found}

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

    def find_acls(self, subnet_ids: Iterable[str]) -> dict[str, NetworkAcl]:
        """Return the network ACLs of subnets, by subnet."""
        found = self._find(
            "describe_network_acls", "NetworkAcls", "association.subnet-id", subnet_ids
        )
        return {
            association["SubnetId"]: acl
            for item in found
            for acl in [read_acl(item)]
            for association in item["Associations"]
        }

    def find_route_tables(self, vpc_ids: Iterable[str]) -> tuple[RouteTable, ...]:
        """Return all route tables of VPCs."""
        found = self._find("describe_route_tables", "RouteTables", "vpc-id", vpc_ids)
        return tuple(read_route_table(item) for item in found)

    def find_peerings(self, vpc_ids: Iterable[str]) -> dict[str, Peering]:
        """Return the peering connections of VPCs, by id."""
        vpcs = set(vpc_ids)
        return {
            item["VpcPeeringConnectionId"]: read_peering(item)
            for side in ("requester", "accepter")
            for item in self._find(
                "describe_vpc_peering_connections",
                "VpcPeeringConnections",
                f"{side}-vpc-info.vpc-id",
                vpcs,
            )
        }

    def find_transit_gateways(self, vpc_ids: Iterable[str]) -> dict[str, Vpcs]:
        """Return which of these VPCs are attached to transit gateways, by gateway."""
        attached: dict[str, Vpcs] = defaultdict(frozenset)
        for item in self._find(
            "describe_transit_gateway_vpc_attachments",
            "TransitGatewayVpcAttachments",
            "vpc-id",
            vpc_ids,
        ):
            vpcs = [item["VpcId"]] if item["State"] == "available" else []
            attached[item["TransitGatewayId"]] |= frozenset(vpcs)
        return dict(attached)

    def find_listeners(
        self, arns: Iterable[Destination]
    ) -> dict[Destination, frozenset[str]]:
        """
        Return the target groups that load balancers forward UDP 4789 to, by ARN.

        Load balancers without such a listener are absent.
        """
        listeners = {arn: self._vxlan_listeners(arn) for arn in sorted(set(arns))}
        return {
            arn: frozenset().union(*map(target_groups, found))
            for arn, found in listeners.items()
            if found
        }

    def find_healthy(self, group_arns: Iterable[str]) -> dict[str, bool]:
        """Return which target groups of load balancers have a healthy target."""
        return {arn: self._has_healthy(arn) for arn in sorted(set(group_arns))}

    def _vxlan_listeners(self, arn: str) -> list[Any]:
        listeners = find_items(
            self._aws.load_balancing,
            "describe_listeners",
            "Listeners",
            f"Looking up the listeners of {arn}",
            LoadBalancerArn=arn,
        )
        return [each for each in listeners if forwards_vxlan(each)]

    def _has_healthy(self, group_arn: str) -> bool:
        with aws_errors(f"Looking up the health of {group_arn}"):
            found = self._aws.load_balancing.describe_target_health(
                TargetGroupArn=group_arn
            )
        states = [
            each["TargetHealth"]["State"] for each in found["TargetHealthDescriptions"]
        ]
        return "healthy" in states

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
