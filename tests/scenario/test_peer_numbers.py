"""
Session numbers go back: each to its own NIC's pool, once, and not too early.

The ids in the tests' names are those of known faults of another implementation.
"""

from __future__ import annotations

import pytest

from emulator.faults import Fault
from tests.request_texts import remove_action, request
from tests.scenario.conftest import EMPTY


@pytest.fixture
def world(quick_world):
    """Let the driver be in a hurry: what EC2 makes it wait for is not the matter."""
    return quick_world


def fan_in(world, *apps):
    """Create a mirror of number 1 from each App to capture, and remove them at once."""
    sandbox = world.new_sandbox("capture", *apps)
    target = world.nic("capture", sandbox)
    actions = [
        world.mirror(
            sourceNicId=world.nic(app, sandbox), targetNicId=target, sessionNumber=1
        )
        for app in apps
    ]
    world.create(*actions, sandbox=sandbox)
    assert world.held == {world.nic(app, sandbox): {1} for app in apps}
    world.remove(targetNicId=target, sandbox=sandbox)
    return sandbox, actions


def crossed(world):
    """Let web have 7 and 8 and db 8, and remove web's 7 and db's 8 in one request."""
    results = world.create(
        world.mirror("web", sessionNumber=7),
        world.mirror("web", "ids", sessionNumber=8),
        world.mirror("db", sessionNumber=8),
    )
    doomed = [remove_action(sessionId=results[index]["sessionId"]) for index in (0, 2)]
    world.execute("RemoveTrafficMirroring", request(*doomed))
    return results[1]["sessionId"]


def test_b1_every_number_goes_back_to_its_own_nics_pool(world):
    """One removal of four sources leaves no number checked out."""
    fan_in(world, "a", "b", "c", "d")

    assert world.standing == EMPTY


def test_b2_a_number_that_went_back_can_be_had_again(world):
    """The same sandbox gets the number on every source once more."""
    sandbox, actions = fan_in(world, "a", "b", "c")

    results = world.create(*actions, sandbox=sandbox)

    assert [result["success"] for result in results] == [True] * 3
    assert [each["SessionNumber"] for each in world.sessions] == [1] * 3


def test_b3_the_number_of_a_session_that_stays_is_kept(world):
    """A removal beside it frees neither it nor keeps the ones removed."""
    staying = crossed(world)

    (session,) = world.sessions
    assert session["TrafficMirrorSessionId"] == staying
    assert world.held == {world.nic("web"): {8}}


def test_b4_after_a_removal_the_pool_and_ec2_agree(world):
    """Another sandbox gets a freed number, and a free one where a session lives on."""
    crossed(world)
    other = world.new_sandbox("a")

    results = world.create(
        world.mirror("web"), world.mirror("db", sessionNumber=8), sandbox=other
    )

    assert [result["success"] for result in results] == [True, True]
    assert world.held == {world.nic("web"): {1, 8}, world.nic("db"): {8}}
    numbers = {(s["NetworkInterfaceId"], s["SessionNumber"]) for s in world.sessions}
    assert numbers == {
        (nic, number) for nic, numbers in world.held.items() for number in numbers
    }


def test_b5_a_pool_that_refuses_a_number_is_told(world):
    """The answer names the number that is still out; the rest goes all the same."""
    world.create(world.mirror(sessionNumber=5))
    world.pools.faults.append(Fault("ReleaseFromPool", message="The pool is shut"))

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert not result["success"]
    assert "The pool is shut" in result["errorMessage"]
    assert f"session number 5 of {world.nic('web')}" in result["errorMessage"]
    assert world.standing == (*EMPTY[:3], {world.nic("web"): {5}})


def test_b6_a_number_goes_back_when_its_session_is_gone(world):
    """Undoing and removing, no number is free while EC2 still has it."""
    standing_at_release = []

    def look(method):
        if method == "ReleaseFromPool":
            standing_at_release.append(len(world.sessions))

    world.pools.before_call = look
    lost = Fault(operation="CreateTrafficMirrorSession", status=500, after_effect=True)
    world.ec2.faults.append(lost)
    (failed,) = world.create(world.mirror())
    (made,) = world.create(world.mirror())

    world.remove(sessionId=made["sessionId"])

    assert not failed["success"]
    assert standing_at_release == [0, 0]
    assert world.standing == EMPTY
