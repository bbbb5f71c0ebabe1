"""Requests and results are compatible with cloudshell-cp-core."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.environments import environment
from tests.request_texts import DOCUMENTED_CREATE, DOCUMENTED_REMOVE
from traffic_mirroring.models import Session
from traffic_mirroring.request.parsing import render
from traffic_mirroring.results import ActionResult, CreateResult

READER = Path(__file__).with_name("read_with_cp_core.py")

RESULTS = [
    CreateResult(
        "CreateTrafficMirroring",
        "1",
        info="created",
        session=Session("tms-1", "eni-1", "tmt-1", "tmf-1", 5, {}),
    ),
    CreateResult("CreateTrafficMirroring", "2", error="no"),
    ActionResult("RemoveTrafficMirroring", "3", info="gone"),
    ActionResult("CleanupNetwork", "", info="clean"),
]


@pytest.fixture(scope="module")
def ours():
    """Return the results that a caller gets from this shell."""
    return json.loads(render(RESULTS))["driverResponse"]["actionResults"]


@pytest.fixture(scope="module")
def theirs(ours):
    """Return how cp-core reads the requests and results."""
    python = environment(sys.executable, "cloudshell-cp-core==2.5.4")
    given = {"requests": [DOCUMENTED_CREATE, DOCUMENTED_REMOVE], "results": ours}
    done = subprocess.run(
        [python, READER],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_cp_core_reads_the_documented_requests(theirs):
    """cp-core finds every field of the vendor's samples."""
    create, remove = theirs["actions"]

    params = json.loads(DOCUMENTED_CREATE)["driverRequest"]["actions"][0]
    assert create["actionId"] == params["actionId"]
    given, read = params["actionParams"], create["actionParams"]
    for name in ("sourceNicId", "targetNicId", "sessionNumber"):
        assert read[name] == given[name]
    (rule,), (given_rule,) = read["filterRules"], given["filterRules"]
    for name in ("direction", "protocol", "sourceCidr"):
        assert rule[name] == given_rule[name]
    assert rule["sourcePortRange"] == {"fromPort": "50000", "toPort": "65535"}
    assert remove["targetNicId"] == "eni-08e44d9a954444e3f"


def test_results_have_the_fields_of_cp_core(ours, theirs):
    """The same names and types of values; a created mirror has four fields more."""
    details = {"sessionNumber", "virtualNetworkId", "targetId", "filterId"}
    for result, read in zip(ours, theirs["results"]):
        expected = theirs["empty"][result["type"]]
        assert result.items() >= read.items()
        more = details if result.get("sessionId") else set()
        assert result.keys() == expected.keys() | more
        for name, value in expected.items():
            assert type(result[name]) is type(value)
