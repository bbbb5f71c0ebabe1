"""A failed scenario shows what the driver logged."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from emulator.faults import Fault
from emulator.lab import LAB_LOGS
from tests.driver_logs import DriverLogs

FAILING = """
def test_that_fails(world):
    world.create(world.mirror())
    assert False

def test_that_passes(world):
    world.create(world.mirror("db"))

def test_that_fails_without_a_command():
    assert False
"""


class Reports:
    """A plug-in that lends the world to the tests, and keeps their reports."""

    def __init__(self, world):
        self._world = world
        self.sections = {}

    @pytest.fixture(name="world")
    def lent_world(self):
        return self._world

    def pytest_runtest_logreport(self, report):
        if report.when == "call":
            name = report.nodeid.rpartition("::")[2]
            self.sections[name] = {
                title: text
                for title, text in report.sections
                if title.startswith("Driver log") and title.endswith("/AWS.log")
            }


def test_a_failure_shows_the_drivers_log(quick_world, tmp_path):
    """It is in the report of the test that failed, and in no other."""
    world = quick_world
    code = "TrafficMirrorFilterLimitExceeded"
    world.ec2.faults.append(Fault("CreateTrafficMirrorFilter", code=code))
    file = tmp_path / "test_throw_away.py"
    file.write_text(FAILING)
    reports = Reports(world)
    logs = DriverLogs(Path(os.environ[LAB_LOGS]))

    # Hypothesis would be imported once more, for nothing.
    without = ["-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    options = [*without, f"--rootdir={tmp_path}"]
    pytest.main([*options, str(file)], plugins=[reports, logs])

    failed = reports.sections.pop("test_that_fails")
    (log,) = failed.values()
    assert world.nic("web") in log
    assert code in log
    assert world.nic("db") not in log
    assert reports.sections == {
        "test_that_passes": {},
        "test_that_fails_without_a_command": {},
    }
