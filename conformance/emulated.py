"""
The behaviors in the emulator.

Owns: the network that the emulator needs for them. Must not know: the behaviors.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

from botocore.config import Config

from conformance.calls import Calls
from conformance.interruption import Interruption
from conformance.place import Instance, Place
from emulator.ec2 import Ec2Emulator

RUN_ID = "emulated-run"
_UNCHECKED = Config(parameter_validation=False)


def emulated_place(emulator: Ec2Emulator, client: Any = None) -> Place:
    """Return a place with everything that behaviors may need, in an emulator."""
    client = client or emulator.client()
    machines = EmulatedMachines(emulator, client)
    source, target = machines.run_instance(), machines.run_instance()
    return Place(
        client=client,
        unchecked=emulator.client(config=_UNCHECKED),
        source=source.nic,
        target=target.nic,
        subnet=machines.subnet,
        balancer=machines.create_balancer(),
        endpoint=machines.create_endpoint(),
        machines=machines,
    )


def as_in_an_account(place: Place, account: Place) -> Place:
    """Return the emulated place with only what the account's place offers."""
    return replace(
        place,
        balancer=place.balancer if account.balancer else None,
        endpoint=place.endpoint if account.endpoint else None,
        machines=None,
    )


def emulated_calls(place: Place) -> Calls:
    """Return calls to the emulator, which need no pauses."""
    return Calls(place.client, RUN_ID, Interruption(), wait=lambda _: None)


class EmulatedMachines:
    """Instances, other identities and what an AWS service manages."""

    def __init__(self, emulator: Ec2Emulator, client: Any) -> None:
        self._emulator = emulator
        self._client = client
        self._numbers = count(1)
        subnet = client.describe_subnets()["Subnets"][0]
        self.subnet: str = subnet["SubnetId"]
        self._vpc: str = subnet["VpcId"]

    def run_instance(self, instance_type: str = "t3.micro") -> Instance:
        """Run an instance."""
        instance = self._client.run_instances(
            ImageId="ami-12c6146b",
            InstanceType=instance_type,
            MinCount=1,
            MaxCount=1,
            SubnetId=self.subnet,
        )["Instances"][0]
        nic = instance["NetworkInterfaces"][0]["NetworkInterfaceId"]
        return Instance(instance["InstanceId"], nic)

    def stop(self, instance: Instance) -> None:
        """Stop an instance."""
        self._client.stop_instances(InstanceIds=[instance.id])

    def terminate(self, instance: Instance) -> None:
        """Terminate an instance, which deletes its network interface."""
        self._client.terminate_instances(InstanceIds=[instance.id])

    def service_interface(self, requester: str, kind: str = "interface") -> str:
        """Return a network interface of a kind that an AWS service manages."""
        created = self._client.create_network_interface(SubnetId=self.subnet)
        nic = str(created["NetworkInterface"]["NetworkInterfaceId"])
        self._emulator.give_to_service(nic, requester, kind)
        return nic

    def client_allowed(self, action: str) -> Any:
        """Return a client of an identity that is allowed one IAM action."""
        key = f"AKIACONFORMANCE{next(self._numbers):05}"
        statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self._emulator.restrict(key, policy)
        return self._emulator.client(aws_access_key_id=key)

    def create_balancer(self) -> str:
        """Create a network load balancer; return its ARN."""
        created = self._emulator.service_client("elbv2").create_load_balancer(
            Name="conformance", Type="network", Subnets=[self.subnet]
        )
        return str(created["LoadBalancers"][0]["LoadBalancerArn"])

    def create_endpoint(self) -> str:
        """Create a Gateway Load Balancer endpoint; return its id."""
        created = self._client.create_vpc_endpoint(
            VpcEndpointType="GatewayLoadBalancer",
            VpcId=self._vpc,
            ServiceName="com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0",
        )
        return str(created["VpcEndpoint"]["VpcEndpointId"])
