"""A command changes only what it created itself or what its sandbox owns."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.faults import Fault
from tests.request_texts import remove, remove_action, request
from tests.scenario.barriers import hold_first_calls
from tests.scenario.conftest import EMPTY, create_foreign_session

NO_SESSION = {"operation": "CreateTrafficMirrorSession", "code": "Unsupported"}


pytestmark = pytest.mark.short_waits


@pytest.fixture
def other(world):
    """Start another sandbox, with one App named theirs."""
    return world.new_sandbox("theirs")


def create_theirs(world, other, target="capture", **params):
    """Mirror the other sandbox's App to one of this sandbox; return the session."""
    action = world.mirror(
        sourceNicId=world.nic("theirs", other), target=target, **params
    )
    (result,) = world.create(action, sandbox=other)
    return result["sessionId"]


def test_rollback_keeps_targets_that_existed_before(world):
    """Unused targets that existed before a failed request exist after it."""
    apps = [f"app-{number}" for number in range(8)]
    sandbox = world.new_sandbox("web", "db", "api", *apps)
    for app in apps:
        nic = world.nic(app, sandbox)
        world.client.create_traffic_mirror_target(NetworkInterfaceId=nic)
    before = world.state
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
    assert world.state == before


def test_rollback_does_not_try_to_delete_a_target_that_others_use(world, other):
    """A failed request makes no attempt to delete a target that it didn't create."""
    create_theirs(world, other)
    before = world.state
    world.ec2.clear_calls()
    world.ec2.faults.append(Fault(**NO_SESSION))

    (result,) = world.create(world.mirror())

    assert not result["success"]
    assert "left behind" not in result["errorMessage"]
    assert world.state == before
    called = {call.operation for call in world.ec2.calls}
    assert "DeleteTrafficMirrorTarget" not in called


def test_rollback_goes_on_if_a_target_is_already_deleted(world):
    """Every target is deleted, shared or not; NotFound doesn't stop the rollback."""
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
    assert world.state == EMPTY


def test_a_failed_request_keeps_the_target_for_a_concurrent_one(world, other):
    """If one of two concurrent requests to a target fails, the other succeeds."""
    world.client.create_traffic_mirror_target(NetworkInterfaceId=world.nic("capture"))
    (target,) = world.targets
    world.ec2.faults.append(Fault(**NO_SESSION))
    world.ec2.settings.before_call = hold_first_calls("CreateTrafficMirrorSession", 2)
    mine = world.mirror()
    its = world.mirror(sourceNicId=world.nic("theirs", other))

    with ThreadPoolExecutor() as pool:
        first = pool.submit(world.create, mine)
        second = pool.submit(world.create, its, sandbox=other)
    results = [*first.result(), *second.result()]

    (session,) = world.sessions
    (good,) = (result for result in results if result["success"])
    assert session["TrafficMirrorSessionId"] == good["sessionId"]
    assert world.targets == [target]


def test_a_session_of_another_sandbox_can_not_be_removed_by_id(world, other):
    """The session, all that it uses, and its number are kept."""
    session_id = create_theirs(world, other)
    before = world.state

    (result,) = world.remove(sessionId=session_id)

    assert not result["success"]
    assert other.id in result["errorMessage"]
    assert world.state == before


def test_a_remove_by_target_nic_removes_only_this_sandboxs_sessions(world, other):
    """Mirrors from other sandboxes to the same NIC are kept."""
    session_id = create_theirs(world, other)
    before = world.state
    world.create(world.mirror())

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert session_id not in result["infoMessage"]
    assert world.state == before


def test_a_session_from_outside_cloudshell_is_never_removed(world):
    """A session and filter created by hand are kept, by id and by target NIC."""
    session_id = create_foreign_session(world, "web", 5)
    before = world.state
    actions = [
        remove_action(sessionId=session_id),
        remove_action(targetNicId=world.nic("ids")),
    ]

    by_id, by_target = world.execute("RemoveTrafficMirroring", request(*actions))

    assert "outside CloudShell" in by_id["errorMessage"]
    assert by_target["infoMessage"].endswith(": 1")
    assert world.state == before


@pytest.mark.parametrize(
    "fields",
    [{"targetNicId": "*"}, {"sessionId": "*"}, {"sessionId": "tms-*"}],
    ids=str,
)
def test_a_wildcard_is_rejected_as_an_id(world, fields):
    """EC2's filters accept wildcards; the request doesn't, and removes no session."""
    world.create(world.mirror("web"), world.mirror("db", "ids"))
    before = world.state

    with pytest.raises(CloudShellAPIError) as refusal:
        world.execute("RemoveTrafficMirroring", remove(**fields))

    ((field, value),) = fields.items()
    assert f'actions[0].{field}: "{value}"' in refusal.value.message
    assert world.state == before
