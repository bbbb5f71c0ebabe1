"""
A whole CloudShell with AWS behind it, on this machine: what tests and the demo use.

It serves the shell of this checkout, adds one cloud provider resource, and deploys
Apps: a sandbox for CloudShell, instances with network interfaces for EC2. Or it starts
without a shell, for somebody to install one.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from emulator.cloudshell import (
    App,
    CloudShellServer,
    Nic,
    Reservation,
    Resource,
    StoredResource,
    free_address,
)
from emulator.ec2 import Ec2Emulator
from emulator.execution import ExecutionServer, Shell, load_shell

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import InstanceTypeDef

ROOT = Path(__file__).resolve().parent.parent
RESOURCE = "AWS"

ACCESS_KEY = "AKIAINVENTEDFORTHELAB"

# Invented; they reach the driver as CloudShell stores them, encrypted.
_KEYS = {
    "AWS Access Key ID": ACCESS_KEY,
    "AWS Secret Access Key": "invented-for-the-lab",
}


class Lab:
    """
    EC2, CloudShell and the execution server, with the shell in place.

    `client` is a boto3 EC2 client, for looking at what stands.

    `python` runs the driver; its environment must hold the driver's requirements. The
    addresses are loopback ones, and every lab has its own.

    Without a `driver_folder` there is no shell and no resource. Of a shell that is then
    installed, `python` makes the driver's virtual environment; its packages come from
    pip's index, or from the folder `packages` alone.
    """

    def __init__(
        self,
        *,
        python: str | Path = sys.executable,
        driver_folder: Path | None = ROOT / "src",
        packages: Path | None = None,
    ) -> None:
        self.ec2 = Ec2Emulator()
        self._python = python
        self._driver_folder = driver_folder
        self._packages = packages

    def __enter__(self) -> Lab:
        self.ec2.start()
        self._folder = tempfile.TemporaryDirectory(prefix="traffic-mirroring-lab-")
        self.client = self.ec2.client()
        shell = self._checkout_shell()
        self.execution = ExecutionServer(
            shell,
            python=self._python,
            environment={
                "AWS_ENDPOINT_URL": self.ec2.endpoint_url,
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            },
            log_path=Path(self._folder.name),
            packages=self._packages,
        )
        self.cloudshell = CloudShellServer(free_address(), self.execution)
        self.cloudshell.start()
        if shell:
            self.add_provider(shell)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cloudshell.stop()
        self.ec2.stop()
        self._folder.cleanup()

    def add_provider(self, shell: Shell) -> StoredResource:
        """Add the cloud provider resource, of a shell that is installed."""
        attributes = {"Region": self.ec2.region, **_KEYS}
        return self.cloudshell.add_resource(
            Resource(name=RESOURCE, shell=shell, attributes=attributes)
        )

    def deploy(
        self,
        name: str,
        apps: Mapping[str, str | None],
        client: EC2Client | None = None,
    ) -> Reservation:
        """
        Start a sandbox with these Apps, by name; a NIC gets the id given for it.

        They stand in the account and region of the client, if one is given.
        """
        network = _Network(client or self.client)
        deployed = [self._deploy(app, nic_id, network) for app, nic_id in apps.items()]
        return self.cloudshell.add_reservation(Reservation(name, apps=deployed))

    def _checkout_shell(self) -> Shell | None:
        if self._driver_folder is None:
            return None
        definition = ROOT / "shell-definition.yaml"
        return load_shell(definition, driver_folder=self._driver_folder)

    def _deploy(self, app: str, nic_id: str | None, network: _Network) -> App:
        instance = network.run_instance()
        interface = instance["NetworkInterfaces"][0]
        given = interface["NetworkInterfaceId"]
        if nic_id:
            self.ec2.rename_interface(given, nic_id)
        address = interface["PrivateIpAddress"]
        nic = Nic(nic_id or given, network.subnet, address, primary=True)
        return App(app, instance["InstanceId"], [nic])


class _Network:
    """A subnet, and a security group that lets in mirrored packets and clients."""

    def __init__(self, client: EC2Client) -> None:
        self._client = client
        vpc = client.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = client.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/20")["Subnet"]
        self.subnet = subnet["SubnetId"]
        self.group = client.create_security_group(
            GroupName="sandbox", Description="The sandbox's Apps", VpcId=vpc
        )["GroupId"]
        client.authorize_security_group_ingress(
            GroupId=self.group,
            IpProtocol="udp",
            FromPort=4789,
            ToPort=4789,
            CidrIp="10.0.0.0/16",
        )
        client.authorize_security_group_ingress(
            GroupId=self.group, IpProtocol="-1", CidrIp="192.168.0.0/16"
        )

    def run_instance(self) -> InstanceTypeDef:
        """Run an instance of a type whose traffic can be mirrored."""
        return self._client.run_instances(
            ImageId="ami-12c6146b",
            InstanceType="t3.micro",
            MinCount=1,
            MaxCount=1,
            SubnetId=self.subnet,
            SecurityGroupIds=[self.group],
        )["Instances"][0]
