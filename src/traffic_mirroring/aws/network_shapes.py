"""
Owns: the reading of EC2's and Elastic Load Balancing's items around a mirror.

Of firewalls, only what concerns UDP 4789 is read, and only IPv4, which mirrored packets
are sent by. Must not know: clients, mirrors.
"""

from __future__ import annotations

from typing import Any

from traffic_mirroring.models import Destination
from traffic_mirroring.topology import (
    VXLAN_PORT,
    AclEntry,
    AllowedSources,
    Instance,
    NetworkAcl,
    Nic,
    Peering,
    Route,
    RouteTable,
)

_UDP = ("udp", "17", "-1")
_UDP_LISTENERS = ("UDP", "TCP_UDP")
_ROUTE_DESTINATIONS = ("DestinationCidrBlock", "DestinationPrefixListId")
_NEXT_HOPS = (
    "GatewayId",
    "VpcPeeringConnectionId",
    "TransitGatewayId",
    "NatGatewayId",
    "NetworkInterfaceId",
    "InstanceId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
)


def read_nic(item: Any) -> Nic:
    """Return a NIC of DescribeNetworkInterfaces or DescribeInstances."""
    return Nic(
        item["NetworkInterfaceId"],
        item.get("Attachment", {}).get("Status") in ("attaching", "attached"),
        item["VpcId"],
        item["SubnetId"],
        item.get("PrivateIpAddress", ""),
        frozenset(group["GroupId"] for group in item["Groups"]),
        item.get("OwnerId"),
    )


def nlb_nic_description(arn: Destination) -> str:
    """Return the description of a network load balancer's NICs: 'ELB net/name/id'."""
    return f"ELB {arn.partition(':loadbalancer/')[2]}"


def read_instance(item: Any) -> Instance:
    """Return an instance."""
    return Instance(item["InstanceId"], item["InstanceType"], item["State"]["Name"])


def read_allowed_sources(group: Any) -> AllowedSources:
    """Return the sources that a security group allows on UDP 4789."""
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


def read_acl(item: Any) -> NetworkAcl:
    """Return a network ACL, with its inbound entries for UDP 4789 and IPv4."""
    return NetworkAcl(
        item["NetworkAclId"],
        tuple(
            AclEntry(
                entry["RuleNumber"], entry["CidrBlock"], entry["RuleAction"] == "allow"
            )
            for entry in item["Entries"]
            if not entry["Egress"] and "CidrBlock" in entry and _is_for_vxlan(entry)
        ),
    )


def _is_for_vxlan(entry: Any) -> bool:
    if entry["Protocol"] not in _UDP:
        return False
    ports = entry.get("PortRange")
    # An entry for all protocols has no ports that matter.
    if entry["Protocol"] == "-1" or not ports:
        return True
    return VXLAN_PORT in range(ports["From"], ports["To"] + 1)


def read_route_table(item: Any) -> RouteTable:
    """Return a route table, with its routes for IPv4."""
    associations = item["Associations"]
    routes = (_read_route(route) for route in item["Routes"])
    return RouteTable(
        item["RouteTableId"],
        item["VpcId"],
        any(each.get("Main", False) for each in associations),
        frozenset(each["SubnetId"] for each in associations if "SubnetId" in each),
        tuple(route for route in routes if route),
    )


def _read_route(item: Any) -> Route | None:
    for key in _ROUTE_DESTINATIONS:
        if key in item:
            via = next((item[hop] for hop in _NEXT_HOPS if hop in item), "nothing")
            return Route(item[key], via, item.get("State", "active") == "active")
    return None


def read_peering(item: Any) -> Peering:
    """Return a peering connection."""
    vpcs = (item[f"{side}VpcInfo"]["VpcId"] for side in ("Requester", "Accepter"))
    return Peering(frozenset(vpcs), item["Status"]["Code"] == "active")


def forwards_vxlan(listener: Any) -> bool:
    """Return whether a listener of a load balancer takes UDP 4789."""
    return listener["Port"] == VXLAN_PORT and listener["Protocol"] in _UDP_LISTENERS


def target_groups(listener: Any) -> frozenset[str]:
    """Return the ARNs of the target groups that a listener forwards to."""
    actions = listener.get("DefaultActions", ())
    single = [each["TargetGroupArn"] for each in actions if "TargetGroupArn" in each]
    weighted = [
        group["TargetGroupArn"]
        for each in actions
        for group in each.get("ForwardConfig", {}).get("TargetGroups", ())
    ]
    return frozenset(single + weighted)
