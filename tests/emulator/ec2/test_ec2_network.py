"""Network ACLs, routes and load balancers, as EC2 describes and applies them."""

from __future__ import annotations

from typing import Any

import pytest
from scapy.layers.inet import IP, TCP, UDP

from tests.emulator.ec2.nets import CLIENT


def where(name: str, *values: str) -> dict[str, Any]:
    """Return a filter."""
    return {"Filters": [{"Name": name, "Values": list(values)}]}


def two_subnets(client: Any) -> tuple[str, str, str]:
    """Create a VPC with two subnets; return the ids."""
    vpc = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    first, second = (
        client.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24")["Subnet"]
        for number in (1, 2)
    )
    return vpc, first["SubnetId"], second["SubnetId"]


def test_network_acls_are_found_by_any_of_their_subnets(client: Any) -> None:
    """A value of a filter may match any of the associations."""
    vpc, first, second = two_subnets(client)

    for subnets in ([first], [second], [first, second], [first, "subnet-unknown"]):
        found = client.describe_network_acls(
            **where("association.subnet-id", *subnets)
        )["NetworkAcls"]
        assert [acl["VpcId"] for acl in found] == [vpc]
        assert found[0]["IsDefault"]
    assert client.describe_network_acls(**where("entry.egress", "true"))["NetworkAcls"]
    nothing = client.describe_network_acls(**where("association.subnet-id", "subnet-0"))
    assert nothing["NetworkAcls"] == []


def test_route_tables_are_found_by_any_of_their_subnets(client: Any) -> None:
    """The main table of a VPC has no explicit association."""
    vpc, first, second = two_subnets(client)
    table = client.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    for subnet in (first, second):
        client.associate_route_table(RouteTableId=table, SubnetId=subnet)

    by_subnet = client.describe_route_tables(**where("association.subnet-id", first))
    of_vpc = client.describe_route_tables(**where("vpc-id", vpc))["RouteTables"]

    assert [each["RouteTableId"] for each in by_subnet["RouteTables"]] == [table]
    assert len(of_vpc) == 2


@pytest.mark.parametrize("attached", [True, False])
def test_a_route_to_a_transit_gateway_without_an_attachment_is_a_blackhole(
    client: Any, attached: bool
) -> None:
    """The VPC of the route table must be attached."""
    vpc, subnet, _ = two_subnets(client)
    gateway = client.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    if attached:
        client.create_transit_gateway_vpc_attachment(
            TransitGatewayId=gateway, VpcId=vpc, SubnetIds=[subnet]
        )
    table = client.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    client.create_route(
        RouteTableId=table,
        DestinationCidrBlock="10.9.0.0/16",
        TransitGatewayId=gateway,
    )

    (found,) = client.describe_route_tables(RouteTableIds=[table])["RouteTables"]

    states = [route["State"] for route in found["Routes"]]
    assert states == ["active", "active" if attached else "blackhole"]


def nics_of(client: Any, arn: str) -> list[Any]:
    """Return the interfaces of a load balancer, by their description."""
    description = f"ELB {arn.partition(':loadbalancer/')[2]}"
    found = client.describe_network_interfaces(**where("description", description))
    return list(found["NetworkInterfaces"])


def test_a_network_load_balancer_has_an_interface_in_each_subnet(
    lab: Any, client: Any
) -> None:
    """They have its security groups, if it has any, and are deleted with it."""
    vpc, first, second = two_subnets(client)
    group, other = (
        client.create_security_group(GroupName=name, Description="-", VpcId=vpc)
        for name in ("group", "other")
    )
    balancers = lab.ec2.service_client("elbv2")
    made = balancers.create_load_balancer(
        Name="n",
        Type="network",
        Subnets=[first, second],
        SecurityGroups=[group["GroupId"]],
    )
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]

    nics = nics_of(client, arn)
    assert {nic["SubnetId"] for nic in nics} == {first, second}
    assert {nic["InterfaceType"] for nic in nics} == {"network_load_balancer"}
    assert [nic["Groups"][0]["GroupId"] for nic in nics] == [group["GroupId"]] * 2
    balancers.set_security_groups(
        LoadBalancerArn=arn, SecurityGroups=[other["GroupId"]]
    )
    changed = nics_of(client, arn)
    assert [nic["Groups"][0]["GroupId"] for nic in changed] == [other["GroupId"]] * 2
    assert {nic["NetworkInterfaceId"] for nic in changed} == {
        nic["NetworkInterfaceId"] for nic in nics
    }
    balancers.delete_load_balancer(LoadBalancerArn=arn)
    assert nics_of(client, arn) == []


def test_a_load_balancer_without_groups_has_interfaces_without_groups(
    lab: Any, client: Any
) -> None:
    """It accepts everything."""
    (nic,) = nics_of(client, lab.balancer())

    assert nic["Groups"] == []


def test_a_packet_that_the_network_acl_denies_is_not_mirrored(net: Any) -> None:
    """It does not get to the source; AWS's own services are not subject to it."""
    net.mirror({})
    subnet = net.interface(net.source)["SubnetId"]
    (acl,) = net.client.describe_network_acls(**where("association.subnet-id", subnet))[
        "NetworkAcls"
    ]
    net.client.create_network_acl_entry(
        NetworkAclId=acl["NetworkAclId"],
        RuleNumber=50,
        Protocol="6",
        PortRange={"From": 22, "To": 23},
        RuleAction="deny",
        Egress=False,
        CidrBlock="198.51.100.0/24",
    )

    denied = net.passage(net.in_(TCP(dport=22)))

    assert (denied.passed, denied.copy) == (False, None)
    assert denied.reason == "its network ACL denies the packet"
    assert net.mirrored(net.in_(TCP(dport=24)))
    assert net.mirrored(net.in_(UDP(dport=22)))
    assert net.mirrored(net.in_(TCP(dport=22), "198.51.101.1"))
    assert net.mirrored(net.in_(TCP(dport=24), CLIENT))


@pytest.mark.parametrize(
    ("kind", "mirrored"),
    [("t3.micro", True), ("t2.micro", False), ("m8g.large", False)],
)
def test_instances_of_some_types_are_not_mirrored(
    net: Any, kind: str, mirrored: bool
) -> None:
    """EC2 accepts their sessions, which mirror nothing."""
    net.mirror({})
    instance = net.interface(net.source)["Attachment"]["InstanceId"]
    net.client.stop_instances(InstanceIds=[instance])
    net.client.modify_instance_attribute(
        InstanceId=instance, InstanceType={"Value": kind}
    )
    net.client.start_instances(InstanceIds=[instance])

    assert net.mirrored(net.in_(TCP())) is mirrored


def test_a_router_mirrors_the_packets_of_others(net: Any) -> None:
    """Packets of an address pass the interface that they are routed to, in its VPC."""
    net.mirror({})
    packet = IP(src=CLIENT, dst="172.16.0.9") / TCP()
    with pytest.raises(ValueError, match=r"no network interface has .* 172\.16\.0\.9"):
        net.ec2.send(packet)

    net.ec2.route("172.16.0.9", net.source)

    assert net.mirrored(packet)
    with pytest.raises(ValueError, match="no network interface in vpc-other"):
        net.ec2.send(packet, "vpc-other")
    with pytest.raises(KeyError):
        net.ec2.route("172.16.0.9", "eni-0123456789abcdef0")
