"""The rows of `make compare` for this shell, without the stock shell."""

from __future__ import annotations

import re

import pytest

from benchmarks.differences import COMPARISONS, observe
from benchmarks.scenario import Scenario
from benchmarks.shell import Shell
from emulator.lab import RESOURCE
from tools.checkout import ROOT

EXPECTED = {
    "10 mirrors to one target, created and removed": "nothing left",
    "a session's number, after other sessions were removed": "still checked out",
    "3 mirrors, the second from a NIC that doesn't exist": "2 created",
    "the same Create, sent twice": "1 session",
    "the same Remove, sent twice: the second answer": "success",
    "a session, after another sandbox's Remove by its id": "kept",
    "a session, after another sandbox's Remove by its target NIC": "kept",
    "another tool's target, after a failed Create": "kept",
    "3 mirrors to 2 targets, EC2 rejects the last session": "nothing left",
    "a failed Create, with a failed delete in its rollback": "1 filter left, reported",
    "a Remove that fails midway, sent again": "nothing left",
    "a mirror whose rule was deleted in the AWS console, sent again": "reported",
    "a session deleted in the AWS console, sent again, removed": "created again, then "
    "nothing left",
    "2 sandboxes mirror to one target, one after the other, and remove": "nothing left",
    "2 sandboxes mirror to one target NIC at the same moment": "2 of 2 created, 1 "
    "target",
    "2 mirrors, the second one's number is in use": "nothing left",
    "a port range with from and to for fromPort and toPort": "rejected, naming the key",
    "2 actions, the type of the second misspelt": "rejected",
    "a mirror without filterRules (AWS mirrors what rules accept)": "4 rules",
    "20 mirrors, cancelled at the first session": "0 sessions",
}


@pytest.fixture(scope="module")
def scenario(lab):
    """Deploy the Apps once; every comparison leaves EC2 and the pools empty."""
    return Scenario(lab, Shell(lab, lab.cloudshell.session(), RESOURCE))


@pytest.mark.parametrize("title", COMPARISONS)
def test_a_comparison_gives_the_expected_result(scenario, title):
    """`make compare` prints this result for this shell."""
    assert observe(COMPARISONS[title], scenario) == EXPECTED[title]


def test_the_comparison_page_has_these_results():
    """The page's column for this shell has every result, word for word."""
    page = (ROOT / "docs" / "comparison.md").read_text()
    table = page.partition("<!-- compared -->\n")[2].partition("\n\n")[0]
    rows = dict(re.findall(r"^\| (\w.*?) \| (.+?) \| .+ \|$", table, re.MULTILINE))

    assert rows == EXPECTED
