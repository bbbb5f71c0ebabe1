"""Measures how long a new driver process takes until its clients are ready."""

from __future__ import annotations

import os
import subprocess
import time

from benchmarks.shell import STOCK_SHELL, STOCK_SHELL_FOLDER, THIS_SHELL, python_of
from emulator.lab import ACCESS_KEY, Lab
from tools.checkout import ROOT

_THIS_SHELL = """
from types import SimpleNamespace
from driver import TrafficMirroringDriver
from traffic_mirroring.aws.call_retries import CallRetries
from traffic_mirroring.aws.clients import ClientCache
TrafficMirroringDriver()
resource = SimpleNamespace(name="AWS", model="", attributes={"Region": "us-east-1"})
ClientCache(lambda: CallRetries(4, 20), 32).get(resource, None).ec2
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
_START_OF_THIS_SHELL = (_THIS_SHELL, THIS_SHELL, ROOT / "src")
_STARTS = {
    ("client", THIS_SHELL): _START_OF_THIS_SHELL,
    ("client", STOCK_SHELL): (_STOCK_SHELL, STOCK_SHELL, STOCK_SHELL_FOLDER),
    ("client", "boto3"): (_BOTO3, THIS_SHELL, ROOT),
    # This shell needs only one client; it is measured again beside the stock shell's.
    ("clients", THIS_SHELL): _START_OF_THIS_SHELL,
    ("clients", STOCK_SHELL): (_STOCK_SHELL_ALL, STOCK_SHELL, STOCK_SHELL_FOLDER),
}
STARTS = tuple(_STARTS)
"""(what is ready, shell): one EC2 client, or all clients that a command needs first."""


def ready_seconds(lab: Lab, what: str, shell: str) -> float:
    """Return the seconds until a new process in a shell's environment is ready."""
    code, environment, folder = _STARTS[what, shell]
    python = python_of(lab, environment)
    started = time.monotonic()
    with subprocess.Popen(  # noqa: S603 - our own code
        [python, "-c", code + _PRINT_READY],
        cwd=folder,
        env={**os.environ, **_KEYS},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        line = process.stdout and process.stdout.readline()
        seconds = time.monotonic() - started
    if line != "ready\n":
        raise RuntimeError(f"{what} of {shell}: {line!r}")
    return seconds
