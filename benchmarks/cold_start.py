"""How long a new process takes until the driver stands and its EC2 client is ready."""

from __future__ import annotations

import subprocess
import time

from emulator.lab import ROOT, Lab

_OURS = """
from types import SimpleNamespace
from driver import TrafficMirroringDriver
from traffic_mirroring.aws import AwsClients
TrafficMirroringDriver()
resource = SimpleNamespace(name="AWS", model="", attributes={"Region": "us-east-1"})
AwsClients(4, 32).get(resource, None).ec2
"""
_PEER = """
import boto3
from driver import PeerDriver
PeerDriver()
boto3.session.Session(region_name="us-east-1").client("ec2")
"""
_SIDES = {"ours": (_OURS, ROOT / "src"), "peer": (_PEER, ROOT / "benchmarks" / "peer")}


def ready_seconds(lab: Lab, side: str, rounds: int) -> list[float]:
    """Start new processes in the environment of a side's driver, one by one."""
    code, folder = _SIDES[side]
    loaded = lab.execution.loaded_driver(side)
    if loaded is None:
        raise RuntimeError(f"{side} has not run yet, so there is no environment")
    python = loaded.prefix / "bin" / "python"
    found = []
    for _ in range(rounds):
        started = time.monotonic()
        subprocess.run([python, "-c", code], cwd=folder, check=True)  # noqa: S603 - our own code
        found.append(time.monotonic() - started)
    return found
