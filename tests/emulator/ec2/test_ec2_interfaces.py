"""Interfaces of instances that start and end, and of AWS services."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.ec2 import Lag


def state_of(client: Any, instance: str) -> str:
    """Return the state that DescribeInstances shows."""
    found = client.describe_instances(InstanceIds=[instance])
    return str(found["Reservations"][0]["Instances"][0]["State"]["Name"])


def interface_ids(client: Any) -> list[str]:
    """Return the ids of all interfaces."""
    found = client.describe_network_interfaces()["NetworkInterfaces"]
    return [each["NetworkInterfaceId"] for each in found]


def test_an_instance_can_be_kept_pending(ec2: Any, lab: Any, client: Any) -> None:
    """Two requests of DescribeInstances show it pending; it can't be a target."""
    (instance,) = lab.instances()
    target = lab.target(instance["NetworkInterfaces"][0]["NetworkInterfaceId"])
    ec2.keep_pending(instance["InstanceId"], requests=2)
    with lab.refused("InvalidTrafficMirrorTarget", target):
        lab.session(TrafficMirrorTargetId=target)
    seen = [state_of(client, instance["InstanceId"]) for _ in range(3)]
    assert seen == ["pending", "pending", "running"]
    assert lab.session(TrafficMirrorTargetId=target)


def test_an_instance_can_start_by_the_clock(ec2: Any, lab: Any, client: Any) -> None:
    """With start_lag, a new or started instance is pending for that many seconds."""
    now = [0.0]
    ec2.settings.clock = lambda: now[0]
    ec2.settings.start_lag = Lag(seconds=5)
    (instance,) = lab.instances()
    instance_id = instance["InstanceId"]
    target = lab.target(instance["NetworkInterfaces"][0]["NetworkInterfaceId"])
    for start in (0, 10):
        now[0] = start + 4.9
        assert state_of(client, instance_id) == "pending"
        now[0] = start + 5
        assert lab.session(TrafficMirrorTargetId=target, SessionNumber=start + 1)
        assert state_of(client, instance_id) == "running"
        client.stop_instances(InstanceIds=[instance_id])
        now[0] = 10
        client.start_instances(InstanceIds=[instance_id])


def test_a_pending_instance_can_be_terminated(ec2: Any, lab: Any, client: Any) -> None:
    """It doesn't run later."""
    (instance,) = lab.instances()
    ec2.keep_pending(instance["InstanceId"], requests=1)
    client.terminate_instances(InstanceIds=[instance["InstanceId"]])
    seen = [state_of(client, instance["InstanceId"]) for _ in range(2)]
    assert seen == ["terminated"] * 2
    with pytest.raises(KeyError):
        ec2.keep_pending("i-0123456789abcdef0", requests=1)


def test_termination_takes_interfaces_and_sources_sessions(
    lab: Any, client: Any
) -> None:
    """As a source its sessions go, as a target nothing; neither needs a setting."""
    (source,), (target,) = lab.instances(), lab.instances()
    nics = [i["NetworkInterfaces"][0]["NetworkInterfaceId"] for i in (source, target)]
    target_id = lab.target(nics[1])
    lab.session(NetworkInterfaceId=nics[0], TrafficMirrorTargetId=target_id)
    left = lab.session(TrafficMirrorTargetId=target_id)["TrafficMirrorSessionId"]
    ids = [source["InstanceId"], target["InstanceId"]]
    client.terminate_instances(InstanceIds=ids)
    assert lab.session_ids() == [left]
    (shown,) = client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]
    assert shown["TrafficMirrorTargetId"] == target_id
    assert not set(nics) & set(interface_ids(client))


def test_an_interface_that_existed_before_outlives_its_instance(
    lab: Any, client: Any
) -> None:
    """Only interfaces that RunInstances creates are deleted by default."""
    nic = lab.detached_nic()
    subnet = client.describe_subnets()["Subnets"][0]["SubnetId"]
    (instance,) = client.run_instances(
        ImageId="ami-12345678",
        MinCount=1,
        MaxCount=1,
        NetworkInterfaces=[
            {"DeviceIndex": 0, "NetworkInterfaceId": nic},
            {"DeviceIndex": 1, "SubnetId": subnet},
        ],
    )["Instances"]
    client.terminate_instances(InstanceIds=[instance["InstanceId"]])
    assert interface_ids(client) == [nic]
    (shown,) = client.describe_network_interfaces()["NetworkInterfaces"]
    assert shown["Status"] == "available"
    with lab.refused("IncorrectState"):
        lab.session(NetworkInterfaceId=nic)


SERVICES = [
    # The requester, the type of the interface, and whether AWS mirrors it.
    ("amazon-rds", "interface", True),
    ("amazon-elasticache", "interface", True),
    ("amazon-elb", "interface", False),
    ("amazon-elb", "network_load_balancer", False),
    ("amazon-elb", "gateway_load_balancer_endpoint", False),
    ("amazon-aws", "nat_gateway", False),
    ("AROAINVENTEDFORLAMBDA:probe", "lambda", False),
]


@pytest.mark.parametrize(("requester", "kind", "mirrored"), SERVICES)
def test_interfaces_of_services(
    ec2: Any, lab: Any, client: Any, requester: str, kind: str, mirrored: bool
) -> None:
    """AWS mirrors those of RDS and ElastiCache; none can be a target."""
    nic = lab.detached_nic()
    ec2.give_to_service(nic, requester, kind)
    (shown,) = client.describe_network_interfaces(NetworkInterfaceIds=[nic])[
        "NetworkInterfaces"
    ]
    assert (shown["RequesterId"], shown["RequesterManaged"]) == (requester, True)
    assert (shown["InterfaceType"], shown["Status"]) == (kind, "in-use")
    assert "InstanceId" not in shown["Attachment"]
    if mirrored:
        assert lab.session(NetworkInterfaceId=nic)
    else:
        with lab.refused("UnsupportedOperation"):
            lab.session(NetworkInterfaceId=nic)
        with lab.refused("UnsupportedOperation"):
            lab.target(nic)
    assert lab.session()


def test_load_balancers_can_be_allowed(ec2: Any, lab: Any) -> None:
    """With the setting, interfaces of other services can be mirrored."""
    nic = lab.detached_nic()
    ec2.give_to_service(nic, "amazon-elb")
    with lab.refused("UnsupportedOperation", "amazon-elb"):
        lab.session(NetworkInterfaceId=nic)
    ec2.settings.source_requesters |= {"amazon-elb"}
    assert lab.session(NetworkInterfaceId=nic)
    with lab.refused("UnsupportedOperation", "amazon-elb"):
        lab.target(nic)


def test_only_a_detached_interface_can_be_a_services(ec2: Any, lab: Any) -> None:
    """An unknown or attached interface is an error of the test."""
    with pytest.raises(ValueError, match="attached already"):
        ec2.give_to_service(lab.nic(), "amazon-rds")
    with pytest.raises(KeyError):
        ec2.give_to_service("eni-0123456789abcdef0", "amazon-rds")


@pytest.mark.parametrize("kind", ["branch", "trunk", "efa", "efa-only"])
def test_other_types_are_refused(lab: Any, client: Any, kind: str) -> None:
    """Interfaces of other types are neither sources nor targets."""
    subnet = client.describe_subnets()["Subnets"][0]["SubnetId"]
    made = client.create_network_interface(SubnetId=subnet, InterfaceType=kind)
    nic = made["NetworkInterface"]["NetworkInterfaceId"]
    assert made["NetworkInterface"]["InterfaceType"] == kind
    with lab.refused("UnsupportedOperation", kind):
        lab.session(NetworkInterfaceId=nic)
    with lab.refused("UnsupportedOperation", kind):
        lab.target(nic)
