"""Another provider's driver can use the library beside cloudshell-cp-core."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.environments import environment, need_python
from tools.checkout import ROOT
from tools.pythons import supported_versions

SCRIPT = """
import json, sys
from importlib.metadata import version

import cloudshell.cp.core
from traffic_mirroring import Commands
from traffic_mirroring.results import ActionResult
from traffic_mirroring.request.parsing import render

Commands()
answer = json.loads(render([ActionResult("RemoveTrafficMirroring", "1", info="gone")]))
names = ("cloudshell-cp-core", "jsonpickle")
print(json.dumps([answer, {name: version(name) for name in names}]))
"""


@pytest.mark.parametrize(
    "version", supported_versions()[:: len(supported_versions()) - 1]
)
def test_the_library_resolves_and_works_beside_cp_core(version):
    """On the oldest and the newest Python; cp-core 2.5.4 requires jsonpickle 1.4."""
    requirements = ("-r", "src/requirements.txt", "cloudshell-cp-core==2.5.4")
    python = environment(need_python(version), *requirements, purpose="beside cp-core")

    run = subprocess.run(
        [python, "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT / "src")},
    )
    check = subprocess.run(
        [python, "-m", "pip", "check"], capture_output=True, text=True, check=False
    )

    assert run.returncode == 0, run.stderr
    answer, versions = json.loads(run.stdout)
    (result,) = answer["driverResponse"]["actionResults"]
    assert result["infoMessage"] == "gone"
    assert versions["jsonpickle"].startswith("1.4")
    assert check.returncode == 0, check.stdout
