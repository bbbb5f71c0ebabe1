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


@pytest.mark.parametrize(
    ("destination", "kind"),
    [
        ({"NetworkLoadBalancerArn": ARN}, "network-load-balancer"),
        ({"GatewayLoadBalancerEndpointId": ENDPOINT}, "gateway-load-balancer-endpoint"),
    ],
)
def test_target_shows_its_destination_only(
    client: Any, destination: dict[str, str], kind: str
) -> None:
    """A target shows the destination it has, and no key for the others."""
    made = client.create_traffic_mirror_target(**destination)["TrafficMirrorTarget"]
    target_id = made.pop("TrafficMirrorTargetId")
    assert re.fullmatch(r"tmt-[0-9a-f]{17}", target_id)
    assert made == {
        **destination,
        "Type": kind,
        "OwnerId": "123456789012",
        "Tags": [],
    }


def test_interface_target_shows_everything_it_has(lab: Any, client: Any) -> None:
    """A target on an interface comes back with interface, text and tags."""
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
    """The target object itself may be made before its appliance runs."""
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
        (
            {"NetworkLoadBalancerArn": ARN, "Description": "x" * 256},
            "InvalidParameterValue",
        ),
    ],
)
def test_bad_destination_is_refused(
    lab: Any, client: Any, asked: dict[str, str], code: str
) -> None:
    """A target needs exactly one destination, well formed; ENIs must exist."""
    with lab.refused(code):
        client.create_traffic_mirror_target(**asked)
    assert client.describe_traffic_mirror_targets()["TrafficMirrorTargets"] == []


def test_second_target_on_one_interface_is_refused(lab: Any) -> None:
    """An interface carries one target, and the error names it."""
    nic = lab.nic()
    first = lab.target(nic)
    with lab.refused("InvalidNetworkInterface.InUse", nic, first):
        lab.target(nic)


def test_target_on_a_source_is_refused(lab: Any) -> None:
    """An interface that is mirrored can't become a target."""
    session = lab.session()
    with lab.refused(
        "InvalidNetworkInterface.InUse", session["TrafficMirrorSessionId"]
    ):
        lab.target(session["NetworkInterfaceId"])


def test_used_target_cannot_be_deleted(lab: Any, client: Any) -> None:
    """A target in use stays, and the error names the sessions that hold it."""
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
    """The quota of targets is kept exactly."""
    ec2.quotas.targets = 2
    lab.target()
    lab.balancer_target()
    with lab.refused("TrafficMirrorTargetLimitExceeded"):
        lab.balancer_target()
    assert len(client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]) == 2
