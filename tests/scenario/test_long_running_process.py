"""
A driver process that serves many sandboxes, one after another and at the same time.

`make load` does the same with more sandboxes and mirrors, and measures memory.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

import pytest

from emulator.ec2 import Throttle, Throttles, TokenBuckets
from reliability.at_once import SandboxesAtOnce, serve_sandboxes
from reliability.driver_process import COUNTING_DRIVER, size
from tests.scenario.watched_lab import WatchedLab

SANDBOXES = 20
"""CloudShell runs no more commands of a driver at once."""

MORE, MIRRORS = 20, 4


@pytest.fixture(scope="module")
def lab() -> Iterator[WatchedLab]:
    """Run a lab whose driver counts what its process holds."""
    python = os.environ.get("DRIVER_PYTHON", sys.executable)
    with WatchedLab(python=python, driver_folder=COUNTING_DRIVER) as lab:
        yield lab


def test_a_process_holds_no_more_after_many_sandboxes(lab):
    """No file, thread, log handler, lock or object of an ended sandbox stays."""
    serve_sandboxes(lab, SANDBOXES)
    before = size(lab)

    serve_sandboxes(lab, MORE)

    after = size(lab)
    assert after.held == before.held
    assert after.objects - before.objects < MORE  # not even one per sandbox


def test_sandboxes_at_once_get_their_own_mirrors(lab):
    """Twenty commands at a time; afterwards the process holds what it held before."""
    load = SandboxesAtOnce(lab, SANDBOXES, MIRRORS)
    serve_sandboxes(lab, 1)  # so that the process has loaded everything
    before = size(lab)
    lab.ec2.settings.latency = 0.02

    load.create()
    # Buckets that are empty soon, as AWS's are for more mirrors.
    lab.ec2.settings.throttle = TokenBuckets(Throttles(writes=Throttle(10, 50)))
    lab.ec2.clear_calls()
    load.clean_up()

    codes = {call.error_code for call in lab.ec2.calls}
    assert codes == {None, "RequestLimitExceeded"}
    lab.ec2.settings.throttle, lab.ec2.settings.latency = None, 0.0
    assert size(lab).held == before.held
    load.check_logs()
