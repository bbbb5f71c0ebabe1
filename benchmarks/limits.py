"""What bounds the figures: boto3 alone, and the emulator alone."""

from __future__ import annotations

import json
import subprocess
from typing import Any
from urllib.parse import urlsplit

from benchmarks.side import python_of
from benchmarks.stage import Stage
from emulator.lab import ACCESS_KEY, Lab
from tools.checkout import ROOT
from traffic_mirroring import Limits

_CALLS = 1600
_WIDTH = Limits().max_concurrency


def bare_seconds(lab: Lab, stage: Stage) -> float:
    """Make the stage's mirrors by boto3 alone, on targets that stand."""
    job = {
        "endpoint": lab.ec2.endpoint_url,
        "region": lab.ec2.region,
        "access_key": ACCESS_KEY,
        "ends": stage.ends(),
        "rules": stage.case.rules,
    }
    return _run(lab, "bare_boto3.py", job)


def emulator_rate(lab: Lab) -> float:
    """Return how many calls a second the emulator answers without latency."""
    signed: list[Any] = []
    client = lab.ec2.client()
    client.meta.events.register(
        "before-send.ec2", lambda request, **_: signed.append(request)
    )
    client.create_traffic_mirror_filter()
    (request,) = signed
    place = urlsplit(request.url)
    job = {
        "host": place.hostname,
        "port": place.port,
        "headers": {name: _text(value) for name, value in request.headers.items()},
        "body": _text(request.body),
        "calls": _CALLS,
    }
    return _CALLS / _run(lab, "bare_http.py", job)


def _text(value: str | bytes) -> str:
    """Return what botocore keeps as one or the other."""
    return value.decode() if isinstance(value, bytes) else value


def _run(lab: Lab, script: str, job: dict[str, Any]) -> float:
    """Run a script in the environment of our driver; it says how long it took."""
    done = subprocess.run(  # noqa: S603 - our own code
        [python_of(lab, "ours"), ROOT / "benchmarks" / script],
        input=json.dumps({**job, "side_by_side": _WIDTH}),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return float(done.stdout)
