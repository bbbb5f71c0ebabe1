"""CreateTrafficMirroring, cancelled before each of its writing calls."""

from __future__ import annotations

import threading

import pytest

from tests.scenario.conftest import EMPTY, new_testbed

RULES = [{"direction": "ingress", "protocol": name} for name in ("tcp", "udp")]


def create(world, count):
    """Create the first `count` of three mirrors to two targets."""
    return world.create(
        *[
            world.mirror("web", "capture", filterRules=RULES),
            world.mirror("db", "capture", sessionNumber=7),
            world.mirror("db", "ids", filterRules=RULES[:1]),
        ][:count]
    )


class Canceller:
    """Cancels a sandbox's commands just before their nth writing call."""

    def __init__(self, world, nth):
        self.calls = 0
        self._lock = threading.Lock()
        self._world = world
        self._nth = nth
        world.ec2.before_call = self._before_ec2
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
def test_a_create_leaves_nothing_whichever_call_it_is_cancelled_before(
    short_wait_lab, tally, count
):
    """All that was created is rolled back, and every result says it was cancelled."""
    world = new_testbed(short_wait_lab)
    counter = Canceller(world, nth=0)
    create(world, count)
    total = counter.calls
    assert total > 5 * count

    for nth in range(1, total + 1):
        world = new_testbed(short_wait_lab)
        Canceller(world, nth)

        results = create(world, count)

        assert [result["success"] for result in results] == [False] * count, nth
        assert {result["errorMessage"] for result in results} == {
            "The command was cancelled; what it made was undone"
        }
        assert {result["sessionId"] for result in results} == {""}
        assert world.state == EMPTY, nth
        tally[f"Create of {count}, cancelled"] += 1


@pytest.mark.short_waits
def test_a_cancelled_create_keeps_a_mirror_that_existed_before(world):
    """Only what this command created is rolled back."""
    world.create(world.mirror("web"))
    before = world.state
    Canceller(world, nth=2)

    results = world.create(world.mirror("web"), world.mirror("db"))

    assert [result["success"] for result in results] == [False, False]
    assert world.state == before
