"""Ec2Emulator: what tests and the demo start, turn and ask."""

from __future__ import annotations

import os
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config

from emulator.ec2.calls import Call, Fault
from emulator.ec2.front import Front
from emulator.ec2.http_server import LoopbackServer
from emulator.ec2.knobs import BeforeCall, Quotas
from emulator.ec2.moto_bridge import Moto

if TYPE_CHECKING:
    from types import TracebackType

    from mypy_boto3_ec2.client import EC2Client

DEFAULT_REGION = "us-east-1"
_only_one = Lock()
_making_clients = Lock()  # one boto3 session must not make two at a time


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
        """Give an untagged network interface the id that a request asks for."""
        if self._moto is None:
            raise RuntimeError("this Ec2Emulator is not running: start() it first")
        self._moto.rename_interface(self.region, old, new)

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

    def client(self, **kwargs: Any) -> EC2Client:
        """
        Return a boto3 EC2 client to this emulator; kwargs are boto3's own.

        Its credentials are invented, and it tries once only unless `config` says
        otherwise, so that a fault is seen and not retried away.
        """
        return _make_client(
            {"region_name": self.region, "endpoint_url": self.endpoint_url, **kwargs}
        )


def _make_client(kwargs: dict[str, Any]) -> EC2Client:
    config = Config(
        retries={"total_max_attempts": 1}, proxies={}, max_pool_connections=50
    )
    if kwargs.get("config"):
        config = config.merge(kwargs["config"])
    with _making_clients:
        return _isolated_session().client("ec2", **{**kwargs, "config": config})


@cache
def _isolated_session() -> boto3.Session:
    """
    Make the one session of the process, which parses the EC2 model only once.

    It looks at no AWS file or profile of the machine's.
    """
    nowhere = (None, None, os.devnull, None)
    core = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": nowhere,
            "credentials_file": nowhere,
        }
    )
    return boto3.Session(
        aws_access_key_id="AKIAEMULATED00000000",
        aws_secret_access_key="invented",  # noqa: S106  # opens nothing anywhere
        botocore_session=core,
    )
