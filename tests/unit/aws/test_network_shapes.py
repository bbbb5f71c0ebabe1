"""How items of EC2's and the load balancers' responses are read."""

import pytest

from traffic_mirroring.aws import network_shapes as shapes
from traffic_mirroring.topology import (
    AclEntry,
    AllowedSources,
    Instance,
    Nic,
    Peering,
    Route,
)

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/a/0"


def nic_item(**fields):
    """Return a NIC as EC2 describes it, with these fields changed."""
    item = {
        "NetworkInterfaceId": "eni-1",
        "VpcId": "vpc-1",
        "SubnetId": "subnet-1",
        "OwnerId": "123456789012",
        "PrivateIpAddress": "10.0.0.1",
        "Groups": [{"GroupId": "sg-1"}, {"GroupId": "sg-2"}],
        "Attachment": {"Status": "attached"},
    }
    changed = {**item, **fields}
    return {key: value for key, value in changed.items() if value is not None}


def test_a_nic_is_read_with_all_its_fields():
    """Each decides about a check."""
    assert shapes.read_nic(nic_item()) == Nic(
        id="eni-1",
        attached=True,
        vpc_id="vpc-1",
        subnet_id="subnet-1",
        address="10.0.0.1",
        group_ids=frozenset({"sg-1", "sg-2"}),
        owner_id="123456789012",
    )


def test_a_nic_without_address_and_owner_is_read():
    """A NIC in an IPv6-only subnet has no IPv4 address."""
    nic = shapes.read_nic(nic_item(PrivateIpAddress=None, OwnerId=None))

    assert (nic.address, nic.owner_id) == ("", None)


@pytest.mark.parametrize(
    ("attachment", "attached"),
    [
        ({"Status": "attached"}, True),
        ({"Status": "attaching"}, True),
        ({"Status": "detaching"}, False),
        ({"Status": "detached"}, False),
        ({}, False),
        (None, False),
    ],
)
def test_a_nic_is_attached_by_its_attachments_status(attachment, attached):
    """An instance that starts attaches its NICs."""
    assert shapes.read_nic(nic_item(Attachment=attachment)).attached is attached


def test_an_instance_is_read():
    """Its type and its state decide."""
    item = {"InstanceId": "i-1", "InstanceType": "t3.a", "State": {"Name": "running"}}

    assert shapes.read_instance(item) == Instance("i-1", "t3.a", "running")


def test_the_nics_of_a_load_balancer_are_known_by_their_description():
    """AWS documents it."""
    assert shapes.nlb_nic_description(ARN) == "ELB net/a/0"


SOURCES = {
    "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
    "UserIdGroupPairs": [{"GroupId": "sg-9"}],
    "PrefixListIds": [{"PrefixListId": "pl-1"}],
}


@pytest.mark.parametrize(
    ("rule", "allows"),
    [
        ({"IpProtocol": "udp", "FromPort": 4789, "ToPort": 4789}, True),
        ({"IpProtocol": "17", "FromPort": 4789, "ToPort": 4789}, True),
        ({"IpProtocol": "-1"}, True),
        ({"IpProtocol": "-1", "FromPort": -1, "ToPort": -1}, True),
        ({"IpProtocol": "udp", "FromPort": -1, "ToPort": -1}, True),
        ({"IpProtocol": "udp", "FromPort": 0, "ToPort": 65535}, True),
        ({"IpProtocol": "udp", "FromPort": 4000, "ToPort": 4789}, True),
        ({"IpProtocol": "udp", "FromPort": 4789, "ToPort": 5000}, True),
        ({"IpProtocol": "udp", "FromPort": 4000, "ToPort": 4788}, False),
        ({"IpProtocol": "udp", "FromPort": 4790, "ToPort": 5000}, False),
        ({"IpProtocol": "tcp", "FromPort": 4789, "ToPort": 4789}, False),
        ({"IpProtocol": "6", "FromPort": 0, "ToPort": 65535}, False),
    ],
)
def test_a_rule_of_a_security_group_allows_udp_4789(rule, allows):
    """By protocol and ports."""
    found = shapes.read_allowed_sources({"IpPermissions": [{**rule, **SOURCES}]})

    assert found == (
        AllowedSources(
            frozenset({"10.0.0.0/8"}), frozenset({"sg-9"}), frozenset({"pl-1"})
        )
        if allows
        else AllowedSources()
    )


def test_the_sources_of_all_rules_are_joined():
    """A rule has only the kinds of sources that it allows."""
    rules = [{"IpProtocol": "-1", key: value} for key, value in SOURCES.items()]

    assert shapes.read_allowed_sources({"IpPermissions": rules}) == AllowedSources(
        frozenset({"10.0.0.0/8"}), frozenset({"sg-9"}), frozenset({"pl-1"})
    )


def acl_entry(**fields):
    """Return an entry of a network ACL as EC2 describes it."""
    item = {
        "RuleNumber": 100,
        "CidrBlock": "0.0.0.0/0",
        "RuleAction": "allow",
        "Protocol": "17",
        "PortRange": {"From": 4789, "To": 4789},
        "Egress": False,
    }
    changed = {**item, **fields}
    return {key: value for key, value in changed.items() if value is not None}


@pytest.mark.parametrize(
    ("fields", "is_read"),
    [
        ({}, True),
        ({"Protocol": "-1", "PortRange": None}, True),
        ({"Protocol": "-1", "PortRange": {"From": 1, "To": 2}}, True),
        ({"PortRange": None}, True),
        ({"PortRange": {"From": 4000, "To": 4789}}, True),
        ({"PortRange": {"From": 4789, "To": 5000}}, True),
        ({"PortRange": {"From": 4000, "To": 4788}}, False),
        ({"PortRange": {"From": 4790, "To": 5000}}, False),
        ({"Protocol": "6"}, False),
        ({"Egress": True}, False),
        ({"CidrBlock": None, "Ipv6CidrBlock": "::/0"}, False),
    ],
)
def test_the_inbound_entries_of_an_acl_for_udp_4789_are_read(fields, is_read):
    """Mirrored packets go over IPv4."""
    acl = shapes.read_acl({"NetworkAclId": "acl-1", "Entries": [acl_entry(**fields)]})

    assert acl.id == "acl-1"
    assert acl.entries == ((AclEntry(100, "0.0.0.0/0", True),) if is_read else ())


def test_an_acl_entry_that_denies_is_told_from_one_that_allows():
    """The lowest number decides."""
    entries = [acl_entry(RuleNumber=2, RuleAction="deny"), acl_entry(RuleNumber=1)]

    acl = shapes.read_acl({"NetworkAclId": "acl-1", "Entries": entries})

    assert acl.entries == (
        AclEntry(2, "0.0.0.0/0", False),
        AclEntry(1, "0.0.0.0/0", True),
    )


@pytest.mark.parametrize(
    ("associations", "is_main", "subnets"),
    [
        ([{"Main": True}], True, set()),
        ([{"Main": False, "SubnetId": "subnet-1"}], False, {"subnet-1"}),
        ([{"SubnetId": "subnet-1"}, {"Main": True}], True, {"subnet-1"}),
        ([{"GatewayId": "igw-1"}], False, set()),
        ([], False, set()),
    ],
)
def test_a_route_table_serves_subnets_or_is_the_main_one(
    associations, is_main, subnets
):
    """It can be both."""
    table = shapes.read_route_table(
        {
            "RouteTableId": "rtb-1",
            "VpcId": "vpc-1",
            "Associations": associations,
            "Routes": [],
        }
    )

    assert (table.id, table.vpc_id, table.routes) == ("rtb-1", "vpc-1", ())
    assert (table.is_main, table.subnet_ids) == (is_main, subnets)


@pytest.mark.parametrize(
    ("item", "route"),
    [
        (
            {"DestinationCidrBlock": "10.0.0.0/8", "GatewayId": "local"},
            Route("10.0.0.0/8", "local"),
        ),
        (
            {
                "DestinationPrefixListId": "pl-1",
                "TransitGatewayId": "tgw-1",
                "State": "active",
            },
            Route("pl-1", "tgw-1"),
        ),
        (
            {
                "DestinationCidrBlock": "10.0.0.0/8",
                "VpcPeeringConnectionId": "pcx-1",
                "State": "blackhole",
            },
            Route("10.0.0.0/8", "pcx-1", active=False),
        ),
        ({"DestinationCidrBlock": "10.0.0.0/8"}, Route("10.0.0.0/8", "nothing")),
        ({"DestinationIpv6CidrBlock": "::/0", "GatewayId": "local"}, None),
    ],
)
def test_a_route_is_read_by_its_destination_and_next_hop(item, route):
    """A route for IPv6 is left out; without a next hop, packets go nowhere."""
    table = shapes.read_route_table(
        {"RouteTableId": "r", "VpcId": "v", "Associations": [], "Routes": [item]}
    )

    assert table.routes == ((route,) if route else ())


@pytest.mark.parametrize(("code", "active"), [("active", True), ("deleted", False)])
def test_a_peering_connects_two_vpcs_if_it_is_active(code, active):
    """Whichever of the two requested it."""
    item = {
        "RequesterVpcInfo": {"VpcId": "vpc-1"},
        "AccepterVpcInfo": {"VpcId": "vpc-2"},
        "Status": {"Code": code},
    }

    assert shapes.read_peering(item) == Peering(frozenset({"vpc-1", "vpc-2"}), active)


@pytest.mark.parametrize(
    ("port", "protocol", "takes"),
    [
        (4789, "UDP", True),
        (4789, "TCP_UDP", True),
        (4789, "TCP", False),
        (4790, "UDP", False),
    ],
)
def test_a_listener_takes_udp_4789(port, protocol, takes):
    """By port and protocol."""
    assert shapes.forwards_vxlan({"Port": port, "Protocol": protocol}) is takes


@pytest.mark.parametrize(
    ("actions", "groups"),
    [
        ({}, set()),
        ({"DefaultActions": []}, set()),
        ({"DefaultActions": [{"Type": "forward"}]}, set()),
        ({"DefaultActions": [{"ForwardConfig": {}}]}, set()),
        (
            {
                "DefaultActions": [
                    {"TargetGroupArn": "one"},
                    {"ForwardConfig": {"TargetGroups": [{"TargetGroupArn": "two"}]}},
                ]
            },
            {"one", "two"},
        ),
    ],
)
def test_a_listener_forwards_to_target_groups(actions, groups):
    """To one, or to several by weight."""
    assert shapes.target_groups(actions) == groups
