"""What a new driver process does until its clients are ready, counted and not timed."""

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
from traffic_mirroring.aws.clients import ClientCache
resource = SimpleNamespace(name="AWS", model="", attributes={"Region": "us-east-1"})
ClientCache(4, 32).get(resource, None).ec2
frozen = {"imported": imported, "ready": gc.get_freeze_count()}
print(json.dumps({"modules": list(sys.modules), "on": gc.isenabled(), **frozen}))
"""


@pytest.fixture(scope="module")
def ready():
    """Start a process, and return how it is when its client of EC2 is ready."""
    done = subprocess.run(
        [sys.executable, "-c", READY],
        cwd=SOURCES,
        # Or boto3 would look for a role of this machine, on the network.
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
    """What only a request needs, or nobody, is no part of the start."""
    assert "boto3" in ready["modules"]
    assert late not in ready["modules"]


def test_what_was_loaded_is_not_looked_at_for_garbage(ready):
    """Neither the libraries nor EC2's model; all that comes after them is."""
    assert 0 < ready["imported"] < ready["ready"]
    assert ready["on"]
