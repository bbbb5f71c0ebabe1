"""
What a request may touch: what it made itself, and what its sandbox made.

The ids in the tests' names are those of known faults of another implementation.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.faults import Fault
from tests.request_texts import remove, remove_action, request
from tests.scenario.conftest import EMPTY, foreign_session

NO_SESSION = {"operation": "CreateTrafficMirrorSession", "code": "Unsupported"}


@pytest.fixture
def world(quick_world):
    """Let the driver be in a hurry: what EC2 makes it wait for is not the matter."""
    return quick_world


@pytest.fixture
def other(world):
    """Start another sandbox, with one App named its."""
    return world.new_sandbox("its")


def theirs(world, other, target="capture", **params):
    """Mirror the other sandbox's App to one of this sandbox's; return the id."""
    action = world.mirror(sourceNicId=world.nic("its", other), target=target, **params)
    (result,) = world.create(action, sandbox=other)
    return result["sessionId"]


def meeting(operation, count):
    """Return a before_call that lets the first calls of an operation meet."""
    barrier, places = Barrier(count, timeout=5), iter(range(count))

    def meet(name, writes):  # noqa: ARG001 - the signature is the emulator's
        if name == operation and next(places, None) is not None:
            barrier.wait()

    return meet


def test_a1_rollback_touches_only_what_the_request_made(world):
    """Idle targets that stood before a failing request stand after it."""
    apps = [f"app-{number}" for number in range(8)]
    sandbox = world.new_sandbox("web", "db", "api", *apps)
    for app in apps:
        nic = world.nic(app, sandbox)
        world.client.create_traffic_mirror_target(NetworkInterfaceId=nic)
    before = world.standing
    sources = ["web"] * 3 + ["db"] * 3 + ["api"] * 2
    actions = [
        world.mirror(
            sourceNicId=world.nic(source, sandbox), targetNicId=world.nic(app, sandbox)
        )
        for source, app in zip(sources, apps)
    ]
    world.ec2.faults.append(Fault(**NO_SESSION, times=None))

    results = world.create(*actions, sandbox=sandbox)

    assert {result["success"] for result in results} == {False}
    assert world.standing == before


def test_a2_no_attempt_is_made_on_a_target_in_use_by_others(world, other):
    """A failing request doesn't even try to delete what it merely found."""
    theirs(world, other)
    before = world.standing
    world.ec2.clear_calls()
    world.ec2.faults.append(Fault(**NO_SESSION))

    (result,) = world.create(world.mirror())

    assert not result["success"]
    assert "left behind" not in result["errorMessage"]
    assert world.standing == before
    tried = {call.operation for call in world.ec2.calls}
    assert "DeleteTrafficMirrorTarget" not in tried


def test_a3_each_thing_is_undone_once_and_the_rest_all_the_same(world):
    """Shared or not, every target goes, and one that is gone already stops nothing."""
    gone = Fault(
        operation="DeleteTrafficMirrorTarget",
        code="InvalidTrafficMirrorTargetId.NotFound",
        after_effect=True,
    )
    world.ec2.faults.extend([Fault(**NO_SESSION, times=None), gone])

    results = world.create(
        world.mirror("web"), world.mirror("db"), world.mirror("web", "ids")
    )

    assert {result["success"] for result in results} == {False}
    assert [r for r in results if "left behind" in r["errorMessage"]] == []
    assert world.standing == EMPTY


def test_a4_a_failing_request_leaves_the_target_to_one_beside_it(world, other):
    """Of two requests at once on an idle target the good one succeeds."""
    world.client.create_traffic_mirror_target(NetworkInterfaceId=world.nic("capture"))
    (target,) = world.targets
    world.ec2.faults.append(Fault(**NO_SESSION))
    world.ec2.settings.before_call = meeting("CreateTrafficMirrorSession", 2)
    mine = world.mirror()
    its = world.mirror(sourceNicId=world.nic("its", other))

    with ThreadPoolExecutor() as pool:
        first = pool.submit(world.create, mine)
        second = pool.submit(world.create, its, sandbox=other)
    results = [*first.result(), *second.result()]

    (session,) = world.sessions
    (good,) = (result for result in results if result["success"])
    assert session["TrafficMirrorSessionId"] == good["sessionId"]
    assert world.targets == [target]


def test_g1_a_session_of_another_sandbox_is_refused_by_id(world, other):
    """Nothing of it is touched, its number included."""
    session_id = theirs(world, other)
    before = world.standing

    (result,) = world.remove(sessionId=session_id)

    assert not result["success"]
    assert other.id in result["errorMessage"]
    assert world.standing == before


def test_g2_by_target_nic_only_this_sandboxs_sessions_go(world, other):
    """What others mirror to the same NIC stays whole."""
    session_id = theirs(world, other)
    before = world.standing
    world.create(world.mirror())

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert session_id not in result["infoMessage"]
    assert world.standing == before


def test_g3_what_cloudshell_never_made_is_refused(world):
    """By id and by target NIC, a session and filter made by hand stay."""
    session_id = foreign_session(world, "web", 5)
    before = world.standing
    actions = [
        remove_action(sessionId=session_id),
        remove_action(targetNicId=world.nic("ids")),
    ]

    by_id, by_target = world.execute("RemoveTrafficMirroring", request(*actions))

    assert "outside CloudShell" in by_id["errorMessage"]
    assert by_target["infoMessage"].endswith(": 1")
    assert world.standing == before


@pytest.mark.parametrize(
    "fields",
    [{"targetNicId": "*"}, {"sessionId": "*"}, {"sessionId": "tms-*"}],
    ids=str,
)
def test_g4_a_wildcard_is_no_id(world, fields):
    """It is refused as what it is, and no session goes."""
    world.create(world.mirror("web"), world.mirror("db", "ids"))
    before = world.standing

    with pytest.raises(CloudShellAPIError) as refusal:
        world.execute("RemoveTrafficMirroring", remove(**fields))

    ((field, value),) = fields.items()
    assert f'actions[0].{field}: "{value}"' in refusal.value.message
    assert world.standing == before
