"""
Undoing and removing while EC2 or CloudShell refuse, or lose their answers.

The ids in the tests' names are those of known faults of another implementation.
"""

from __future__ import annotations

import pytest

from emulator.faults import Fault
from tests.scenario.conftest import EMPTY


@pytest.fixture
def world(quick_world):
    """Let the driver be in a hurry: what EC2 makes it wait for is not the matter."""
    return quick_world


def ending_at(world, operation):
    """Let the sandbox end while this operation is asked for."""
    world.lab.cloudshell.refuse_commands_after_end = False

    def end(name, writes):  # noqa: ARG001 - the signature is the emulator's
        if name == operation:
            world.lab.cloudshell.end_reservation(world.sandbox.id)

    world.ec2.settings.before_call = end


def refused(operation, **options):
    """Return a fault that refuses an operation for good."""
    return Fault(operation=operation, code="Unsupported", message="no", **options)


def lost(operation):
    """Return a fault that lets a call take effect and loses the answer."""
    return Fault(operation=operation, status=500, after_effect=True)


def test_i2_an_undo_that_fails_stops_no_other_and_is_named(world):
    """Of two mirrors undone, one keeps its filter; its own result says so."""
    world.ec2.faults.append(refused("CreateTrafficMirrorSession", times=None))
    world.ec2.faults.append(refused("DeleteTrafficMirrorFilter"))

    results = world.create(world.mirror("web"), world.mirror("db"))

    (mirror_filter,) = world.filters
    name = mirror_filter["TrafficMirrorFilterId"]
    telling = [result for result in results if name in result["errorMessage"]]
    assert len(telling) == 1
    assert {result["success"] for result in results} == {False}
    assert world.targets == world.sessions == []
    assert world.held == {}


def test_i2_a_session_that_can_not_be_undone_keeps_its_number(world):
    """What is left is named, and the pool gives nobody the number of what lives."""
    world.ec2.faults.append(lost("CreateTrafficMirrorSession"))
    world.ec2.faults.append(refused("DeleteTrafficMirrorSession", times=None))

    (result,) = world.create(world.mirror(sessionNumber=5))

    (session,) = world.sessions
    (mirror_filter,) = world.filters
    (target,) = world.targets
    assert not result["success"]
    assert f"session {session['Description']}" in result["errorMessage"]
    assert mirror_filter["TrafficMirrorFilterId"] in result["errorMessage"]
    assert target["TrafficMirrorTargetId"] in result["errorMessage"]
    assert world.held == {world.nic("web"): {5}}


def test_i3_a_sandbox_that_ends_during_a_failing_create_leaves_nothing(world):
    """The pool refuses the number of an ended sandbox; EC2 is cleaned all the same."""
    world.ec2.faults.append(refused("CreateTrafficMirrorSession"))
    ending_at(world, "CreateTrafficMirrorSession")

    (result,) = world.create(world.mirror())

    assert "Unsupported: no" in result["errorMessage"]
    assert world.standing == EMPTY


def test_i4_a_sandbox_that_ends_during_a_removal_is_no_failure(world):
    """Its numbers count as given back, and filters and targets still go."""
    world.create(world.mirror("web"), world.mirror("db"))
    ending_at(world, "DeleteTrafficMirrorSession")

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert world.standing == EMPTY


@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("given", [None, 5])
def test_i5_a_refused_number_fails_its_action_and_leaks_no_other(world, skip, given):
    """The other action succeeds, and its number alone is out."""
    world.pools.faults.append(
        Fault("CheckoutFromPool", skip=skip, message="The pool is shut")
    )

    results = world.create(
        world.mirror("web", sessionNumber=given),
        world.mirror("db", sessionNumber=given),
    )

    (session,) = world.sessions
    (good,) = (result for result in results if result["success"])
    (bad,) = (result for result in results if not result["success"])
    assert good["sessionId"] == session["TrafficMirrorSessionId"]
    assert "The pool is shut" in bad["errorMessage"]
    assert len(world.filters) == len(world.targets) == 1
    assert world.held == {session["NetworkInterfaceId"]: {session["SessionNumber"]}}


@pytest.mark.parametrize("kind", ["Target", "Filter", "Session"])
def test_i6_what_was_made_without_an_answer_is_found(world, kind):
    """Though nobody was told its id, it is used or deleted, and never orphaned."""
    world.ec2.faults.append(lost(f"CreateTrafficMirror{kind}"))

    (result,) = world.create(world.mirror())

    targets, filters, sessions, held = world.standing
    expected = 1 if result["success"] else 0
    assert "left behind" not in result["infoMessage"] + result["errorMessage"]
    assert [len(each) for each in (targets, filters, sessions, held)] == [expected] * 4
    world.remove(targetNicId=world.nic("capture"))
    assert world.standing == EMPTY
