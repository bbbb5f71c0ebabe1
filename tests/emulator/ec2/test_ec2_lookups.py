"""moto's Describe operations that the product uses are as strict as AWS's."""

from __future__ import annotations

from typing import Any

import pytest


def where(name: str, *values: str) -> dict[str, Any]:
    """Return a filter."""
    return {"Filters": [{"Name": name, "Values": list(values)}]}


def interface_ids(answer: dict[str, Any]) -> list[str]:
    """Return the ids of described interfaces."""
    return [each["NetworkInterfaceId"] for each in answer["NetworkInterfaces"]]


def instances_of(answer: dict[str, Any]) -> list[str]:
    """Return the ids of described instances."""
    return sorted(
        instance["InstanceId"]
        for reservation in answer["Reservations"]
        for instance in reservation["Instances"]
    )


DESCRIBES = [
    "describe_network_interfaces",
    "describe_instances",
    "describe_instance_types",
    "describe_security_groups",
    "describe_vpc_peering_connections",
    "describe_managed_prefix_lists",
    "describe_vpcs",
    "describe_subnets",
    "describe_vpc_endpoints",
    "describe_route_tables",
    "describe_network_acls",
    "describe_transit_gateway_vpc_attachments",
]


@pytest.mark.parametrize("operation", DESCRIBES)
def test_filters_are_checked(lab: Any, operation: str) -> None:
    """Unknown names, no values, and more than 200 values are rejected."""
    describe = getattr(lab.client, operation)
    name = "vpc-id" if "prefix" not in operation else "prefix-list-id"
    name = {
        "describe_instance_types": "instance-type",
        "describe_vpc_peering_connections": "status-code",
    }.get(operation, name)
    many = [f"x-{number}" for number in range(200)]
    describe(**where(name, *many))
    with lab.refused("FilterLimitExceeded", "200"):
        describe(**where(name, *many, "y"))
    two = [{"Name": name, "Values": many}, {"Name": "tag:a", "Values": ["b"]}]
    with lab.refused("FilterLimitExceeded"):
        describe(Filters=two)
    with lab.refused("InvalidParameterValue", name):
        describe(**where(name))
    with lab.refused("InvalidParameterValue", "colour"):
        describe(**where("colour", "red"))


def test_dry_runs_of_any_operation(lab: Any) -> None:
    """A dry run changes nothing, even if moto doesn't support dry runs."""
    for call, asked in (
        (lab.client.create_vpc, {"CidrBlock": "10.0.0.0/16"}),
        (lab.client.describe_instance_types, {}),
        (lab.client.get_managed_prefix_list_entries, {"PrefixListId": "pl-1"}),
    ):
        with lab.refused("DryRunOperation"):
            call(DryRun=True, **asked)
    assert len(lab.client.describe_vpcs()["Vpcs"]) == 1


def test_interfaces_by_id(lab: Any, client: Any) -> None:
    """Unknown ids find nothing in a filter, and are rejected as a parameter."""
    one, two, _ = lab.nics(3)
    gone = "eni-0123456789abcdef0"
    found = client.describe_network_interfaces(
        **where("network-interface-id", one, two, gone)
    )
    assert sorted(interface_ids(found)) == sorted([one, two])
    with lab.refused("InvalidNetworkInterfaceID.NotFound", gone):
        client.describe_network_interfaces(NetworkInterfaceIds=[one, gone])
    with lab.refused("InvalidParameterCombination"):
        client.describe_network_interfaces(NetworkInterfaceIds=[one], MaxResults=5)


def test_instances_by_their_interfaces(lab: Any, client: Any) -> None:
    """An instance is found once by any of its interfaces, also with other filters."""
    first, second, third = lab.instances(3)
    spare = lab.detached_nic()
    client.attach_network_interface(
        NetworkInterfaceId=spare, InstanceId=first["InstanceId"], DeviceIndex=1
    )
    nics = [
        each["NetworkInterfaces"][0]["NetworkInterfaceId"] for each in (first, third)
    ]
    name = "network-interface.network-interface-id"
    both = sorted([first["InstanceId"], third["InstanceId"]])
    found = client.describe_instances(**where(name, *nics, spare, "eni-1"))
    assert instances_of(found) == both
    found = client.describe_instances(**where(name, spare))
    assert instances_of(found) == [first["InstanceId"]]
    assert len(instances_of(client.describe_instances(**where(name, "eni-*")))) == 3
    assert client.describe_instances(**where(name, "eni-1"))["Reservations"] == []
    client.stop_instances(InstanceIds=[first["InstanceId"]])
    running = where("instance-state-name", "running")["Filters"]
    for filters in (
        running + where(name, *nics)["Filters"],
        where(name, *nics)["Filters"] + running,
    ):
        found = client.describe_instances(Filters=filters)
        assert instances_of(found) == [third["InstanceId"]]
    with lab.refused("InvalidAction", name):
        client.describe_instances(
            InstanceIds=[second["InstanceId"]], **where(name, spare)
        )


def test_instances_in_pages(ec2: Any, lab: Any, client: Any) -> None:
    """MaxResults and page_size make pages; a request by ids has one page."""
    made = [each["InstanceId"] for _ in range(6) for each in lab.instances(1)]
    page = client.describe_instances(MaxResults=5)
    assert len(page["Reservations"]) == 5
    rest = client.describe_instances(MaxResults=5, NextToken=page["NextToken"])
    assert "NextToken" not in rest
    assert instances_of(page) + instances_of(rest) != []
    assert sorted(instances_of(page) + instances_of(rest)) == sorted(made)
    ec2.settings.page_size = 4
    assert len(client.describe_instances()["Reservations"]) == 4
    assert len(client.describe_instances(InstanceIds=made)["Reservations"]) == 6
    with lab.refused("InvalidParameterCombination"):
        client.describe_instances(InstanceIds=made, MaxResults=5)


def test_many_instances_at_once(lab: Any, client: Any) -> None:
    """Describe without MaxResults returns more instances than moto's page."""
    made = [instance for _ in range(101) for instance in lab.instances(1)]
    assert len(instances_of(client.describe_instances())) == 101
    nics = [each["NetworkInterfaces"][0]["NetworkInterfaceId"] for each in made]
    name = "network-interface.network-interface-id"
    found = client.describe_instances(**where(name, *nics))
    assert instances_of(found) == sorted(each["InstanceId"] for each in made)
    ids = [each["InstanceId"] for each in made]
    with lab.refused("InvalidAction", "100"):
        client.describe_instances(InstanceIds=ids)


@pytest.mark.parametrize(
    ("operation", "result"),
    [
        ("describe_network_interfaces", "NetworkInterfaces"),
        ("describe_instances", "Reservations"),
        ("describe_security_groups", "SecurityGroups"),
        ("describe_vpc_peering_connections", "VpcPeeringConnections"),
        ("describe_managed_prefix_lists", "PrefixLists"),
        ("describe_vpcs", "Vpcs"),
        ("describe_subnets", "Subnets"),
    ],
)
def test_the_knob_makes_pages(
    ec2: Any, lab: Any, client: Any, operation: str, result: str
) -> None:
    """boto3's paginator finds the same as one page, and tokens are checked."""
    for number in range(3):
        vpc = client.create_vpc(CidrBlock=f"10.{number}.0.0/16")["Vpc"]["VpcId"]
        client.create_security_group(GroupName="a", Description="b", VpcId=vpc)
        client.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=vpc)
        lab.instances(1)
    describe = getattr(client, operation)
    whole = describe()
    assert "NextToken" not in whole
    ec2.settings.page_size = 2
    pages = list(client.get_paginator(operation).paginate())
    assert [each for page in pages for each in page[result]] == whole[result]
    assert [len(page[result]) for page in pages[:-1]] == [2] * (len(pages) - 1)
    assert len(pages) > 1
    token = describe()["NextToken"]
    for wrong in ({"NextToken": "bogus"}, {"NextToken": token, **where("tag:a", "b")}):
        with lab.refused("InvalidNextToken"):
            describe(**wrong)
    with lab.refused("InvalidMaxResults"):
        describe(MaxResults=1001)


def test_instance_types(lab: Any, client: Any) -> None:
    """The hypervisors Nitro, Xen and none are shown; unknown types are rejected."""
    names = ["t3.nano", "t2.micro", "m5.metal"]
    found = client.describe_instance_types(InstanceTypes=names)["InstanceTypes"]
    shown = {
        each["InstanceType"]: (each.get("Hypervisor"), each["BareMetal"])
        for each in found
    }
    assert shown == {
        "t3.nano": ("nitro", False),
        "t2.micro": ("xen", False),
        "m5.metal": (None, True),
    }
    with lab.refused("InvalidInstanceType", "t9.bogus"):
        client.describe_instance_types(InstanceTypes=["t3.nano", "t9.bogus"])


def test_a_hundred_instance_types_at_once(lab: Any, client: Any) -> None:
    """A request can name a hundred types at most, and a page has a hundred."""
    page = client.describe_instance_types(**where("instance-type", "m5*", "m6*"))
    names = [each["InstanceType"] for each in page["InstanceTypes"]]
    assert len(names) == 100
    assert page["NextToken"]
    found = client.describe_instance_types(InstanceTypes=names)
    assert len(found["InstanceTypes"]) == 100
    with lab.refused("InvalidParameterValue", "100"):
        client.describe_instance_types(InstanceTypes=[*names, "m5.metal"])
    with lab.refused("InvalidMaxResults", "100"):
        client.describe_instance_types(MaxResults=101)


def test_security_groups_show_all_their_sources(lab: Any, client: Any) -> None:
    """CIDRs, other groups and prefix lists of all groups are shown."""
    vpc = client.describe_vpcs()["Vpcs"][0]["VpcId"]
    one, two, _ = (
        client.create_security_group(GroupName=name, Description=name, VpcId=vpc)
        for name in ("one", "two", "three")
    )
    mirrored = {
        "IpProtocol": "udp",
        "FromPort": 4789,
        "ToPort": 4789,
        "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
        "Ipv6Ranges": [{"CidrIpv6": "fd00::/8"}],
        "UserIdGroupPairs": [{"GroupId": two["GroupId"], "UserId": "123456789012"}],
        "PrefixListIds": [{"PrefixListId": prefix_list(client)}],
    }
    client.authorize_security_group_ingress(
        GroupId=one["GroupId"], IpPermissions=[mirrored]
    )
    ids = [one["GroupId"], two["GroupId"]]
    found = client.describe_security_groups(**where("group-id", *ids))
    groups = {each["GroupId"]: each for each in found["SecurityGroups"]}
    assert sorted(groups) == sorted(ids)
    assert groups[one["GroupId"]]["IpPermissions"] == [mirrored]
    assert groups[two["GroupId"]]["IpPermissions"] == []
    with lab.refused("InvalidGroup.NotFound"):
        client.describe_security_groups(GroupIds=["sg-0123456789abcdef0"])


def test_peerings_are_filtered(lab: Any, client: Any) -> None:
    """Peerings are found by each end and by state; all filters must match."""
    ours = client.describe_vpcs()["Vpcs"][0]["VpcId"]
    theirs = client.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ids = {}
    for name, (requester, accepter) in {
        "out": (ours, theirs),
        "in": (theirs, ours),
    }.items():
        made = client.create_vpc_peering_connection(
            VpcId=requester, PeerVpcId=accepter
        )["VpcPeeringConnection"]
        ids[made["VpcPeeringConnectionId"]] = name

    def found(**asked: Any) -> list[str]:
        answer = client.describe_vpc_peering_connections(**asked)
        peerings = answer["VpcPeeringConnections"]
        return sorted(ids[each["VpcPeeringConnectionId"]] for each in peerings)

    out = next(iter(ids))
    client.accept_vpc_peering_connection(VpcPeeringConnectionId=out)
    client.create_tags(Resources=[out], Tags=[{"Key": "a", "Value": "1"}])
    assert found() == ["in", "out"]
    assert found(**where("requester-vpc-info.vpc-id", ours)) == ["out"]
    assert found(**where("accepter-vpc-info.vpc-id", ours)) == ["in"]
    assert found(**where("accepter-vpc-info.vpc-id", ours, theirs)) == ["in", "out"]
    assert found(**where("requester-vpc-info.owner-id", "123456789012")) == [
        "in",
        "out",
    ]
    assert found(**where("status-code", "active")) == ["out"]
    assert found(**where("status-code", "pending-acceptance")) == ["in"]
    assert found(**where("tag:a", "1")) == ["out"]
    assert found(VpcPeeringConnectionIds=[out]) == ["out"]
    active_in = (
        where("status-code", "active")["Filters"]
        + where("accepter-vpc-info.vpc-id", ours)["Filters"]
    )
    assert found(Filters=active_in) == []
    with lab.refused("InvalidVpcPeeringConnectionID.NotFound"):
        found(VpcPeeringConnectionIds=[out, "pcx-0123456789abcdef0"])
    with lab.refused("InvalidParameterValue", "expiration-time"):
        found(**where("expiration-time", "x"))


def prefix_list(client: Any, entries: int = 3) -> str:
    """Create a managed prefix list; return its id."""
    made = client.create_managed_prefix_list(
        PrefixListName="sources",
        MaxEntries=entries,
        AddressFamily="IPv4",
        Entries=[
            {"Cidr": f"10.{number // 256}.{number % 256}.0/24"}
            for number in range(entries)
        ],
    )
    return made["PrefixList"]["PrefixListId"]


def test_prefix_lists(lab: Any, client: Any) -> None:
    """Lists are found by name and id; all operations reject unknown ids."""
    made, gone = prefix_list(client), "pl-0123456789abcdef0"
    for asked in (where("prefix-list-name", "sources"), {"PrefixListIds": [made]}):
        (found,) = client.describe_managed_prefix_lists(**asked)["PrefixLists"]
        assert found["PrefixListId"] == made
    none = client.describe_managed_prefix_lists(**where("prefix-list-id", gone))
    assert none["PrefixLists"] == []
    with lab.refused("InvalidPrefixListID.NotFound", gone):
        client.describe_managed_prefix_lists(PrefixListIds=[made, gone])
    with lab.refused("InvalidPrefixListID.NotFound", gone):
        client.get_managed_prefix_list_entries(PrefixListId=gone)
    entries = client.get_managed_prefix_list_entries(PrefixListId=made)["Entries"]
    blocks = ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]
    assert [entry["Cidr"] for entry in entries] == blocks


def test_entries_come_in_hundreds(ec2: Any, lab: Any, client: Any) -> None:
    """The entries have pages of a hundred, or of MaxResults."""
    made = prefix_list(client, 250)
    paginator = client.get_paginator("get_managed_prefix_list_entries")

    def sizes(**asked: Any) -> list[int]:
        pages = paginator.paginate(PrefixListId=made, **asked)
        return [len(page["Entries"]) for page in pages]

    assert sizes() == [100, 100, 50]
    assert sizes(PaginationConfig={"PageSize": 90}) == [90, 90, 70]
    ec2.settings.page_size = 150
    assert sizes() == [150, 100]
    with lab.refused("InvalidMaxResults"):
        sizes(PaginationConfig={"PageSize": 101})


def test_look_ups_can_have_smaller_pages_than_max_results(ec2: Any, lab: Any) -> None:
    """As with mirroring resources."""
    nics = set(lab.nics(5))
    ec2.settings.page_limit = 2
    paginator = lab.client.get_paginator("describe_network_interfaces")
    pages = list(paginator.paginate(MaxResults=1000))
    found = [
        nic["NetworkInterfaceId"] for page in pages for nic in page["NetworkInterfaces"]
    ]
    assert nics <= set(found)
    assert all(len(page["NetworkInterfaces"]) <= 2 for page in pages)


def test_a_look_up_can_have_a_filter_without_values(ec2: Any, lab: Any) -> None:
    """If the setting accepts it, it finds nothing."""
    lab.nics(1)
    empty = [{"Name": "network-interface-id", "Values": []}]
    with lab.refused("InvalidParameterValue"):
        lab.client.describe_network_interfaces(Filters=empty)
    ec2.settings.empty_filters = True
    assert lab.client.describe_network_interfaces(Filters=empty) is not None
    found = lab.client.describe_network_interfaces(Filters=empty)
    assert found["NetworkInterfaces"] == []
