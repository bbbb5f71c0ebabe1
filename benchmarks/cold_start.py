"""Measures how long a new driver process takes until its clients are ready."""

from __future__ import annotations

import os
import subprocess
import time

from benchmarks.contenders import (
    FIRST_VERSION,
    STOCK_SHELL,
    THIS_SHELL,
    driver_folder,
)
from benchmarks.shell import python_of
from emulator.lab import ACCESS_KEY, Lab

_THIS_SHELL = """
from types import SimpleNamespace
from driver import TrafficMirroringDriver
from traffic_mirroring.aws.call_retries import CallRetries
from traffic_mirroring.aws.clients import ClientCache
TrafficMirroringDriver()
resource = SimpleNamespace(name="AWS", model="", attributes={"Region": "us-east-1"})
ClientCache(lambda: CallRetries(4, 20), 32).get(resource, None).ec2
"""
_FIRST_VERSION = """
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
_STOCK_SHELL = f"""
from driver import StockShellDriver
StockShellDriver()
{_BOTO3}
"""
_STOCK_SHELL_ALL = """
from types import SimpleNamespace
from driver import StockShellDriver
resource = SimpleNamespace(
    region="us-east-1", vpc_mode=None, aws_access_key_id="", aws_secret_access_key=""
)
StockShellDriver()._shell.aws_session_manager.get_clients(None, resource)
"""
_KEYS = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": "invented"}
"""Without keys boto3 would query the network for a role of this machine."""
_PRINT_READY = "\nprint('ready', flush=True)"
_BOTO3_ALONE = "boto3"
_STARTS = {
    ("client", _BOTO3_ALONE): _BOTO3,
    ("client", THIS_SHELL): _THIS_SHELL,
    ("client", FIRST_VERSION): _FIRST_VERSION,
    ("client", STOCK_SHELL): _STOCK_SHELL,
    # The first two need only one client; they are measured again beside the third.
    ("clients", THIS_SHELL): _THIS_SHELL,
    ("clients", FIRST_VERSION): _FIRST_VERSION,
    ("clients", STOCK_SHELL): _STOCK_SHELL_ALL,
}
STARTS = tuple(_STARTS)
"""(what is ready, shell): one EC2 client, or all clients that a command needs first."""


def ready_seconds(lab: Lab, what: str, shell: str) -> float:
    """Return the seconds until a new process in a shell's environment is ready."""
    code = _STARTS[what, shell]
    environment = THIS_SHELL if shell == _BOTO3_ALONE else shell
    python = python_of(lab, environment)
    started = time.monotonic()
    with subprocess.Popen(  # noqa: S603 - our own code
        [python, "-c", code + _PRINT_READY],
        cwd=driver_folder(environment),
        env={**os.environ, **_KEYS},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        line = process.stdout and process.stdout.readline()
        seconds = time.monotonic() - started
    if line != "ready\n":
        raise RuntimeError(f"{what} of {shell}: {line!r}")
    return seconds
