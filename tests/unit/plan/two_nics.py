"""A source and a target NIC, on instances and in a network in which packets arrive."""

from __future__ import annotations

from dataclasses import replace

from traffic_mirroring.models import Mirror
from traffic_mirroring.topology import (
    AclEntry,
    AllowedSources,
    Attachments,
    Instance,
    NetworkAcl,
    Nic,
    Peering,
    Route,
    RouteTable,
    Topology,
    Unchecked,
)

A, B = "eni-0000000a", "eni-0000000b"
ARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/n/01"
GROUP_ARN = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/g/01"
NOT_ALLOWED = Unchecked("ec2:Look is not allowed")
MIRROR = Mirror(A, B)

SOURCE = Nic(A, True, "vpc-1", "subnet-1", "10.0.0.4", frozenset({"sg-web"}), "1111")
TARGET = Nic(B, True, "vpc-1", "subnet-2", "10.0.1.5", frozenset({"sg-ids"}), "1111")
FAR_TARGET = replace(TARGET, vpc_id="vpc-2", subnet_id="subnet-9", address="10.9.0.5")
BALANCER_NIC = replace(TARGET, id="eni-0000000c", group_ids=frozenset())
WEB = Instance("i-a", "t3.micro", "running")
IDS = Instance("i-b", "t2.micro", "running")

OPEN_ACL = NetworkAcl(
    "acl-1", (AclEntry(100, "0.0.0.0/0", True), AclEntry(32767, "0.0.0.0/0", False))
)
MAIN_TABLE = RouteTable(
    "rtb-1",
    "vpc-1",
    True,
    frozenset(),
    (Route("10.0.0.0/16", "local"), Route("10.9.0.0/16", "pcx-1")),
)
PEERING = Peering(frozenset({"vpc-1", "vpc-2"}), active=True)
NETWORK = Topology(
    allowed_sources={"sg-ids": AllowedSources(cidrs=frozenset({"10.0.0.0/24"}))},
    acls={"subnet-2": OPEN_ACL, "subnet-9": OPEN_ACL},
    route_tables=(MAIN_TABLE,),
    peerings={"pcx-1": PEERING},
    listeners={ARN: frozenset({GROUP_ARN})},
    healthy={GROUP_ARN: True},
)


def attachments(source=SOURCE, target=TARGET, web=WEB, ids=IDS):
    """Return both NICs on their instances; None is not there."""
    nics = {nic.id: nic for nic in (source, target) if nic}
    instances = {nic: each for nic, each in {A: web, B: ids}.items() if each}
    return Attachments(nics, instances, {ARN: (BALANCER_NIC,)})
