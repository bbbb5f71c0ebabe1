"""Ec2Emulator: what tests and the demo start, turn and ask."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from emulator.ec2.calls import Call, Fault
from emulator.ec2.clients import make_client
from emulator.ec2.front import Front
from emulator.ec2.http_server import LoopbackServer
from emulator.ec2.knobs import BeforeCall, Quotas
from emulator.ec2.mirroring import Passage
from emulator.ec2.moto_bridge import Moto
from emulator.ec2.throttle import Bucket, Throttle

if TYPE_CHECKING:
    from types import TracebackType

    from mypy_boto3_ec2.client import EC2Client
    from scapy.layers.inet import IP
    from scapy.layers.inet6 import IPv6

DEFAULT_REGION = "us-east-1"
_only_one = Lock()


class Ec2Emulator:
    """
    EC2 on a loopback port, from start() (or `with`) to stop().

    One per process at a time, because moto's state belongs to the process.
    It serves every region; tests that need another one pass `region_name`.
    """

    region = DEFAULT_REGION

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._place = host, port
        self._front: Front | None = None
        self._server: LoopbackServer | None = None
        self._moto: Moto | None = None

    def start(self) -> Ec2Emulator:
        """Bind and serve; raise RuntimeError where one runs in this process."""
        if not _only_one.acquire(blocking=False):
            raise RuntimeError(
                "an Ec2Emulator runs in this process already, and moto's state "
                "belongs to the process: stop that one first, or use it"
            )
        try:
            self._moto = Moto()
            self._front = Front(self._moto)
            self._server = LoopbackServer(*self._place, self._front.answer)
            self.reset()
            self._server.start()
        except BaseException:
            self._close()
            raise
        return self

    def stop(self) -> None:
        """Stop serving and forget everything; calls and faults can't be read then."""
        if self._server is not None:
            self._server.stop()
            self._close()

    def _close(self) -> None:
        if self._moto is not None:
            self._moto.close()
        self._front = self._server = self._moto = None
        _only_one.release()

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
        """Forget all resources, calls, faults, and set all knobs back."""
        self._running.reset()

    def rename_interface(self, old: str, new: str) -> None:
        """Give an untagged network interface, in any account, the id asked for."""
        if self._moto is None:
            raise RuntimeError("this Ec2Emulator is not running: start() it first")
        self._moto.rename_interface(old, new)

    @property
    def _running(self) -> Front:
        if self._front is None:
            raise RuntimeError("this Ec2Emulator is not running: start() it first")
        return self._front

    @property
    def endpoint_url(self) -> str:
        """The address for boto3's `endpoint_url`."""
        if self._server is None:
            raise RuntimeError("this Ec2Emulator is not running: start() it first")
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    @property
    def calls(self) -> list[Call]:
        """All answered requests in the order in which they came, as a new list."""
        return self._running.calls.calls()

    def writes(self) -> list[Call]:
        """Return the calls that write, successful or not; dry runs don't write."""
        return [call for call in self.calls if call.writes]

    def clear_calls(self) -> None:
        """Forget the calls; resources and faults stay."""
        self._running.calls.clear()

    @property
    def faults(self) -> list[Fault]:
        """The faults to come; append to it, or clear it."""
        return self._running.calls.faults

    def carry(self, packet: IP | IPv6, vpc: str | None = None) -> list[Passage]:
        """
        Carry a packet of scapy's through the network, and mirror it where AWS would.

        It leaves the interface that has its source address and arrives at the one that
        has its destination address; at least one of them must be there. Where an
        address is in several VPCs, `vpc` says which is meant. Interfaces are those of
        the emulator's own region and of the account that invented keys have.

        Returns what happened at the sender, then at the receiver. Raises ValueError for
        a packet that no interface would see, and NotImplementedError where a session's
        target is no network interface.
        """
        with self._running.network(self.region) as network:
            return network.carry(packet, vpc)

    def copies_at(self, interface_id: str) -> list[bytes]:
        """Return the mirrored packets that arrived at an interface, outer IP first."""
        with self._running.network(self.region) as network:
            return network.copies_at(interface_id)

    @property
    def latency(self) -> float:
        """Seconds that each request takes at least, the work on it included."""
        return self._running.knobs.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._running.knobs.latency = seconds

    @property
    def before_call(self) -> BeforeCall | None:
        """
        Told the operation, and whether it writes, before each request is carried out.

        It is called in the server's thread, outside of all locks, and may block; what
        it raises is logged. A reset() while it blocks drops that request.
        """
        return self._running.knobs.before_call

    @before_call.setter
    def before_call(self, told: BeforeCall | None) -> None:
        self._running.knobs.before_call = told

    def throttle(self, limit: Throttle | None) -> None:
        """Answer writes RequestLimitExceeded where a full bucket of tokens runs out."""
        self._running.knobs.bucket = Bucket(limit) if limit else None

    @property
    def empty_filters(self) -> bool:
        """Whether a Describe takes a filter without values, and finds nothing then."""
        return self._running.knobs.empty_filters

    @empty_filters.setter
    def empty_filters(self, taken: bool) -> None:
        self._running.knobs.empty_filters = taken

    @property
    def unknown_for(self) -> int:
        """
        How many requests don't know an id that is created from now on.

        So many that name it are answered NotFound, and so many Describe requests for
        all don't list it; ClientTokens, quotas and uses know it at once.
        """
        return self._running.knobs.unknown_for

    @unknown_for.setter
    def unknown_for(self, requests: int) -> None:
        self._running.knobs.unknown_for = requests

    @property
    def in_use_for(self) -> int:
        """
        How many requests to delete a session's target and filter come too early.

        So many for each are answered InUse after the session was deleted.
        """
        return self._running.knobs.in_use_for

    @in_use_for.setter
    def in_use_for(self, requests: int) -> None:
        self._running.knobs.in_use_for = requests

    @property
    def page_size(self) -> int | None:
        """How many a Describe shows where MaxResults is absent; None: 1000."""
        return self._running.knobs.page_size

    @page_size.setter
    def page_size(self, size: int | None) -> None:
        self._running.knobs.page_size = size

    @property
    def quotas(self) -> Quotas:
        """AWS's limits; set its attributes to change them."""
        return self._running.knobs.quotas

    @property
    def refuse_source_types(self) -> frozenset[str]:
        """
        Instance types whose interfaces can't be mirrored; AWS's answer is a guess.

        None at first: which types AWS refuses changes, and what it says is unknown.
        """
        return self._running.knobs.refuse_source_types

    @refuse_source_types.setter
    def refuse_source_types(self, types: frozenset[str]) -> None:
        self._running.knobs.refuse_source_types = types

    @property
    def token_seconds(self) -> int | None:
        """How soon the keys of AssumeRole expire; None: when it was asked for."""
        return self._running.identities.token_seconds

    @token_seconds.setter
    def token_seconds(self, seconds: int | None) -> None:
        self._running.identities.token_seconds = seconds

    def expire_tokens(self) -> None:
        """Let all keys that AssumeRole handed out so far have expired."""
        self._running.identities.expire_all()

    def reject_key(self, access_key: str) -> None:
        """Answer calls with this key as AWS does where it doesn't know a key."""
        self._running.identities.reject(access_key)

    def restrict(self, access_key: str, policy: Mapping[str, Any]) -> None:
        """
        Allow a key what this IAM policy document allows; it replaces an earlier one.

        Raises ValueError for a document that is malformed, or has elements, operators
        or condition keys that are not evaluated here: see policy.py.
        """
        self._running.identities.restrict(access_key, policy)

    def add_role(self, arn: str, policy: Mapping[str, Any] | None = None) -> None:
        """
        Let a role of any account be assumed; with a policy it may do no more than that.

        Whoever may call sts:AssumeRole on it may assume it. Raises ValueError as
        restrict() does, and for what is no role's ARN.
        """
        self._running.identities.add_role(arn, policy)

    def client(self, *, role: str | None = None, **kwargs: Any) -> EC2Client:
        """
        Return a boto3 EC2 client to this emulator; kwargs are boto3's own.

        Its credentials are invented, and it tries once only unless `config` says
        otherwise, so that a fault is seen and not retried away. Where only an access
        key is given, the rest is invented too. With a role it acts as
        that role, whose keys it gets without a call; they expire as all others do.
        """
        client: EC2Client = self.service_client("ec2", role=role, **kwargs)
        return client

    def service_client(
        self, service: str, *, role: str | None = None, **kwargs: Any
    ) -> Any:
        """Return a boto3 client of another service, such as sts or elbv2."""
        place = {"region_name": self.region, "endpoint_url": self.endpoint_url}
        if "aws_access_key_id" in kwargs:
            place["aws_secret_access_key"] = "invented"  # noqa: S105  # never checked
        return make_client(service, {**place, **self._keys_of(role), **kwargs})

    def _keys_of(self, role: str | None) -> dict[str, str]:
        if role is None:
            return {}
        key = self._running.temporary_key(role)
        return {
            "aws_access_key_id": key.access_key,
            "aws_secret_access_key": key.secret_key,
            "aws_session_token": key.session_token,
        }
