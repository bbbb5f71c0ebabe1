"""
The emulator under test, and a small network to mirror in.

One emulator per test module, emptied before each test: another folder's tests
may want one of their own, and a process can have only one at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.ec2 import Ec2Emulator
from tests.emulator.ec2.aws_account import AwsAccount
from tests.emulator.ec2.nets import Net

IMAGE = "ami-12345678"
ANYWHERE = "0.0.0.0/0"
KEY = "AKIARESTRICTED000000"
_numbers = count(1)


class Lab:
    """Creates resources for a test, with defaults for everything."""

    def __init__(self, ec2: Ec2Emulator, client: Any) -> None:
        self.ec2 = ec2
        self.client = client

    def instances(self, count: int = 1) -> list[Any]:
        """Run instances with one network interface each."""
        return self.client.run_instances(
            ImageId=IMAGE, MinCount=count, MaxCount=count, InstanceType="t3.nano"
        )["Instances"]

    def nics(self, count: int) -> list[str]:
        """Return attached network interfaces of running instances."""
        return [
            instance["NetworkInterfaces"][0]["NetworkInterfaceId"]
            for instance in self.instances(count)
        ]

    def nic(self) -> str:
        """Return one attached network interface."""
        return self.nics(1)[0]

    def detached_nic(self) -> str:
        """Return a network interface that is not attached."""
        subnet = self.client.describe_subnets()["Subnets"][0]["SubnetId"]
        made = self.client.create_network_interface(SubnetId=subnet)
        return made["NetworkInterface"]["NetworkInterfaceId"]

    def target(self, nic: str | None = None, **more: Any) -> str:
        """Create a target on this interface, or on a new one."""
        made = self.client.create_traffic_mirror_target(
            NetworkInterfaceId=nic or self.nic(), **more
        )
        return made["TrafficMirrorTarget"]["TrafficMirrorTargetId"]

    def balancer(self, **more: Any) -> str:
        """Create a network load balancer; return its ARN."""
        subnet = self.client.describe_subnets()["Subnets"][0]["SubnetId"]
        asked = {"Name": f"probe-{next(_numbers)}", "Type": "network", **more}
        balancers = self.ec2.service_client("elbv2")
        made = balancers.create_load_balancer(Subnets=[subnet], **asked)
        return made["LoadBalancers"][0]["LoadBalancerArn"]

    def endpoint(self, kind: str = "GatewayLoadBalancer") -> str:
        """Create a VPC endpoint; return its id."""
        subnet = self.client.describe_subnets()["Subnets"][0]
        made = self.client.create_vpc_endpoint(
            VpcEndpointType=kind,
            SubnetIds=[subnet["SubnetId"]],
            VpcId=subnet["VpcId"],
            ServiceName="com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
        )
        return made["VpcEndpoint"]["VpcEndpointId"]

    def balancer_target(self) -> str:
        """Create a target on a new network load balancer."""
        made = self.client.create_traffic_mirror_target(
            NetworkLoadBalancerArn=self.balancer()
        )
        return made["TrafficMirrorTarget"]["TrafficMirrorTargetId"]

    def filter(self, **more: Any) -> str:
        """Create a filter."""
        made = self.client.create_traffic_mirror_filter(**more)
        return made["TrafficMirrorFilter"]["TrafficMirrorFilterId"]

    def rule(self, filter_id: str, **more: Any) -> dict[str, Any]:
        """Create a rule, by default one that accepts all incoming IPv4."""
        asked = {
            "TrafficDirection": "ingress",
            "RuleNumber": 1,
            "RuleAction": "accept",
            "SourceCidrBlock": ANYWHERE,
            "DestinationCidrBlock": ANYWHERE,
            **more,
        }
        made = self.client.create_traffic_mirror_filter_rule(
            TrafficMirrorFilterId=filter_id, **asked
        )
        return made["TrafficMirrorFilterRule"]

    def session(self, **more: Any) -> dict[str, Any]:
        """Create a session, with new resources by default."""
        asked = {"SessionNumber": 1, **more}
        if "NetworkInterfaceId" not in asked:
            asked["NetworkInterfaceId"] = self.nic()
        if "TrafficMirrorTargetId" not in asked:
            asked["TrafficMirrorTargetId"] = self.target()
        if "TrafficMirrorFilterId" not in asked:
            asked["TrafficMirrorFilterId"] = self.filter()
        made = self.client.create_traffic_mirror_session(**asked)
        return made["TrafficMirrorSession"]

    def session_ids(self) -> list[str]:
        """Return the ids of all sessions."""
        found = self.client.describe_traffic_mirror_sessions()
        return [s["TrafficMirrorSessionId"] for s in found["TrafficMirrorSessions"]]

    @contextmanager
    def refused(self, code: str, *words: str) -> Iterator[None]:
        """Expect an error with this code, and these texts in its message."""
        with pytest.raises(ClientError) as caught:
            yield
        error = caught.value.response["Error"]
        assert error["Code"] == code, error
        for word in words:
            assert word in error["Message"]


@pytest.fixture(scope="module")
def running() -> Iterator[Ec2Emulator]:
    """Run one emulator for a module."""
    with Ec2Emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def module_client(running: Ec2Emulator) -> Any:
    """Return a boto3 client for a module, because making one is slow."""
    return running.client()


@pytest.fixture
def ec2(running: Ec2Emulator) -> Ec2Emulator:
    """Return the emulator after a reset."""
    running.reset()
    return running


@pytest.fixture
def client(ec2: Ec2Emulator, module_client: Any) -> Any:  # noqa: ARG001  # empties it
    """Return a boto3 client of the emulator after a reset."""
    return module_client


@pytest.fixture
def lab(ec2: Ec2Emulator, client: Any) -> Lab:
    """Return a lab in the emulator after a reset."""
    return Lab(ec2, client)


@pytest.fixture
def net(lab: Lab) -> Net:
    """Return a small network in the emulator after a reset."""
    return Net(lab)


@pytest.fixture(scope="module")
def module_restricted(running: Any) -> Any:
    """Return a client for a module, whose key tests restrict."""
    return running.client(aws_access_key_id=KEY)


@pytest.fixture
def restricted(ec2: Any, module_restricted: Any) -> Any:  # noqa: ARG001  # empties it
    """Return the client with the key that a test restricts."""
    return module_restricted


@pytest.fixture
def existing(lab: Lab) -> dict[str, str]:
    """Create a resource of each kind; return their ids."""
    session = lab.session()
    rule = lab.rule(session["TrafficMirrorFilterId"])
    lists = lab.client.create_managed_prefix_list(
        PrefixListName="sources", MaxEntries=1, AddressFamily="IPv4"
    )
    return {
        "source": session["NetworkInterfaceId"],
        "target": session["TrafficMirrorTargetId"],
        "filter": session["TrafficMirrorFilterId"],
        "session": session["TrafficMirrorSessionId"],
        "rule": rule["TrafficMirrorFilterRuleId"],
        "nic": lab.nic(),
        "endpoint": lab.endpoint(),
        "balancer": lab.balancer(),
        "list": lists["PrefixList"]["PrefixListId"],
    }


@pytest.fixture(scope="module")
def unchecked(running: Ec2Emulator) -> Any:
    """Return a client that leaves the check of parameters to EC2."""
    return running.client(config=Config(parameter_validation=False))


@pytest.fixture
def account(ec2: Ec2Emulator, client: Any, unchecked: Any) -> AwsAccount:
    """Return an account in the emulator after a reset."""
    return AwsAccount(ec2, client, unchecked)
