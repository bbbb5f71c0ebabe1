"""Rollback and Remove while EC2 or CloudShell fail or don't answer."""

from __future__ import annotations

import pytest

from emulator.faults import Fault
from tests.scenario.conftest import EMPTY, TCP

pytestmark = pytest.mark.short_waits


def end_sandbox_at(world, operation):
    """End the sandbox when the driver calls this operation."""
    world.lab.cloudshell.refuse_commands_after_end = False

    def end(name, _writes):
        if name == operation:
            world.lab.cloudshell.end_reservation(world.sandbox.id)

    world.ec2.settings.before_call = end


def permanent(operation, **options):
    """Return a fault that fails an operation with an error that isn't retried."""
    return Fault(operation=operation, code="Unsupported", message="no", **options)


def unanswered(operation):
    """Return a fault that lets a call take effect, but loses its answer."""
    return Fault(operation=operation, status=500, after_effect=True)


def test_a_failed_undo_is_reported_and_does_not_stop_the_rollback(world):
    """If a filter can't be deleted, its action's result names it; all else is gone."""
    world.ec2.faults.append(permanent("CreateTrafficMirrorSession", times=None))
    world.ec2.faults.append(permanent("DeleteTrafficMirrorFilter"))

    results = world.create(world.mirror("web"), world.mirror("db"))

    (mirror_filter,) = world.filters
    name = mirror_filter["TrafficMirrorFilterId"]
    naming = [result for result in results if name in result["errorMessage"]]
    assert len(naming) == 1
    assert {result["success"] for result in results} == {False}
    assert world.targets == world.sessions == []
    assert world.held == {}


def test_a_session_that_can_not_be_rolled_back_keeps_its_number(world):
    """The error names what is left; the number of a live session is not released."""
    world.ec2.faults.append(unanswered("CreateTrafficMirrorSession"))
    world.ec2.faults.append(permanent("DeleteTrafficMirrorSession", times=None))

    (result,) = world.create(world.mirror(sessionNumber=5))

    (session,) = world.sessions
    (mirror_filter,) = world.filters
    (target,) = world.targets
    assert not result["success"]
    assert f"session {session['Description']}" in result["errorMessage"]
    assert mirror_filter["TrafficMirrorFilterId"] in result["errorMessage"]
    assert target["TrafficMirrorTargetId"] in result["errorMessage"]
    assert world.held == {world.nic("web"): {5}}


def test_a_sandbox_that_ends_during_a_failed_create_leaves_nothing(world):
    """EC2 is cleaned up even though the pool refuses to release the number."""
    world.ec2.faults.append(permanent("CreateTrafficMirrorSession"))
    end_sandbox_at(world, "CreateTrafficMirrorSession")

    (result,) = world.create(world.mirror())

    assert "Unsupported: no" in result["errorMessage"]
    assert world.state == EMPTY


def test_a_remove_succeeds_though_its_sandbox_ends(world):
    """The numbers count as released, and filters and targets are deleted."""
    world.create(world.mirror("web"), world.mirror("db"))
    end_sandbox_at(world, "DeleteTrafficMirrorSession")

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert world.state == EMPTY


@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize("given", [None, 5])
def test_a_checkout_that_fails_once_is_tried_again(world, skip, given):
    """Both actions succeed, and only their numbers are checked out."""
    world.pools.faults.append(
        Fault("CheckoutFromPool", skip=skip, message="The pool is shut")
    )

    results = world.create(
        world.mirror("web", sessionNumber=given),
        world.mirror("db", sessionNumber=given),
    )

    assert [result["success"] for result in results] == [True, True]
    number = given or 1
    assert world.held == {world.nic("web"): {number}, world.nic("db"): {number}}


@pytest.mark.parametrize("kind", ["Target", "Filter", "Session"])
def test_a_resource_created_without_an_answer_is_found(world, kind):
    """The driver never got its id, but uses or deletes it."""
    world.ec2.faults.append(unanswered(f"CreateTrafficMirror{kind}"))

    (result,) = world.create(world.mirror())

    targets, filters, sessions, held = world.state
    expected = 1 if result["success"] else 0
    assert "left behind" not in result["infoMessage"] + result["errorMessage"]
    assert [len(each) for each in (targets, filters, sessions, held)] == [expected] * 4
    world.remove(targetNicId=world.nic("capture"))
    assert world.state == EMPTY


def test_nothing_is_left_whichever_call_fails(world):
    """For every writing call of a Create, its failure leaves EC2 and pools empty."""
    rules = [TCP, {**TCP, "protocol": "udp"}]
    world.create(world.mirror(filterRules=rules))
    writes = len(world.ec2.writes())
    assert writes == 5
    world.remove(targetNicId=world.nic("capture"))
    assert world.state == EMPTY

    for index in range(writes):
        world.ec2.faults.append(
            Fault(code="UnsupportedOperation", message="no", skip=index)
        )
        (result,) = world.create(world.mirror(filterRules=rules))
        assert "UnsupportedOperation: no" in result["errorMessage"], index
        assert world.state == EMPTY, index


def test_what_could_not_be_rolled_back_is_reported(world):
    """The error of the action comes first, then the list of what is left behind."""
    world.ec2.faults.extend(
        [
            Fault(
                operation="CreateTrafficMirrorSession", code="Unsupported", message="a"
            ),
            Fault(
                operation="DeleteTrafficMirrorFilter", code="Unsupported", message="b"
            ),
        ]
    )

    (result,) = world.create(world.mirror())

    (mirror_filter,) = world.filters
    assert world.targets == world.sessions == []
    assert world.held == {}
    error, left = result["errorMessage"].split("; left behind until the sandbox is ")
    assert "Unsupported: a" in error
    assert left.startswith(
        f"cleaned up: filter {mirror_filter['TrafficMirrorFilterId']} ("
    )
    assert "Unsupported: b" in left


def test_a_failed_create_keeps_a_target_that_existed_before(world):
    """Rollback deletes only what the command created itself."""
    world.client.create_traffic_mirror_target(NetworkInterfaceId=world.nic("capture"))
    before = world.state
    world.ec2.faults.append(
        Fault(operation="CreateTrafficMirrorSession", code="Unsupported", message="no")
    )

    (result,) = world.create(world.mirror())

    assert not result["success"]
    assert before == world.state
