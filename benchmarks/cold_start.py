"""How long a new process takes until the driver stands and its clients are ready."""

from __future__ import annotations

import os
import subprocess
import time

from benchmarks.side import PEER, python_of
from emulator.lab import ACCESS_KEY, Lab
from tools.checkout import ROOT

_OURS = """
from types import SimpleNamespace
from driver import TrafficMirroringDriver
from traffic_mirroring.aws.clients import ClientCache
TrafficMirroringDriver()
resource = SimpleNamespace(name="AWS", model="", attributes={"Region": "us-east-1"})
ClientCache(4, 32).get(resource, None).ec2
"""
_BOTO3 = """
import boto3
boto3.session.Session(region_name="us-east-1").client("ec2")
"""
_PEER = f"""
from driver import PeerDriver
PeerDriver()
{_BOTO3}
"""
_PEER_ALL = """
from types import SimpleNamespace
from driver import PeerDriver
resource = SimpleNamespace(
    region="us-east-1", vpc_mode=None, aws_access_key_id="", aws_secret_access_key=""
)
PeerDriver()._shell.aws_session_manager.get_clients(None, resource)
"""
_KEYS = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": "invented"}
"""Without keys boto3 would look for a role of this machine, on the network."""
_TELL = "\nprint('ready', flush=True)"
_OURS_READY = (_OURS, "ours", ROOT / "src")
_STARTS = {
    ("client", "ours"): _OURS_READY,
    ("client", "peer"): (_PEER, "peer", PEER),
    ("client", "boto3"): (_BOTO3, "ours", ROOT),
    ("clients", "ours"): _OURS_READY,  # one client is all; again, beside the peer's
    ("clients", "peer"): (_PEER_ALL, "peer", PEER),
}
STARTS = tuple(_STARTS)
"""What is ready, one client of EC2 or all that a command makes first, on which side."""


def ready_seconds(lab: Lab, what: str, side: str) -> float:
    """Start a new process in the environment of a side's driver."""
    code, environment, folder = _STARTS[what, side]
    python = python_of(lab, environment)
    started = time.monotonic()
    with subprocess.Popen(  # noqa: S603 - our own code
        [python, "-c", code + _TELL],
        cwd=folder,
        env={**os.environ, **_KEYS},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        told = process.stdout and process.stdout.readline()
        seconds = time.monotonic() - started
    if told != "ready\n":
        raise RuntimeError(f"{what} of {side}: {told!r}")
    return seconds
