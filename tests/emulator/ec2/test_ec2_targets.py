"""What the emulator allows for traffic mirror targets."""

from __future__ import annotations

import re
from typing import Any

import pytest

ARN = (
    "arn:aws:elasticloadbalancing:us-east-1:123456789012"
    ":loadbalancer/net/probe/0123456789abcdef"
)
ENDPOINT = "vpce-0123456789abcdef0"


def test_target_shows_its_destination_only(lab: Any, client: Any) -> None:
    """A response has only the member of the target's own destination."""
    for kind, destination in {
        "network-load-balancer": {"NetworkLoadBalancerArn": lab.balancer()},
        "gateway-load-balancer-endpoint": {
            "GatewayLoadBalancerEndpointId": lab.endpoint()
        },
    }.items():
        made = client.create_traffic_mirror_target(**destination)
        shown = made["TrafficMirrorTarget"]
        assert re.fullmatch(r"tmt-[0-9a-f]{17}", shown.pop("TrafficMirrorTargetId"))
        owner = "123456789012"
        assert shown == {**destination, "Type": kind, "OwnerId": owner, "Tags": []}


def test_interface_target_shows_everything_it_has(lab: Any, client: Any) -> None:
    """The response of a target shows interface, description and tags."""
    nic, tags = lab.nic(), [{"Key": "Name", "Value": ""}]
    made = client.create_traffic_mirror_target(
        NetworkInterfaceId=nic,
        Description="probe",
        TagSpecifications=[{"ResourceType": "traffic-mirror-target", "Tags": tags}],
    )["TrafficMirrorTarget"]
    found = client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]
    assert found == [made]
    del made["TrafficMirrorTargetId"]
    assert made == {
        "NetworkInterfaceId": nic,
        "Type": "network-interface",
        "Description": "probe",
        "OwnerId": "123456789012",
        "Tags": tags,
    }


def test_target_may_stand_on_a_detached_interface(lab: Any) -> None:
    """A target can be created before its instance runs."""
    assert lab.target(lab.detached_nic()).startswith("tmt-")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({}, "InvalidParameterCombination"),
        (
            {"NetworkLoadBalancerArn": ARN, "GatewayLoadBalancerEndpointId": ENDPOINT},
            "InvalidParameterCombination",
        ),
        (
            {"NetworkInterfaceId": "eni-0123456789abcdef0"},
            "InvalidNetworkInterfaceID.NotFound",
        ),
        ({"NetworkInterfaceId": "eni-xyz"}, "InvalidNetworkInterfaceId.Malformed"),
        ({"NetworkInterfaceId": ""}, "InvalidNetworkInterfaceId.Malformed"),
        (
            {"NetworkLoadBalancerArn": ARN.replace("/net/", "/app/")},
            "InvalidNetworkLoadBalancerArn.Malformed",
        ),
        (
            {"GatewayLoadBalancerEndpointId": "vpc-0123456789abcdef0"},
            "InvalidVpcEndpointId.Malformed",
        ),
        ({"NetworkLoadBalancerArn": ARN}, "InvalidNetworkLoadBalancerArn.NotFound"),
        ({"GatewayLoadBalancerEndpointId": ENDPOINT}, "InvalidVpcEndpointId.NotFound"),
    ],
)
def test_bad_destination_is_refused(
    lab: Any, client: Any, asked: dict[str, str], code: str
) -> None:
    """A target needs exactly one well-formed destination, which must exist."""
    with lab.refused(code):
        client.create_traffic_mirror_target(**asked)
    assert client.describe_traffic_mirror_targets()["TrafficMirrorTargets"] == []


def test_long_description_is_refused(lab: Any) -> None:
    """A description has at most 255 characters."""
    with lab.refused("InvalidParameterValue", "Description"):
        lab.target(Description="x" * 256)


def test_destination_of_another_kind_is_refused(lab: Any, client: Any) -> None:
    """Load balancers and endpoints of other types are NotFound for mirroring."""
    gateway = lab.balancer(Type="gateway", Name="gateway")
    assert ":loadbalancer/gwy/gateway/" in gateway
    with lab.refused("InvalidNetworkLoadBalancerArn.Malformed"):
        client.create_traffic_mirror_target(NetworkLoadBalancerArn=gateway)
    interface = lab.endpoint("Interface")
    with lab.refused("InvalidVpcEndpointId.NotFound"):
        client.create_traffic_mirror_target(GatewayLoadBalancerEndpointId=interface)


def test_destinations_can_be_given_the_ids_that_a_request_asks_for(
    ec2: Any, lab: Any, client: Any
) -> None:
    """They are found by their new ids only."""
    balancer, endpoint = lab.balancer(), lab.endpoint()

    ec2.rename_load_balancer(balancer, ARN)
    ec2.rename_endpoint(endpoint, ENDPOINT)

    client.create_traffic_mirror_target(NetworkLoadBalancerArn=ARN)
    client.create_traffic_mirror_target(GatewayLoadBalancerEndpointId=ENDPOINT)
    found = client.describe_vpc_endpoints()["VpcEndpoints"]
    assert [each["VpcEndpointId"] for each in found] == [ENDPOINT]
    with lab.refused("InvalidNetworkLoadBalancerArn.NotFound"):
        client.create_traffic_mirror_target(NetworkLoadBalancerArn=balancer)
    with pytest.raises(KeyError):
        ec2.rename_load_balancer(balancer, ARN)
    with pytest.raises(KeyError):
        ec2.rename_endpoint(endpoint, ENDPOINT)


def test_destinations_are_looked_up_in_their_region(ec2: Any, lab: Any) -> None:
    """A load balancer can't be a target in another region."""
    elsewhere = ec2.client(region_name="eu-west-1")
    with lab.refused("InvalidNetworkLoadBalancerArn.NotFound"):
        elsewhere.create_traffic_mirror_target(NetworkLoadBalancerArn=lab.balancer())


def test_second_target_on_one_destination_is_refused(lab: Any, client: Any) -> None:
    """A load balancer or endpoint can have one target; the error names it."""
    for destination in (
        {"NetworkLoadBalancerArn": lab.balancer()},
        {"GatewayLoadBalancerEndpointId": lab.endpoint()},
    ):
        made = client.create_traffic_mirror_target(**destination)
        first = made["TrafficMirrorTarget"]["TrafficMirrorTargetId"]
        with lab.refused("InvalidParameterValue", first):
            client.create_traffic_mirror_target(**destination)
        client.delete_traffic_mirror_target(TrafficMirrorTargetId=first)
        client.create_traffic_mirror_target(**destination)


def test_session_needs_its_targets_destination(ec2: Any, lab: Any, client: Any) -> None:
    """A target whose load balancer or endpoint was deleted gets no new session."""
    balancer, endpoint = lab.balancer(), lab.endpoint()
    targets = [
        client.create_traffic_mirror_target(**destination)
        for destination in (
            {"NetworkLoadBalancerArn": balancer},
            {"GatewayLoadBalancerEndpointId": endpoint},
        )
    ]
    ids = [made["TrafficMirrorTarget"]["TrafficMirrorTargetId"] for made in targets]
    for target in ids:
        lab.session(TrafficMirrorTargetId=target)
    ec2.service_client("elbv2").delete_load_balancer(LoadBalancerArn=balancer)
    client.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    for target in ids:
        with lab.refused("InvalidTrafficMirrorTarget", target):
            lab.session(TrafficMirrorTargetId=target)
    assert len(lab.session_ids()) == 2


def test_balancer_with_a_listener(ec2: Any, lab: Any) -> None:
    """A network load balancer and its UDP listener have the ARNs of AWS."""
    balancers, arn = ec2.service_client("elbv2"), lab.balancer(Name="mirrored")
    assert ":loadbalancer/net/mirrored/" in arn
    group = balancers.create_target_group(
        Name="sensors",
        Protocol="UDP",
        Port=4789,
        VpcId=lab.client.describe_vpcs()["Vpcs"][0]["VpcId"],
    )["TargetGroups"][0]["TargetGroupArn"]
    balancers.create_listener(
        LoadBalancerArn=arn,
        Protocol="UDP",
        Port=4789,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )
    (shown,) = balancers.describe_load_balancers(LoadBalancerArns=[arn])[
        "LoadBalancers"
    ]
    (listener,) = balancers.describe_listeners(LoadBalancerArn=arn)["Listeners"]
    assert (shown["LoadBalancerArn"], shown["Type"]) == (arn, "network")
    assert (listener["Protocol"], listener["Port"]) == ("UDP", 4789)
    assert listener["LoadBalancerArn"] == arn
    with lab.refused("LoadBalancerNotFound"):
        balancers.describe_load_balancers(LoadBalancerArns=[arn + "0"])


def test_second_target_on_one_interface_is_refused(lab: Any) -> None:
    """An interface can have one target; the error names it."""
    nic = lab.nic()
    first = lab.target(nic)
    with lab.refused("InvalidNetworkInterface.InUse", nic, first):
        lab.target(nic)


def test_target_on_a_source_is_refused(lab: Any) -> None:
    """A mirrored interface can't become a target."""
    session = lab.session()
    with lab.refused(
        "InvalidNetworkInterface.InUse", session["TrafficMirrorSessionId"]
    ):
        lab.target(session["NetworkInterfaceId"])


def test_used_target_cannot_be_deleted(lab: Any, client: Any) -> None:
    """A target in use is not deleted; the error names the sessions."""
    session = lab.session()
    target = session["TrafficMirrorTargetId"]
    with lab.refused(
        "TrafficMirrorTargetInUse", target, session["TrafficMirrorSessionId"]
    ):
        client.delete_traffic_mirror_target(TrafficMirrorTargetId=target)
    client.delete_traffic_mirror_session(
        TrafficMirrorSessionId=session["TrafficMirrorSessionId"]
    )
    deleted = client.delete_traffic_mirror_target(TrafficMirrorTargetId=target)
    assert deleted["TrafficMirrorTargetId"] == target
    assert client.describe_traffic_mirror_targets()["TrafficMirrorTargets"] == []


def test_account_holds_a_limited_number_of_targets(
    ec2: Any, lab: Any, client: Any
) -> None:
    """The quota of targets is exact."""
    ec2.settings.quotas.targets = 2
    lab.target()
    lab.balancer_target()
    with lab.refused("TrafficMirrorTargetLimitExceeded"):
        lab.balancer_target()
    assert len(client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]) == 2


def test_second_targets_can_be_allowed(ec2: Any, lab: Any, client: Any) -> None:
    """With the setting, every kind of destination can have several targets."""
    nic = lab.nic()
    with lab.refused("InvalidNetworkInterface.InUse", lab.target(nic)):
        lab.target(nic)
    ec2.settings.second_targets = True
    assert lab.target(nic)
    for destination in (
        {"NetworkLoadBalancerArn": lab.balancer()},
        {"GatewayLoadBalancerEndpointId": lab.endpoint()},
    ):
        for _ in range(2):
            client.create_traffic_mirror_target(**destination)
    assert len(client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]) == 6
    with lab.refused("InvalidNetworkInterface.InUse", nic):
        lab.session(NetworkInterfaceId=nic)


def test_targets_on_one_interface_share_its_quota(ec2: Any, lab: Any) -> None:
    """Sources of all targets on an interface count together, each once."""
    ec2.settings.second_targets = True
    ec2.settings.quotas.sources_per_target = 1
    nic, source = lab.nic(), lab.nic()
    first, second = lab.target(nic), lab.target(nic)
    lab.session(TrafficMirrorTargetId=first, NetworkInterfaceId=source)
    with lab.refused("TrafficMirrorSourcesPerTargetLimitExceeded", "(2)"):
        lab.session(TrafficMirrorTargetId=second)
    lab.session(
        TrafficMirrorTargetId=second, NetworkInterfaceId=source, SessionNumber=2
    )


@pytest.mark.parametrize(("type_", "limit"), [("c5.9xlarge", 1), ("c5.18xlarge", 2)])
def test_largest_instances_take_more_sources(
    ec2: Any, lab: Any, client: Any, type_: str, limit: int
) -> None:
    """The quota of a target depends on the type of its instance."""
    quotas = ec2.settings.quotas
    assert (quotas.sources_per_target, quotas.sources_per_large_target) == (10, 100)
    quotas.sources_per_target, quotas.sources_per_large_target = 1, 2
    (instance,) = client.run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, InstanceType=type_
    )["Instances"]
    target = lab.target(instance["NetworkInterfaces"][0]["NetworkInterfaceId"])
    for _ in range(limit):
        lab.session(TrafficMirrorTargetId=target)
    with lab.refused(
        "TrafficMirrorSourcesPerTargetLimitExceeded", f"reached ({limit + 1})"
    ):
        lab.session(TrafficMirrorTargetId=target)


def test_messages_of_a_target_in_use(lab: Any, client: Any) -> None:
    """The message names the target and its sessions, in AWS's words."""
    session = lab.session()
    target = session["TrafficMirrorTargetId"]
    text = f"Cannot delete {target}. Target is in use by "
    with lab.refused(
        "TrafficMirrorTargetInUse", text + session["TrafficMirrorSessionId"]
    ):
        client.delete_traffic_mirror_target(TrafficMirrorTargetId=target)
