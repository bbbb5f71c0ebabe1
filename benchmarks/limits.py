"""The limits of the measurements: boto3 alone and the emulator alone."""

from __future__ import annotations

import json
import subprocess
from typing import Any
from urllib.parse import urlsplit

from benchmarks.contenders import THIS_SHELL
from benchmarks.shell import python_of
from benchmarks.workload import Workload
from emulator.lab import ACCESS_KEY, Lab
from tools.checkout import ROOT
from traffic_mirroring import Limits

_CALLS = 1600
_CONCURRENCY = Limits().max_concurrency


def bare_seconds(lab: Lab, workload: Workload) -> float:
    """Create the workload's mirrors with boto3 alone, on existing targets."""
    job = {
        "endpoint": lab.ec2.endpoint_url,
        "region": lab.ec2.region,
        "access_key": ACCESS_KEY,
        "mirrors": workload.create_targets(),
        "rules": workload.case.rules,
    }
    return _run(lab, "bare_boto3.py", job)


def emulator_rate(lab: Lab) -> float:
    """Return the calls per second that the emulator answers without latency."""
    signed: list[Any] = []
    client = lab.ec2.client()
    client.meta.events.register(
        "before-send.ec2", lambda request, **_: signed.append(request)
    )
    client.create_traffic_mirror_filter()
    (request,) = signed
    address = urlsplit(request.url)
    job = {
        "host": address.hostname,
        "port": address.port,
        "headers": {name: _text(value) for name, value in request.headers.items()},
        "body": _text(request.body),
        "calls": _CALLS,
    }
    return _CALLS / _run(lab, "bare_http.py", job)


def _text(value: str | bytes) -> str:
    """Return a botocore header or body as text."""
    return value.decode() if isinstance(value, bytes) else value


def _run(lab: Lab, script: str, job: dict[str, Any]) -> float:
    """Run a script in the environment of this shell's driver; return its seconds."""
    done = subprocess.run(  # noqa: S603 - our own code
        [python_of(lab, THIS_SHELL), ROOT / "benchmarks" / script],
        input=json.dumps({**job, "concurrency": _CONCURRENCY}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout)
