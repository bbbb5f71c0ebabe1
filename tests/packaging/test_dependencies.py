"""The page about dependencies is current, and the audit understands its tool."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.audit import summary
from tools.dependencies import development_packages, driver_packages, page

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "dependencies.md").read_text()


def names(text):
    """Return the packages in each of the page's tables."""
    tables = text.partition("## Development")[::2]
    return [set(re.findall(r"^\| ([a-z][\w-]*) \| ", each, re.M)) for each in tables]


def test_the_page_lists_every_package_and_no_other():
    """`make licences` writes it; the table's head is no package."""
    driver, development = names(PAGE)

    assert {each.name for each in driver_packages()} | {"package"} == driver
    assert {each.name for each in development_packages()} <= development


def test_every_licence_is_named():
    """None of the driver's packages is under the GPL."""
    listed = re.findall(r"^\| ([\w-]+) \| (.*?) \| (.*?) \|$", PAGE, re.M)

    assert {name for name, licence, _ in listed if licence == "not stated"} == {
        "cloudshell-automation-api"
    }
    assert [row for row in listed if not all(row)] == []
    driver = page().partition("## Development")[0]
    assert "GPL" not in driver


FOUND = {
    "dependencies": [
        {"name": "a", "version": "1", "vulns": []},
        {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1"}, {"id": "GHSA-2"}]},
        {"name": "c", "skip_reason": "unknown"},
    ]
}


def test_known_vulnerabilities_fail_the_audit():
    """Each is named with the package's version."""
    text, is_well = summary(json.dumps(FOUND))

    assert not is_well
    assert text.split("\n") == [
        "b 2: PYSEC-1",
        "b 2: GHSA-2",
        "audit: 2 of 3 packages, 2 known vulnerabilities",
    ]


@pytest.mark.parametrize(
    "output", ["", '{"dependencies": [{"name": "c", "skip_reason": "unknown"}]}']
)
def test_without_network_the_audit_says_so_and_passes(output):
    """In one line."""
    assert summary(output) == (
        "audit: not done, because no vulnerabilities can be looked up here",
        True,
    )


@pytest.mark.parametrize(
    ("line", "rule"),
    [("import moto", "DEP004"), ("import s3transfer", "DEP003"), ("", "DEP002")],
)
def test_a_wrong_dependency_would_be_found(tmp_path, line, rule):
    """By the tool that `make check` runs."""
    text = (ROOT / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(text)
    (tmp_path / "src").mkdir()
    requirements = (ROOT / "src" / "requirements.txt").read_text()
    (tmp_path / "src" / "requirements.txt").write_text(requirements)
    (tmp_path / "src" / "module.py").write_text(f"{line}\n")

    done = subprocess.run(
        [
            *(sys.executable, "-m", "deptry", "src"),
            *("--optional-dependencies-dev-groups", "bench,demo,dev,fuzz", "--no-ansi"),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert done.returncode == 1
    assert rule in done.stderr + done.stdout
