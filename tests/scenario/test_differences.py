"""What `make compare` prints of this shell, without the other one."""

from __future__ import annotations

import re

import pytest

from benchmarks.differences import SCENARIOS, observe
from benchmarks.scene import Scene
from benchmarks.side import Side
from emulator.lab import RESOURCE
from tools.checkout import ROOT

SEEN = {
    "10 mirrors to one target, created and removed": "nothing left",
    "a session's number, after a Remove of others beside it": "still checked out",
    "3 mirrors, the second from a NIC that doesn't exist": "2 made",
    "the same Create, sent twice": "1 session",
    "the same Remove, sent twice: the second answer": "success",
    "a session, after another sandbox removed it by its id": "stands",
    "a session, after another sandbox removed by the same target NIC": "stands",
    "a target that another tool made, after a Create that failed": "stands",
    "3 mirrors to 2 targets, EC2 refuses the last session": "nothing left",
    "a Create that fails, and a delete of its undoing too": "1 filter left, named",
    "a Remove that EC2 refuses midway, sent again": "nothing left",
    "2 mirrors, the number of the second is taken": "nothing left",
    "a port range with from and to for fromPort and toPort": "refused, naming the key",
    "2 actions, the type of the second misspelt": "refused",
    "a mirror without filterRules (AWS mirrors what rules accept)": "4 rules",
    "20 mirrors, cancelled at the first session": "0 sessions",
}


@pytest.fixture(scope="module")
def scene(lab):
    """Deploy the Apps once: each scenario leaves the world as it was."""
    return Scene(lab, Side(lab, lab.cloudshell.session(), RESOURCE))


@pytest.mark.parametrize("what", SCENARIOS)
def test_a_scenario_shows_what_this_shell_promises(scene, what):
    """The other shell's column is for `make compare`, which needs its packages."""
    assert observe(SCENARIOS[what], scene) == SEEN[what]


def test_the_comparison_page_shows_it():
    """The page's column of this shell is what the scenarios see, word for word."""
    page = (ROOT / "docs" / "comparison.md").read_text()
    table = page.partition("<!-- compared -->\n")[2].partition("\n\n")[0]
    rows = dict(re.findall(r"^\| (\w.*?) \| (.+?) \| .+ \|$", table, re.MULTILINE))

    assert rows == SEEN
