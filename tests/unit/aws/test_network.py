"""Look-ups around a mirror, on fake responses of EC2 and Elastic Load Balancing."""

from types import SimpleNamespace

import pytest

from traffic_mirroring.aws.network import Ec2Network
from traffic_mirroring.topology import AllowedSources, Instance, InstanceType, Nic

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/a/0"


class FakeClient:
    """Answers each operation with the same pages, and keeps the parameters."""

    def __init__(self, **pages):
        self.asked = []
        self._pages = pages

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
        "PrivateIpAddress": "10.0.0.1",
        "Groups": [{"GroupId": "sg-1"}],
        "Attachment": {"Status": "attached"},
        **fields,
    }


def test_nics_are_found_by_id():
    """A detached NIC is told from an attached one."""
    ec2, client = network(
        describe_network_interfaces=[
            {"NetworkInterfaces": [nic_item("eni-1")]},
            {"NetworkInterfaces": [nic_item("eni-2", Attachment={})]},
        ]
    )

    assert ec2.find_nics(["eni-2", "eni-1", "eni-2"]) == {
        "eni-1": Nic("eni-1", True, "vpc-1", "10.0.0.1", frozenset({"sg-1"})),
        "eni-2": Nic("eni-2", False, "vpc-1", "10.0.0.1", frozenset({"sg-1"})),
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


def test_instance_types_are_asked_for_in_hundreds():
    """DescribeInstanceTypes takes at most 100 names; bare metal has no hypervisor."""
    metal = {"InstanceType": "m5.metal", "BareMetal": True}
    ec2, client = network(describe_instance_types=[{"InstanceTypes": [metal]}])

    found = ec2.find_types(f"t{n}" for n in range(101))

    assert found == {"m5.metal": InstanceType("m5.metal", "", True)}
    assert [len(each["InstanceTypes"]) for _, each in client.asked] == [100, 1]


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


def test_only_active_peerings_join_two_vpcs():
    """The pair has no direction."""

    def peering(accepter, status):
        return {
            "RequesterVpcInfo": {"VpcId": "vpc-1"},
            "AccepterVpcInfo": {"VpcId": accepter},
            "Status": {"Code": status},
        }

    items = [peering("vpc-2", "active"), peering("vpc-3", "pending-acceptance")]
    ec2, _ = network(
        describe_vpc_peering_connections=[{"VpcPeeringConnections": items}]
    )

    assert ec2.find_peerings(["vpc-1"]) == {frozenset({"vpc-1", "vpc-2"})}


def test_listeners_for_udp_are_found():
    """Those for TCP alone drop mirrored packets."""
    listeners = [
        {"Protocol": protocol, "Port": port}
        for port, protocol in enumerate(("UDP", "TCP_UDP", "TCP"), 1)
    ]
    ec2, client = network(describe_listeners=[{"Listeners": listeners}])

    assert ec2.find_listeners([ARN]) == {ARN: {1, 2}}
    assert client.asked == [("describe_listeners", {"LoadBalancerArn": ARN})]


def test_without_ids_nothing_is_asked():
    """EC2 would answer a look-up without filters with everything it has."""
    ec2, client = network()

    assert not ec2.find_nics([])
    assert not ec2.find_attached([])
    assert not ec2.find_types([])
    assert not ec2.find_allowed_sources([])
    assert not ec2.find_prefix_lists([])
    assert not ec2.find_peerings([])
    assert not ec2.find_listeners([])
    assert client.asked == []
