"""Session numbers: which one a mirror gets, and when it is released."""

from __future__ import annotations

import pytest

from emulator.faults import Fault
from tests.request_texts import remove_action, request
from tests.scenario.conftest import EMPTY, clean_up, create_foreign_session

pytestmark = pytest.mark.short_waits


def fan_in(world, *apps):
    """Mirror each App to capture with number 1, then remove all in one request."""
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


def keep_one_of_three(world):
    """Create mirrors web 7, web 8 and db 8; remove all but web 8; return its id."""
    results = world.create(
        world.mirror("web", sessionNumber=7),
        world.mirror("web", "ids", sessionNumber=8),
        world.mirror("db", sessionNumber=8),
    )
    removals = [
        remove_action(sessionId=results[index]["sessionId"]) for index in (0, 2)
    ]
    world.execute("RemoveTrafficMirroring", request(*removals))
    return results[1]["sessionId"]


def test_every_number_is_released_to_its_own_nics_pool(world):
    """Removing the mirrors of four sources leaves no number checked out."""
    fan_in(world, "a", "b", "c", "d")

    assert world.state == EMPTY


def test_a_released_number_can_be_used_again(world):
    """The same sandbox can use the same number on every source again."""
    sandbox, actions = fan_in(world, "a", "b", "c")

    results = world.create(*actions, sandbox=sandbox)

    assert [result["success"] for result in results] == [True] * 3
    assert [each["SessionNumber"] for each in world.sessions] == [1] * 3


def test_the_number_of_a_remaining_session_is_kept(world):
    """Removing other sessions releases their numbers, but not this one's."""
    remaining = keep_one_of_three(world)

    (session,) = world.sessions
    assert session["TrafficMirrorSessionId"] == remaining
    assert world.held == {world.nic("web"): {8}}


def test_after_a_remove_the_pool_and_ec2_agree(world):
    """Another sandbox gets released numbers, but not that of a remaining session."""
    keep_one_of_three(world)
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


def test_a_number_that_the_pool_does_not_take_back_is_reported(world):
    """The error names the number that is still checked out; all else is removed."""
    world.create(world.mirror(sessionNumber=5))
    world.pools.faults.append(Fault("ReleaseFromPool", message="The pool is shut"))

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert not result["success"]
    assert "The pool is shut" in result["errorMessage"]
    assert f"session number 5 of {world.nic('web')}" in result["errorMessage"]
    assert world.state == (*EMPTY[:3], {world.nic("web"): {5}})


def test_a_number_is_released_after_its_session_is_deleted(world):
    """Rollback and Remove release a number only when EC2 no longer uses it."""
    sessions_at_release = []

    def count_sessions(method):
        if method == "ReleaseFromPool":
            sessions_at_release.append(len(world.sessions))

    world.pools.before_call = count_sessions
    lost = Fault(operation="CreateTrafficMirrorSession", status=500, after_effect=True)
    world.ec2.faults.append(lost)
    (failed,) = world.create(world.mirror())
    (made,) = world.create(world.mirror())

    world.remove(sessionId=made["sessionId"])

    assert not failed["success"]
    assert sessions_at_release == [0, 0]
    assert world.state == EMPTY


def test_a_number_is_allocated_if_none_is_requested(world):
    """It is the lowest one that is free and not requested by another action."""
    results = world.create(
        world.mirror(target="capture"), world.mirror(target="ids", sessionNumber="1")
    )

    numbers = {
        each["TrafficMirrorSessionId"]: each["SessionNumber"] for each in world.sessions
    }
    assert [numbers[result["sessionId"]] for result in results] == [2, 1]
    assert world.held == {world.nic("web"): {1, 2}}


def test_a_number_that_a_session_in_ec2_uses_is_skipped_and_released(world):
    """The pool doesn't know the numbers of sessions created outside CloudShell."""
    create_foreign_session(world, "web", 1)

    (result,) = world.create(world.mirror())

    assert result["success"]
    assert world.held == {world.nic("web"): {2}}


def test_a_requested_number_that_a_session_uses_is_an_error(world):
    """The error names the session, and nothing is created."""
    session_id = create_foreign_session(world, "web", 5)
    before = world.state

    (result,) = world.create(world.mirror(sessionNumber=5))

    assert not result["success"]
    assert session_id in result["errorMessage"]
    assert "number 5" in result["errorMessage"]
    assert before == world.state


def test_a_number_that_another_sandbox_has_checked_out_is_an_error(world):
    """Only this action fails, and it leaves nothing."""
    world.create(world.mirror(target="ids", sessionNumber=5))
    (session,) = world.sessions
    world.client.delete_traffic_mirror_session(
        TrafficMirrorSessionId=session["TrafficMirrorSessionId"]
    )
    before = world.state
    other = world.new_sandbox("other")

    results = world.create(
        world.mirror(sessionNumber=5),
        world.mirror(sourceNicId=world.nic("other", other), sessionNumber=5),
        sandbox=other,
    )

    assert [result["success"] for result in results] == [False, True]
    assert "Taking session number 5" in results[0]["errorMessage"]
    assert "give another, or leave it out" in results[0]["errorMessage"]
    assert len(world.sessions) == len(before[2]) + 1


@pytest.mark.parametrize("number", [None, 5])
def test_the_number_of_a_deleted_session_is_used_again(world, number):
    """Its sandbox still holds it; afterwards Cleanup releases it."""
    world.create(world.mirror(sessionNumber=number))
    (session,) = world.sessions
    world.client.delete_traffic_mirror_session(
        TrafficMirrorSessionId=session["TrafficMirrorSessionId"]
    )

    (again,) = world.create(world.mirror(sessionNumber=number))

    assert again["sessionNumber"] == (number or 1)
    assert world.held == {world.nic("web"): {number or 1}}
    assert clean_up(world)["success"]
    assert world.state == EMPTY


def test_a_checkout_that_always_fails_fails_its_action(world):
    """The error has the pool's words."""
    world.pools.faults.append(
        Fault("CheckoutFromPool", times=None, message="The pool is shut")
    )

    (result,) = world.create(world.mirror())

    assert "The pool is shut" in result["errorMessage"]
    assert world.state == EMPTY
