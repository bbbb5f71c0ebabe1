"""RemoveTrafficMirroring, from the real client to EC2 and back."""

from __future__ import annotations

from emulator.faults import Fault
from tests.request_texts import DOCUMENTED_REMOVE, remove_action, request
from tests.scenario.conftest import EMPTY, foreign_session


def test_the_documented_request_removes_everything_it_names(world):
    """The vendor's sample, as it stands, leaves EC2 and the pool as they were."""
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
    assert world.standing == EMPTY


def test_by_session_id_that_session_goes_and_what_only_it_used(world):
    """The shared target stays as long as another session uses it."""
    first, second = world.create(world.mirror("web"), world.mirror("db"))

    world.remove(sessionId=first["sessionId"])

    (session,) = world.sessions
    assert session["TrafficMirrorSessionId"] == second["sessionId"]
    assert len(world.filters) == len(world.targets) == 1
    assert set(world.held) == {world.nic("db")}

    world.remove(sessionId=second["sessionId"])

    assert world.standing == EMPTY


def test_several_sources_on_one_target_give_each_number_to_its_own_pool(world):
    """Every NIC has a pool of its own."""
    world.create(
        world.mirror("web", sessionNumber=7), world.mirror("db", sessionNumber=8)
    )

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert world.standing == EMPTY


def test_removing_twice_is_success(world):
    """What is already gone is success, and the message says so."""
    session_id = world.create(world.mirror())[0]["sessionId"]
    world.remove(sessionId=session_id)

    by_session = world.remove(sessionId=session_id)[0]
    by_target = world.remove(targetNicId=world.nic("capture"))[0]

    assert by_session["success"]
    assert by_target["success"]
    assert f"session {session_id} is gone already" in by_session["infoMessage"]
    assert "Nothing to remove" in by_target["infoMessage"]


def test_a_session_of_another_sandbox_is_not_removed(world):
    """By id it is an error that says whose it is, and nothing is touched."""
    session_id = world.create(world.mirror())[0]["sessionId"]
    before = world.standing
    other = world.new_sandbox("a")

    (result,) = world.remove(sessionId=session_id, sandbox=other)

    assert not result["success"]
    assert f"{session_id} of sandbox {world.sandbox.id}" in result["errorMessage"]
    assert before == world.standing


def test_a_session_made_outside_cloudshell_is_not_removed(world):
    """By id it is an error, and nothing is touched."""
    session_id = foreign_session(world, "web", 9)
    before = world.standing

    (result,) = world.remove(sessionId=session_id)

    assert "outside CloudShell" in result["errorMessage"]
    assert before == world.standing


def test_by_target_foreign_sessions_are_left_alone_and_counted(world):
    """Only this sandbox's go; the target stays for the others."""
    theirs = foreign_session(world, "db", 9, target="capture")
    world.create(world.mirror("web"))

    (result,) = world.remove(targetNicId=world.nic("capture"))

    (session,) = world.sessions
    assert result["success"]
    assert session["TrafficMirrorSessionId"] == theirs
    assert "left alone" in result["infoMessage"]
    assert result["infoMessage"].endswith(": 1")
    assert len(world.targets) == 1
    assert world.held == {}


def test_a_target_that_cloudshell_did_not_make_stays(world):
    """It was there before, and is there afterwards."""
    world.client.create_traffic_mirror_target(NetworkInterfaceId=world.nic("capture"))
    before = world.standing
    world.create(world.mirror())

    world.remove(targetNicId=world.nic("capture"))

    assert before == world.standing


def test_a_target_made_by_another_sandbox_goes_with_its_last_session(world):
    """Or nobody would ever delete it."""
    other = world.new_sandbox("a")
    actions = world.mirror("web"), world.mirror(sourceNicId=world.nic("a", other))
    world.create(actions[0])
    world.create(actions[1], sandbox=other)
    world.remove(targetNicId=world.nic("capture"))
    assert len(world.targets) == 1

    world.remove(targetNicId=world.nic("capture"), sandbox=other)

    assert world.standing == EMPTY


def test_one_failure_stops_nothing_else(world):
    """The other action's session, filter and number go all the same."""
    made = world.create(world.mirror("web"), world.mirror("db", "ids"))
    actions = [remove_action(sessionId=each["sessionId"]) for each in made]
    world.ec2.faults.append(
        Fault(operation="DeleteTrafficMirrorSession", code="Unsupported", message="no")
    )

    results = world.execute("RemoveTrafficMirroring", request(*actions))

    (failed,) = (index for index in (0, 1) if not results[index]["success"])
    (session,) = world.sessions
    assert "Unsupported: no" in results[failed]["errorMessage"]
    assert results[failed]["infoMessage"] == ""
    assert session["TrafficMirrorSessionId"] == made[failed]["sessionId"]
    assert len(world.filters) == len(world.targets) == 1
    assert world.held == {session["NetworkInterfaceId"]: {1}}

    results = world.execute("RemoveTrafficMirroring", request(*actions))

    assert [result["success"] for result in results] == [True, True]
    assert world.standing == EMPTY


def test_a_filter_that_another_session_uses_stays(world):
    """Two sessions may share a filter; it goes with the last of them."""
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


def test_a_number_goes_back_only_after_its_session_is_gone(world):
    """Or another sandbox could take it while AWS still has the session."""
    session_id = world.create(world.mirror())[0]["sessionId"]
    world.ec2.faults.append(
        Fault(operation="DeleteTrafficMirrorSession", code="Unsupported", message="no")
    )

    world.remove(sessionId=session_id)

    assert world.held == {world.nic("web"): {1}}


def test_sessions_of_a_target_on_several_pages_all_go(world):
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
    world.ec2.settings.page_size = 5

    world.remove(targetNicId=world.nic("capture", sandbox), sandbox=sandbox)

    assert world.standing == EMPTY


def test_an_ended_reservations_numbers_count_as_given_back(world):
    """The rest is removed, and the answer is success."""
    world.create(world.mirror())
    world.lab.cloudshell.refuse_commands_after_end = False
    world.lab.cloudshell.end_reservation(world.sandbox.id)

    (result,) = world.remove(targetNicId=world.nic("capture"))

    assert result["success"]
    assert world.standing == EMPTY
