"""RemoveTrafficMirroring, from CloudShell's client to EC2 and back."""

from __future__ import annotations

from emulator.faults import Fault
from tests.request_texts import DOCUMENTED_REMOVE, remove_action, request
from tests.scenario.conftest import EMPTY, create_foreign_session


def test_the_documented_request_removes_everything_it_names(world):
    """The vendor's sample works unchanged and leaves EC2 and the pools empty."""
    sandbox = world.lab.deploy("sample", {"web": None, "ids": "eni-08e44d9a954444e3f"})
    nics = {
        "sourceNicId": world.nic("web", sandbox),
        "targetNicId": "eni-08e44d9a954444e3f",
    }
    world.create(world.mirror(**nics), sandbox=sandbox)
    (session,) = world.sessions
    (mirror_filter,) = world.filters
    (target,) = world.targets

    (result,) = world.execute("RemoveTrafficMirroring", DOCUMENTED_REMOVE, sandbox)

    assert result == {
        "type": "RemoveTrafficMirroring",
        "actionId": "514d18dc-cd6c-4725-ac60-9e281d0b8e27",
        "success": True,
        "infoMessage": f"Removed session {session['TrafficMirrorSessionId']} "
        f"(number 1 of {world.nic('web', sandbox)}), "
        f"filter {mirror_filter['TrafficMirrorFilterId']}, "
        f"target {target['TrafficMirrorTargetId']}",
        "errorMessage": "",
    }
    assert world.state == EMPTY


def test_a_remove_by_session_id_deletes_what_only_that_session_used(world):
    """A shared target is kept as long as another session uses it."""
    first, second = world.create(world.mirror("web"), world.mirror("db"))

    world.remove(sessionId=first["sessionId"])

    (session,) = world.sessions
    assert session["TrafficMirrorSessionId"] == second["sessionId"]
    assert len(world.filters) == len(world.targets) == 1
    assert set(world.held) == {world.nic("db")}

    world.remove(sessionId=second["sessionId"])

    assert world.state == EMPTY


def test_numbers_are_released_to_the_pools_of_their_own_sources(world):
    """Every source NIC has its own pool of session numbers."""
    world.create(
        world.mirror("web", sessionNumber=7), world.mirror("db", sessionNumber=8)
    )

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert world.state == EMPTY


def test_a_repeated_remove_succeeds(world):
    """A session that no longer exists is a success, and the message says so."""
    session_id = world.create(world.mirror())[0]["sessionId"]
    world.remove(sessionId=session_id)

    by_session = world.remove(sessionId=session_id)[0]
    by_target = world.remove(targetNicId=world.nic("capture"))[0]

    assert by_session["success"]
    assert by_target["success"]
    assert f"session {session_id} is gone already" in by_session["infoMessage"]
    assert "Nothing to remove" in by_target["infoMessage"]


def test_a_session_of_another_sandbox_is_not_removed(world):
    """A Remove by its id fails, names the owning sandbox, and changes nothing."""
    session_id = world.create(world.mirror())[0]["sessionId"]
    before = world.state
    other = world.new_sandbox("a")

    (result,) = world.remove(sessionId=session_id, sandbox=other)

    assert not result["success"]
    assert f"{session_id} of sandbox {world.sandbox.id}" in result["errorMessage"]
    assert before == world.state


def test_a_session_from_outside_cloudshell_is_not_removed(world):
    """A Remove by its id fails and changes nothing."""
    session_id = create_foreign_session(world, "web", 9)
    before = world.state

    (result,) = world.remove(sessionId=session_id)

    assert "outside CloudShell" in result["errorMessage"]
    assert before == world.state


def test_a_remove_by_target_nic_keeps_and_counts_foreign_sessions(world):
    """Only this sandbox's sessions are removed; the others keep their target."""
    theirs = create_foreign_session(world, "db", 9, target="capture")
    world.create(world.mirror("web"))

    (result,) = world.remove(targetNicId=world.nic("capture"))

    (session,) = world.sessions
    assert result["success"]
    assert session["TrafficMirrorSessionId"] == theirs
    assert "left alone" in result["infoMessage"]
    assert result["infoMessage"].endswith(": 1")
    assert len(world.targets) == 1
    assert world.held == {}


def test_a_target_from_outside_cloudshell_is_kept(world):
    """A target that existed before the mirror exists after its removal."""
    world.client.create_traffic_mirror_target(NetworkInterfaceId=world.nic("capture"))
    before = world.state
    world.create(world.mirror())

    world.remove(targetNicId=world.nic("capture"))

    assert before == world.state


def test_another_sandboxs_target_is_deleted_with_its_last_session(world):
    """The sandbox that removes the last session deletes the target."""
    other = world.new_sandbox("a")
    actions = world.mirror("web"), world.mirror(sourceNicId=world.nic("a", other))
    world.create(actions[0])
    world.create(actions[1], sandbox=other)
    world.remove(targetNicId=world.nic("capture"))
    assert len(world.targets) == 1

    world.remove(targetNicId=world.nic("capture"), sandbox=other)

    assert world.state == EMPTY


def test_a_failed_action_does_not_stop_the_others(world):
    """The other action's session, filter and number are removed."""
    created = world.create(world.mirror("web"), world.mirror("db", "ids"))
    actions = [remove_action(sessionId=each["sessionId"]) for each in created]
    world.ec2.faults.append(
        Fault(operation="DeleteTrafficMirrorSession", code="Unsupported", message="no")
    )

    results = world.execute("RemoveTrafficMirroring", request(*actions))

    (failed,) = (index for index in (0, 1) if not results[index]["success"])
    (session,) = world.sessions
    assert "Unsupported: no" in results[failed]["errorMessage"]
    assert results[failed]["infoMessage"] == ""
    assert session["TrafficMirrorSessionId"] == created[failed]["sessionId"]
    assert len(world.filters) == len(world.targets) == 1
    assert world.held == {session["NetworkInterfaceId"]: {1}}

    results = world.execute("RemoveTrafficMirroring", request(*actions))

    assert [result["success"] for result in results] == [True, True]
    assert world.state == EMPTY


def test_a_filter_that_another_session_uses_is_kept(world):
    """A shared filter is deleted with its last session."""
    client = world.client
    session_id = world.create(world.mirror())[0]["sessionId"]
    (session,) = world.sessions
    client.create_traffic_mirror_session(
        NetworkInterfaceId=world.nic("db"),
        TrafficMirrorTargetId=session["TrafficMirrorTargetId"],
        TrafficMirrorFilterId=session["TrafficMirrorFilterId"],
        SessionNumber=1,
    )

    (result,) = world.remove(sessionId=session_id)

    assert result["success"]
    assert len(world.sessions) == len(world.filters) == len(world.targets) == 1


def test_a_number_is_kept_if_its_session_can_not_be_deleted(world):
    """Otherwise another sandbox could take a number that EC2 still uses."""
    session_id = world.create(world.mirror())[0]["sessionId"]
    world.ec2.faults.append(
        Fault(operation="DeleteTrafficMirrorSession", code="Unsupported", message="no")
    )

    world.remove(sessionId=session_id)

    assert world.held == {world.nic("web"): {1}}


def test_sessions_on_several_pages_are_all_removed(world):
    """Every page of every look-up is read."""
    apps = [f"app-{number}" for number in range(8)]
    sandbox = world.new_sandbox("capture", *apps)
    world.create(
        *(
            world.mirror(
                sourceNicId=world.nic(app, sandbox),
                targetNicId=world.nic("capture", sandbox),
            )
            for app in apps
        ),
        sandbox=sandbox,
    )
    assert len(world.sessions) == 8
    world.ec2.settings.page_limit = 5

    world.remove(targetNicId=world.nic("capture", sandbox), sandbox=sandbox)

    assert world.state == EMPTY


def test_the_numbers_of_an_ended_reservation_count_as_released(world):
    """Everything else is removed, and the command succeeds."""
    world.create(world.mirror())
    world.lab.cloudshell.refuse_commands_after_end = False
    world.lab.cloudshell.end_reservation(world.sandbox.id)

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert world.state == EMPTY
