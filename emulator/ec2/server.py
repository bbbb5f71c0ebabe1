"""
Ec2Emulator, the interface of the emulated EC2 for tests and the demo.

Owns: start, stop and reset, and access to all that a test can set or read.
Must not know: requests, replies, moto's state.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from threading import Lock
from typing import TYPE_CHECKING, Any

from emulator.ec2.calls import Call
from emulator.ec2.clients import make_client
from emulator.ec2.dispatcher import Dispatcher
from emulator.ec2.moto.application import Moto
from emulator.ec2.packets.decisions import Delivery
from emulator.ec2.settings import Lag, Settings
from emulator.faults import Fault
from emulator.http import HttpServer

if TYPE_CHECKING:
    from types import TracebackType

    from mypy_boto3_ec2.client import EC2Client

    from emulator.ec2.moto.deployment import DeployedInstance
    from emulator.ec2.packets.frames import IpPacket

DEFAULT_REGION = "us-east-1"
_one_per_process = Lock()


class Ec2Emulator:
    """
    EC2 on a loopback port, between start() and stop(), or in a `with` block.

    There can be one at a time, because moto's state belongs to the process. All regions
    are served; clients of another region than the default pass `region_name`.
    """

    region = DEFAULT_REGION

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._address = host, port
        self._dispatcher: Dispatcher | None = None
        self._server: HttpServer | None = None
        self._moto: Moto | None = None

    def start(self) -> Ec2Emulator:
        """Bind the port and serve; raises RuntimeError if another one is running."""
        if not _one_per_process.acquire(blocking=False):
            raise RuntimeError(
                "an Ec2Emulator runs in this process already, and moto's state "
                "belongs to the process: stop that one first, or use it"
            )
        try:
            self._moto = Moto()
            self._dispatcher = Dispatcher(self._moto)
            self._server = HttpServer(
                *self._address, self._dispatcher.answer, name="AmazonEC2"
            )
            self.reset()
            self._server.start()
        except BaseException:
            self._close()
            raise
        return self

    def stop(self) -> None:
        """Stop serving and forget everything, the call log included."""
        if self._server is not None:
            self._server.stop()
            self._close()

    def _close(self) -> None:
        if self._moto is not None:
            self._moto.close()
        self._dispatcher = self._server = self._moto = None
        _one_per_process.release()

    def __enter__(self) -> Ec2Emulator:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def reset(self) -> None:
        """Forget all resources, calls and faults, and restore the default settings."""
        self._running.reset()

    @property
    def settings(self) -> Settings:
        """The settings to change; a reset() replaces them by new ones."""
        return self._running.settings

    @property
    def faults(self) -> list[Fault]:
        """The faults of the next calls; append to it, or clear it."""
        return self._running.calls.faults

    @property
    def calls(self) -> list[Call]:
        """All finished calls in the order in which they started, as a new list."""
        return self._running.calls.calls()

    def writes(self) -> list[Call]:
        """Return the calls that write, failed ones included, without dry runs."""
        return [call for call in self.calls if call.writes]

    def clear_calls(self) -> None:
        """Forget the calls, but not resources and faults."""
        self._running.calls.clear()

    @property
    def endpoint_url(self) -> str:
        """The address for boto3's `endpoint_url`."""
        if self._server is None:
            raise RuntimeError("this Ec2Emulator is not running: start() it first")
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def deploy_instances(
        self, count: int, account: str | None = None
    ) -> list[DeployedInstance]:
        """
        Run instances with an interface each, in a VPC of their own, without calls.

        They are in the default region, and in the default account or the given one.
        Their security group allows VXLAN packets of the VPC, and all packets from
        192.168.0.0/16.
        """
        return self._running.services.deploy_instances(account, self.region, count)

    def existing(self, kind: str) -> list[dict[str, Any]]:
        """
        Return all resources of a kind as AWS shows them, without a call.

        They are in the default account and region; lags and pages don't matter. `kind`
        is TrafficMirrorTargets, TrafficMirrorFilters or TrafficMirrorSessions.
        """
        return self._running.services.existing_resources(self.region, kind)

    def rename_interface(self, old: str, new: str) -> None:
        """Change the id of an untagged network interface; raises KeyError."""
        self._running.services.rename_interface(old, new)

    def rename_load_balancer(self, old: str, new: str) -> None:
        """Change the ARN of a load balancer without listeners; raises KeyError."""
        self._running.services.rename_load_balancer(old, new)

    def rename_endpoint(self, old: str, new: str) -> None:
        """Change the id of a VPC endpoint; raises KeyError."""
        self._running.services.rename_endpoint(old, new)

    def keep_pending(
        self, instance_id: str, *, requests: int = 0, seconds: float = 0.0
    ) -> None:
        """
        Make an instance pending, as if it had just been started; raises KeyError.

        It is running after that many DescribeInstances requests and that many seconds.
        """
        lag = Lag(requests, seconds)
        self._running.services.keep_pending(instance_id, lag)

    def give_to_service(
        self, interface_id: str, requester: str, kind: str = "interface"
    ) -> None:
        """
        Make a detached network interface one that an AWS service manages.

        `requester` is the service's id, such as amazon-rds, amazon-elasticache or
        amazon-elb; `kind` is the type of the interface, such as lambda, nat_gateway,
        network_load_balancer or gateway_load_balancer_endpoint. Raises KeyError if
        there is no such interface, ValueError if it is attached.
        """
        self._running.services.give_to_service(interface_id, requester, kind)

    def send(self, packet: IpPacket, vpc: str | None = None) -> list[Delivery]:
        """
        Send a scapy packet through the network, and mirror it as AWS would.

        It passes the interface that has its source address and then the one that has
        its destination address; at least one of them must exist, in the default region
        and account. `vpc` chooses between equal addresses in several VPCs.

        Returns what happened at the sender and at the receiver. Raises ValueError if
        the packet passes no interface.
        """
        with self._running.services.network(self.region) as network:
            return network.send(packet, vpc)

    def route(self, address: str, interface_id: str) -> None:
        """
        Send the packets from and to an address through an interface.

        The interface is then a router's, without a check of sources and destinations.
        Raises KeyError if there is no such interface.
        """
        with self._running.services.network(self.region) as network:
            network.route(ip_address(address), interface_id)

    def received_by(self, interface_id: str) -> list[bytes]:
        """
        Return the mirrored packets that an interface received, with outer IP.

        A Gateway Load Balancer endpoint has its own id instead of an interface's.
        """
        with self._running.services.network(self.region) as network:
            return network.received_by(interface_id)

    def expire_tokens(self) -> None:
        """Make all temporary keys expire now."""
        self._running.services.identities.expire_all()

    def reject_key(self, access_key: str) -> None:
        """Answer calls with this key as AWS answers calls with an unknown key."""
        self._running.services.identities.reject(access_key)

    def set_partition(self, access_key: str, partition: str) -> None:
        """Make a key valid in the regions of another partition, such as aws-cn."""
        self._running.services.identities.set_partition(access_key, partition)

    def restrict(self, access_key: str, policy: Mapping[str, Any]) -> None:
        """
        Attach an IAM policy document to a key, in place of its last one.

        Raises ValueError if the document is malformed, or has elements, operators or
        condition keys that are not emulated: see iam/policy.py.
        """
        self._running.services.identities.restrict(access_key, policy)

    def add_role(self, arn: str, policy: Mapping[str, Any] | None = None) -> None:
        """
        Add a role in any account; without a policy it may do everything.

        Any caller that is allowed sts:AssumeRole can assume it. Raises ValueError as
        restrict() does, and for an ARN that is not a role's.
        """
        self._running.services.identities.add_role(arn, policy)

    def client(self, *, role: str | None = None, **kwargs: Any) -> EC2Client:
        """
        Return a boto3 EC2 client of this emulator; `kwargs` are boto3's.

        It doesn't retry unless `config` says so, so that faults are visible. Missing
        credentials are invented. With a role it has a temporary key of that role, which
        is made without a call to STS.
        """
        client: EC2Client = self.service_client("ec2", role=role, **kwargs)
        return client

    def service_client(
        self, service: str, *, role: str | None = None, **kwargs: Any
    ) -> Any:
        """Return a boto3 client of another service, such as sts or elbv2."""
        defaults = {"region_name": self.region, "endpoint_url": self.endpoint_url}
        if "aws_access_key_id" in kwargs:
            defaults["aws_secret_access_key"] = "invented"  # noqa: S105  # not checked
        return make_client(service, {**defaults, **self._keys_of(role), **kwargs})

    def _keys_of(self, role: str | None) -> dict[str, str]:
        if role is None:
            return {}
        key = self._running.services.temporary_key(role)
        return {
            "aws_access_key_id": key.access_key,
            "aws_secret_access_key": key.secret_key,
            "aws_session_token": key.session_token,
        }

    @property
    def _running(self) -> Dispatcher:
        if self._dispatcher is None:
            raise RuntimeError("this Ec2Emulator is not running: start() it first")
        return self._dispatcher
