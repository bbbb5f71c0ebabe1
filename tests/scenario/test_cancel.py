"""Cancelling CreateTrafficMirroring before each of its writing calls."""

from __future__ import annotations

import threading

import pytest

from tests.scenario.conftest import EMPTY, fresh

RULES = [{"direction": "ingress", "protocol": name} for name in ("tcp", "udp")]


def create(world, count):
    """Create one mirror, or three on two targets."""
    return world.create(
        *[
            world.mirror("web", "capture", filterRules=RULES),
            world.mirror("db", "capture", sessionNumber=7),
            world.mirror("db", "ids", filterRules=RULES[:1]),
        ][:count]
    )


class Canceller:
    """Presses Stop when a sandbox's command is about to make its nth writing call."""

    def __init__(self, world, nth):
        self.calls = 0
        self._lock = threading.Lock()
        self._world = world
        self._nth = nth
        world.ec2.settings.before_call = self._before_ec2
        world.pools.before_call = self._before

    def _before_ec2(self, operation, writes):
        if writes:
            self._before(operation)

    def _before(self, _name):
        with self._lock:
            self.calls += 1
            due = self.calls == self._nth
        if due:
            self._world.lab.execution.cancel_reservation(self._world.sandbox.id)


@pytest.mark.parametrize("count", [1, 3])
def test_a_create_cancelled_before_any_call_leaves_nothing(quick_lab, tally, count):
    """Whatever was made is undone, and every result says that it was cancelled."""
    world = fresh(quick_lab)
    counting = Canceller(world, nth=0)
    create(world, count)
    total = counting.calls
    assert total > 5 * count

    for nth in range(1, total + 1):
        world = fresh(quick_lab)
        Canceller(world, nth)

        results = create(world, count)

        assert [result["success"] for result in results] == [False] * count, nth
        assert {result["errorMessage"] for result in results} == {
            "The command was cancelled; what it made was undone"
        }
        assert {result["sessionId"] for result in results} == {""}
        assert world.standing == EMPTY, nth
        tally[f"Create of {count}, cancelled"] += 1


def test_a_cancelled_create_leaves_a_mirror_that_stood_before(quick_world):
    """Only what this command made is undone."""
    world = quick_world
    world.create(world.mirror("web"))
    before = world.standing
    Canceller(world, nth=2)

    results = world.create(world.mirror("web"), world.mirror("db"))

    assert [result["success"] for result in results] == [False, False]
    assert world.standing == before
