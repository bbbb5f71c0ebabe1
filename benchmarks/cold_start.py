"""How long a new process takes until the driver stands and its EC2 client is ready."""

from __future__ import annotations

import os
import subprocess
import time

from benchmarks.side import python_of
from emulator.lab import ACCESS_KEY, ROOT, Lab

_OURS = """
from types import SimpleNamespace
from driver import TrafficMirroringDriver
from traffic_mirroring.aws import AwsClients
TrafficMirroringDriver()
resource = SimpleNamespace(name="AWS", model="", attributes={"Region": "us-east-1"})
AwsClients(4, 32).get(resource, None).ec2
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
_KEYS = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": "invented"}
"""Without keys boto3 would look for a role of this machine, on the network."""
_READY = b"ready"
_TELL = f"print({_READY.decode()!r}, flush=True)"
_SIDES = {
    "ours": (_OURS, "ours", ROOT / "src"),
    "peer": (_PEER, "peer", ROOT / "benchmarks" / "peer"),
    "boto3": (_BOTO3, "ours", ROOT),
}
SIDES = tuple(_SIDES)


def ready_seconds(lab: Lab, side: str) -> float:
    """Start a new process in the environment of a side's driver."""
    code, environment, folder = _SIDES[side]
    python = python_of(lab, environment)
    started = time.monotonic()
    with subprocess.Popen(  # noqa: S603 - our own code
        [python, "-c", code + _TELL],
        cwd=folder,
        env={**os.environ, **_KEYS},
        stdout=subprocess.PIPE,
    ) as process:
        told = process.stdout and process.stdout.read(len(_READY))
        seconds = time.monotonic() - started
    if told != _READY:
        raise RuntimeError(f"{side} is not ready: {told!r}")
    return seconds
