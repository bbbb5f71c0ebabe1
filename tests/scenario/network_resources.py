"""Changes what lies between NICs in EC2: network ACLs, routes and connections."""

from __future__ import annotations

VXLAN_PORTS = {"From": 4789, "To": 4789}


def create_subnet(world, vpc, cidr):
    """Create a subnet; return its id."""
    made = world.client.create_subnet(VpcId=vpc, CidrBlock=cidr)
    return made["Subnet"]["SubnetId"]


def create_acl(world, vpc, subnet, *entries):
    """
    Give a subnet a network ACL of its own; return its id.

    `entries` have a number, an action and a CIDR, for UDP 4789.
    """
    client = world.client
    acl = client.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    for number, action, cidr in entries:
        client.create_network_acl_entry(
            NetworkAclId=acl,
            RuleNumber=number,
            Protocol="17",
            RuleAction=action,
            Egress=False,
            CidrBlock=cidr,
            PortRange=VXLAN_PORTS,
        )
    by_subnet = [{"Name": "association.subnet-id", "Values": [subnet]}]
    (old,) = client.describe_network_acls(Filters=by_subnet)["NetworkAcls"]
    for association in old["Associations"]:
        if association["SubnetId"] == subnet:
            client.replace_network_acl_association(
                AssociationId=association["NetworkAclAssociationId"], NetworkAclId=acl
            )
    return acl


def main_table(world, vpc):
    """Return the id of a VPC's main route table."""
    filters = [
        {"Name": "vpc-id", "Values": [vpc]},
        {"Name": "association.main", "Values": ["true"]},
    ]
    (table,) = world.client.describe_route_tables(Filters=filters)["RouteTables"]
    return table["RouteTableId"]


def create_table(world, vpc, subnet):
    """Give a subnet a route table of its own; return its id."""
    made = world.client.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    world.client.associate_route_table(RouteTableId=made, SubnetId=subnet)
    return made


def peer(world, vpc, other, *, accepted=True):
    """Create a peering connection between two VPCs; return its id."""
    made = world.client.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=other)
    peering = made["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    if accepted:
        world.client.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
    return peering


def attach_to_gateway(world, *subnets):
    """Create a transit gateway, attached to subnets' VPCs; return its id."""
    client = world.client
    gateway = client.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    found = client.describe_subnets(SubnetIds=list(subnets))["Subnets"]
    for subnet in found:
        client.create_transit_gateway_vpc_attachment(
            TransitGatewayId=gateway,
            VpcId=subnet["VpcId"],
            SubnetIds=[subnet["SubnetId"]],
        )
    return gateway


def route(world, table, destination, hop):
    """Add a route to a CIDR or a prefix list, by the id of its next hop."""
    to_list = destination.startswith("pl-")
    key = "DestinationPrefixListId" if to_list else "DestinationCidrBlock"
    hops = {
        "pcx": "VpcPeeringConnectionId",
        "tgw": "TransitGatewayId",
        "igw": "GatewayId",
        "eni": "NetworkInterfaceId",
    }
    name = hops[hop.partition("-")[0]]
    world.client.create_route(RouteTableId=table, **{key: destination, name: hop})


def create_internet_gateway(world, vpc):
    """Create an internet gateway and attach it to a VPC; return its id."""
    made = world.client.create_internet_gateway()["InternetGateway"]
    gateway = made["InternetGatewayId"]
    world.client.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    return gateway
