"""A new driver process imports and scans little until its EC2 client is ready."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "src"

READY = """
import gc, json, sys
from types import SimpleNamespace
from driver import TrafficMirroringDriver

TrafficMirroringDriver()
imported = gc.get_freeze_count()
from traffic_mirroring.aws.call_retries import CallRetries
from traffic_mirroring.aws.clients import ClientCache
resource = SimpleNamespace(name="AWS", model="", attributes={"Region": "us-east-1"})
ClientCache(lambda: CallRetries(4, 20), 32).get(resource, None).ec2
frozen = {"imported": imported, "ready": gc.get_freeze_count()}
print(json.dumps({"modules": list(sys.modules), "on": gc.isenabled(), **frozen}))
"""


@pytest.fixture(scope="module")
def ready():
    """Start a process; return its modules and counts when its EC2 client is ready."""
    done = subprocess.run(
        [sys.executable, "-c", READY],
        cwd=SOURCES,
        # Otherwise boto3 would query the network for a role of this machine.
        env={**os.environ, "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "late",
    ["pydantic", "traffic_mirroring.flows.create", "requests", "cloudshell.rest"],
)
def test_the_client_is_ready_without(ready, late):
    """Modules that only a request needs, or none, are not imported at the start."""
    assert "boto3" in ready["modules"]
    assert late not in ready["modules"]


def test_imports_and_ec2s_model_are_excluded_from_garbage_collection(ready):
    """The collector is enabled again afterwards."""
    assert 0 < ready["imported"] < ready["ready"]
    assert ready["on"]
