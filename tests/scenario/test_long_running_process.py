"""A driver process that serves many sandboxes, for weeks."""

from __future__ import annotations

import os
from contextlib import suppress

from emulator.cloudshell import Reservation
from emulator.lab import RESOURCE
from tests.scenario.conftest import clean_up

SANDBOXES = 30


def open_files(world):
    """Return what the driver process has open, sockets apart: paths and pipes."""
    folder = f"/proc/{world.lab.execution.driver_pid(RESOURCE)}/fd"
    found = []
    for each in os.listdir(folder):
        with suppress(FileNotFoundError):  # a socket that has just been closed
            found.append(os.readlink(f"{folder}/{each}"))
    return sorted(each for each in found if not each.startswith("socket:"))


def run_in_new_sandboxes(world, count):
    """Run one command in each of some sandboxes; return the sandboxes."""
    cloudshell = world.lab.cloudshell
    sandboxes = [cloudshell.add_reservation(Reservation("new")) for _ in range(count)]
    for sandbox in sandboxes:
        assert clean_up(world, sandbox)["success"]
    return sandboxes


def test_open_files_do_not_grow_with_the_number_of_sandboxes(world):
    """Each sandbox has its log, which is closed after its last command."""
    run_in_new_sandboxes(world, 3)
    before = open_files(world)

    sandboxes = run_in_new_sandboxes(world, SANDBOXES)

    assert open_files(world) == before
    for sandbox in sandboxes:
        (log,) = (world.lab.execution.log_path / sandbox.id).rglob("*.log")
        assert "Shell Version" in log.read_text()
