"""Look-ups around a mirror, on fake responses of EC2 and Elastic Load Balancing."""

from types import SimpleNamespace

import pytest

from tests.unit.aws.fake_ec2 import refused
from traffic_mirroring.aws.network import Ec2Network
from traffic_mirroring.errors import Ec2Failed
from traffic_mirroring.topology import (
    AclEntry,
    AllowedSources,
    Instance,
    NetworkAcl,
    Nic,
    Peering,
    Route,
    RouteTable,
)

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/a/0"
GROUP_ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/g/0"


class FakeClient:
    """Answers each operation with the same pages, and keeps the parameters."""

    def __init__(self, **pages):
        self.asked = []
        self._pages = pages

    def describe_target_health(self, **parameters):
        self.asked.append(("describe_target_health", parameters))
        (page,) = self._pages["describe_target_health"]
        return page

    def get_paginator(self, operation):
        def paginate(**parameters):
            del parameters["PaginationConfig"]
            self.asked.append((operation, parameters))
            return self._pages[operation]

        return SimpleNamespace(paginate=paginate)


def network(**pages):
    """Return the look-ups, on clients that answer with these pages."""
    client = FakeClient(**pages)
    return Ec2Network(SimpleNamespace(ec2=client, load_balancing=client)), client


def filtered(name, *values):
    """Return the parameters of a call with one filter."""
    return {"Filters": [{"Name": name, "Values": list(values)}]}


def nic_item(nic_id, **fields):
    """Return a NIC as EC2 describes it."""
    return {
        "NetworkInterfaceId": nic_id,
        "VpcId": "vpc-1",
        "SubnetId": "subnet-1",
        "OwnerId": "123456789012",
        "PrivateIpAddress": "10.0.0.1",
        "Groups": [{"GroupId": "sg-1"}],
        "Attachment": {"Status": "attached"},
        **fields,
    }


def nic(nic_id, attached=True):
    """Return the NIC that is read from such an item."""
    groups = frozenset({"sg-1"})
    return Nic(
        nic_id, attached, "vpc-1", "subnet-1", "10.0.0.1", groups, "123456789012"
    )


def test_nics_are_found_by_id():
    """A detached NIC is told from an attached one."""
    ec2, client = network(
        describe_network_interfaces=[
            {"NetworkInterfaces": [nic_item("eni-1")]},
            {"NetworkInterfaces": [nic_item("eni-2", Attachment={})]},
        ]
    )

    assert ec2.find_nics(["eni-2", "eni-1", "eni-2"]) == {
        "eni-1": nic("eni-1"),
        "eni-2": nic("eni-2", attached=False),
    }
    assert client.asked == [
        (
            "describe_network_interfaces",
            filtered("network-interface-id", "eni-1", "eni-2"),
        )
    ]


def test_instances_are_found_by_their_nics():
    """All NICs of the instance come along."""
    instance = {
        "InstanceId": "i-1",
        "InstanceType": "m5.large",
        "State": {"Name": "running"},
        "NetworkInterfaces": [nic_item("eni-1"), nic_item("eni-2")],
    }
    ec2, client = network(
        describe_instances=[{"Reservations": [{"Instances": [instance]}]}]
    )

    found = ec2.find_attached(["eni-1"])

    assert set(found) == {"eni-1", "eni-2"}
    assert found["eni-1"][1] == Instance("i-1", "m5.large", "running")
    assert client.asked == [
        (
            "describe_instances",
            filtered("network-interface.network-interface-id", "eni-1"),
        )
    ]


def test_a_load_balancers_nics_are_found_by_their_description():
    """The description has the end of the ARN; there is a NIC in each subnet."""
    named = {"Description": "ELB net/a/0"}
    items = [nic_item("eni-1", **named), nic_item("eni-2", **named, Groups=[])]
    ec2, client = network(describe_network_interfaces=[{"NetworkInterfaces": items}])

    found = ec2.find_balancer_nics([ARN])

    assert [each.id for each in found[ARN]] == ["eni-1", "eni-2"]
    assert found[ARN][1].group_ids == frozenset()
    assert client.asked == [
        ("describe_network_interfaces", filtered("description", "ELB net/a/0"))
    ]


@pytest.mark.parametrize(
    ("rule", "allows"),
    [
        ({"IpProtocol": "-1"}, True),
        ({"IpProtocol": "udp", "FromPort": 4789, "ToPort": 4789}, True),
        ({"IpProtocol": "17", "FromPort": 0, "ToPort": 65535}, True),
        ({"IpProtocol": "udp", "FromPort": -1, "ToPort": -1}, True),
        ({"IpProtocol": "udp", "FromPort": 4790, "ToPort": 65535}, False),
        ({"IpProtocol": "udp", "FromPort": 0, "ToPort": 4788}, False),
        ({"IpProtocol": "tcp", "FromPort": 4789, "ToPort": 4789}, False),
    ],
)
def test_rules_for_udp_4789_allow_mirrored_packets(rule, allows):
    """Sources are CIDRs, security groups and prefix lists."""
    sources = {
        "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
        "UserIdGroupPairs": [{"GroupId": "sg-2"}],
        "PrefixListIds": [{"PrefixListId": "pl-1"}],
    }
    group = {"GroupId": "sg-1", "IpPermissions": [{**rule, **sources}]}
    ec2, _ = network(describe_security_groups=[{"SecurityGroups": [group]}])

    found = ec2.find_allowed_sources(["sg-1"])

    everyone = AllowedSources(
        frozenset({"10.0.0.0/8"}), frozenset({"sg-2"}), frozenset({"pl-1"})
    )
    assert found == {"sg-1": everyone if allows else AllowedSources()}


def test_prefix_lists_are_read_one_by_one():
    """GetManagedPrefixListEntries takes one list."""
    entries = [{"Cidr": "10.0.0.0/8"}, {"Cidr": "172.16.0.0/12"}]
    ec2, client = network(get_managed_prefix_list_entries=[{"Entries": entries}])

    found = ec2.find_prefix_lists(["pl-2", "pl-1"])

    assert found["pl-1"] == {"10.0.0.0/8", "172.16.0.0/12"}
    assert [each["PrefixListId"] for _, each in client.asked] == ["pl-1", "pl-2"]


def acl_item(*entries, subnets=("subnet-1",)):
    """Return a network ACL as EC2 describes it, with inbound entries for all IPv4."""
    basis = {
        "Egress": False,
        "Protocol": "-1",
        "RuleAction": "allow",
        "RuleNumber": 100,
        "CidrBlock": "0.0.0.0/0",
    }
    return {
        "NetworkAclId": "acl-1",
        "Entries": [{**basis, **each} for each in entries],
        "Associations": [{"SubnetId": each} for each in subnets],
    }


@pytest.mark.parametrize(
    ("entry", "matters"),
    [
        ({}, True),
        ({"Protocol": "17"}, True),
        ({"Protocol": "17", "PortRange": {"From": 4789, "To": 4789}}, True),
        ({"Protocol": "17", "PortRange": {"From": 0, "To": 4788}}, False),
        ({"Protocol": "6"}, False),
        ({"Egress": True}, False),
        ({"CidrBlock": None, "Ipv6CidrBlock": "::/0"}, False),
    ],
)
def test_inbound_entries_for_udp_4789_are_read_from_network_acls(entry, matters):
    """Entries for IPv6, other ports and protocols, and outbound ones don't matter."""
    item = acl_item(entry)
    for each in item["Entries"]:
        if each["CidrBlock"] is None:
            del each["CidrBlock"]
    ec2, _ = network(describe_network_acls=[{"NetworkAcls": [item]}])

    entries = ec2.find_acls(["subnet-1"])["subnet-1"].entries

    assert entries == ((AclEntry(100, "0.0.0.0/0", True),) if matters else ())


def test_network_acls_are_found_by_their_subnets():
    """One may serve several."""
    item = acl_item({"RuleAction": "deny"}, subnets=["subnet-1", "subnet-2"])
    ec2, client = network(describe_network_acls=[{"NetworkAcls": [item]}])

    found = ec2.find_acls(["subnet-2", "subnet-1"])

    acl = NetworkAcl("acl-1", (AclEntry(100, "0.0.0.0/0", False),))
    assert found == {"subnet-1": acl, "subnet-2": acl}
    asked = filtered("association.subnet-id", "subnet-1", "subnet-2")
    assert client.asked == [("describe_network_acls", asked)]


def test_route_tables_are_read_with_all_kinds_of_routes():
    """IPv6 routes don't matter; without a state, a route is active."""
    item = {
        "RouteTableId": "rtb-1",
        "VpcId": "vpc-1",
        "Associations": [{"Main": True}, {"Main": False, "SubnetId": "subnet-1"}],
        "Routes": [
            {"DestinationCidrBlock": "10.0.0.0/16", "GatewayId": "local"},
            {
                "DestinationPrefixListId": "pl-1",
                "VpcPeeringConnectionId": "pcx-1",
                "State": "active",
            },
            {
                "DestinationCidrBlock": "10.9.0.0/16",
                "TransitGatewayId": "tgw-1",
                "State": "blackhole",
            },
            {"DestinationCidrBlock": "0.0.0.0/0", "State": "blackhole"},
            {"DestinationIpv6CidrBlock": "::/0", "GatewayId": "igw-1"},
        ],
    }
    ec2, client = network(describe_route_tables=[{"RouteTables": [item]}])

    (table,) = ec2.find_route_tables(["vpc-1"])

    assert table == RouteTable(
        "rtb-1",
        "vpc-1",
        True,
        frozenset({"subnet-1"}),
        (
            Route("10.0.0.0/16", "local"),
            Route("pl-1", "pcx-1"),
            Route("10.9.0.0/16", "tgw-1", active=False),
            Route("0.0.0.0/0", "nothing", active=False),
        ),
    )
    assert client.asked == [("describe_route_tables", filtered("vpc-id", "vpc-1"))]


def test_peerings_are_active_or_not():
    """The pair of VPCs has no direction."""

    def peering(peering_id, accepter, status):
        return {
            "VpcPeeringConnectionId": peering_id,
            "RequesterVpcInfo": {"VpcId": "vpc-1"},
            "AccepterVpcInfo": {"VpcId": accepter},
            "Status": {"Code": status},
        }

    items = [
        peering("pcx-1", "vpc-2", "active"),
        peering("pcx-2", "vpc-3", "pending-acceptance"),
    ]
    ec2, client = network(
        describe_vpc_peering_connections=[{"VpcPeeringConnections": items}]
    )

    assert ec2.find_peerings(["vpc-1"]) == {
        "pcx-1": Peering(frozenset({"vpc-1", "vpc-2"}), active=True),
        "pcx-2": Peering(frozenset({"vpc-1", "vpc-3"}), active=False),
    }
    assert client.asked == [
        (
            "describe_vpc_peering_connections",
            filtered(f"{side}-vpc-info.vpc-id", "vpc-1"),
        )
        for side in ("requester", "accepter")
    ]


def test_transit_gateways_have_the_vpcs_that_are_attached():
    """An attachment counts once it is available."""
    items = [
        {"TransitGatewayId": "tgw-1", "VpcId": "vpc-1", "State": "available"},
        {"TransitGatewayId": "tgw-1", "VpcId": "vpc-2", "State": "available"},
        {"TransitGatewayId": "tgw-2", "VpcId": "vpc-2", "State": "pending"},
    ]
    ec2, _ = network(
        describe_transit_gateway_vpc_attachments=[
            {"TransitGatewayVpcAttachments": items}
        ]
    )

    assert ec2.find_transit_gateways(["vpc-1", "vpc-2"]) == {
        "tgw-1": {"vpc-1", "vpc-2"},
        "tgw-2": frozenset(),
    }


FORWARD = {"Type": "forward", "TargetGroupArn": GROUP_ARN}
WEIGHTED = {
    "Type": "forward",
    "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": GROUP_ARN}]},
}


@pytest.mark.parametrize(
    ("listener", "groups"),
    [
        ({"Protocol": "UDP", "DefaultActions": [FORWARD]}, {GROUP_ARN}),
        ({"Protocol": "TCP_UDP", "DefaultActions": [WEIGHTED]}, {GROUP_ARN}),
        ({"Protocol": "UDP", "DefaultActions": []}, set()),
        ({"Protocol": "TCP", "DefaultActions": [FORWARD]}, None),
        ({"Protocol": "UDP", "Port": 4790, "DefaultActions": [FORWARD]}, None),
    ],
)
def test_listeners_for_udp_4789_are_found_with_their_target_groups(listener, groups):
    """Those for TCP alone, and for other ports, drop mirrored packets."""
    listeners = [{"Port": 4789, **listener}]
    ec2, client = network(describe_listeners=[{"Listeners": listeners}])

    assert ec2.find_listeners([ARN]).get(ARN) == groups
    assert client.asked == [("describe_listeners", {"LoadBalancerArn": ARN})]


@pytest.mark.parametrize(
    ("states", "healthy"),
    [([], False), (["unhealthy", "healthy"], True), (["initial", "unused"], False)],
)
def test_a_target_group_is_healthy_with_one_healthy_target(states, healthy):
    """A target that is starting, or not in use, receives nothing yet."""
    targets = [{"TargetHealth": {"State": state}} for state in states]
    ec2, client = network(
        describe_target_health=[{"TargetHealthDescriptions": targets}]
    )

    assert ec2.find_healthy([GROUP_ARN]) == {GROUP_ARN: healthy}
    assert client.asked == [("describe_target_health", {"TargetGroupArn": GROUP_ARN})]


def test_without_ids_nothing_is_asked():
    """EC2 would answer a look-up without filters with everything it has."""
    ec2, client = network()

    for look_up in (
        ec2.find_nics,
        ec2.find_attached,
        ec2.find_balancer_nics,
        ec2.find_allowed_sources,
        ec2.find_acls,
        ec2.find_prefix_lists,
        ec2.find_route_tables,
        ec2.find_peerings,
        ec2.find_transit_gateways,
        ec2.find_listeners,
        ec2.find_healthy,
    ):
        assert not look_up([])
    assert client.asked == []


LOOK_UPS = {
    "find_nics": (
        "describe_network_interfaces",
        "NetworkInterfaces",
        "network-interface-id",
    ),
    "find_attached": (
        "describe_instances",
        "Reservations",
        "network-interface.network-interface-id",
    ),
    "find_allowed_sources": ("describe_security_groups", "SecurityGroups", "group-id"),
    "find_acls": ("describe_network_acls", "NetworkAcls", "association.subnet-id"),
    "find_route_tables": ("describe_route_tables", "RouteTables", "vpc-id"),
    "find_transit_gateways": (
        "describe_transit_gateway_vpc_attachments",
        "TransitGatewayVpcAttachments",
        "vpc-id",
    ),
}


@pytest.mark.parametrize(("method", "call"), LOOK_UPS.items(), ids=LOOK_UPS)
def test_a_look_up_asks_ec2_for_these_ids_only(method, call):
    """By the filter that EC2 documents, each id once; without ids nothing is asked."""
    operation, result_key, filter_name = call
    ec2, client = network(**{operation: [{result_key: []}]})

    assert not getattr(ec2, method)([])
    assert client.asked == []
    assert not getattr(ec2, method)(["b", "a", "b"])

    assert client.asked == [(operation, filtered(filter_name, "a", "b"))]


def failing(error):
    """Return look-ups whose clients fail."""

    def fail(*_, **__):
        raise error

    def paginate(**_):
        yield fail()

    client = SimpleNamespace(
        get_paginator=lambda _: SimpleNamespace(paginate=paginate),
        describe_target_health=fail,
    )
    return Ec2Network(SimpleNamespace(ec2=client, load_balancing=client))


@pytest.mark.parametrize(
    ("method", "ids", "action"),
    [
        ("find_nics", ["eni-1"], "Looking up network interfaces"),
        ("find_route_tables", ["vpc-1"], "Looking up route tables"),
        (
            "find_prefix_lists",
            ["pl-1"],
            "Looking up managed prefix list entries",
        ),
        ("find_listeners", [ARN], f"Looking up the listeners of {ARN}"),
        ("find_healthy", [GROUP_ARN], f"Looking up the health of {GROUP_ARN}"),
    ],
)
def test_an_error_says_what_was_looked_up(method, ids, action):
    """With AWS's code."""
    look_up = getattr(failing(refused("Unsupported")), method)

    with pytest.raises(Ec2Failed, match=f"^{action}: Unsupported: no"):
        look_up(ids)
