"""
Some of the actions fail: the others don't, and a repeated command finishes the job.

The ids in the tests' names are those of known faults of another implementation.
"""

from __future__ import annotations

from collections import Counter

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.faults import Fault
from tests.request_texts import remove_action, request
from tests.scenario.conftest import EMPTY, fresh

TCP = {"direction": "ingress", "protocol": "tcp"}
UDP = {"direction": "egress", "protocol": "udp"}
UNKNOWN_NIC = "eni-0123456789abcdef0"
CLEANUP = request({"type": "cleanupNetwork", "actionId": "1"})


@pytest.fixture
def world(quick_world):
    """Let the driver be in a hurry: what EC2 makes it wait for is not the matter."""
    return quick_world


def remove_by_id(world, *session_ids):
    """Remove sessions by id in one request; return the results."""
    doomed = [
        remove_action(action_id=str(index), sessionId=session_id)
        for index, session_id in enumerate(session_ids)
    ]
    return world.execute("RemoveTrafficMirroring", request(*doomed))


def two_sessions(world):
    """Mirror web and db to capture; return the session ids."""
    made = world.create(world.mirror("web"), world.mirror("db"))
    return [each["sessionId"] for each in made]


def consistent(world, results):
    """Tell whether nothing stands but what the successful actions ask for."""
    made = {result["sessionId"] for result in results if result["success"]}
    sessions = world.sessions
    return (
        {each["TrafficMirrorSessionId"] for each in sessions} == made
        and len(world.filters) == len(sessions)
        and len(world.targets)
        == len({each["TrafficMirrorTargetId"] for each in sessions})
        and set(world.held) == {each["NetworkInterfaceId"] for each in sessions}
    )


def test_f1_a_source_that_does_not_exist_fails_its_action_alone(world):
    """Two of three succeed; the third says why, and only the third."""
    first, second, third = world.create(
        world.mirror("web"),
        world.mirror(sourceNicId=UNKNOWN_NIC),
        world.mirror("db"),
    )

    assert (first["success"], third["success"]) == (True, True)
    assert UNKNOWN_NIC in second["errorMessage"]
    assert first["errorMessage"] == third["errorMessage"] == ""
    assert consistent(world, [first, third])


def test_f2_an_unknown_protocol_is_refused_with_its_action_and_field(world):
    """Nothing is called before the whole request has been read."""
    wrong = world.mirror("db", filterRules=[{**TCP, "protocol": "tpc"}])

    with pytest.raises(CloudShellAPIError) as refusal:
        world.create(world.mirror("web"), wrong, world.mirror("ids"))

    field = 'actions[1].actionParams.filterRules[0].protocol: "tpc"'
    assert field in refusal.value.message
    assert world.ec2.calls == world.pools.calls == []


def test_f3_a_removed_session_can_be_told_from_one_that_never_was(world):
    """Each result speaks of its own session alone."""
    first, second = two_sessions(world)
    never = "tms-0123456789abcdef0"

    results = remove_by_id(world, first, never, second)

    assert [result["success"] for result in results] == [True] * 3
    for told, result in zip([first, never, second], results):
        named = {
            each for each in (first, never, second) if each in result["infoMessage"]
        }
        assert named == {told}
    assert "gone already" in results[1]["infoMessage"]
    assert world.standing == EMPTY


def test_f4_a_repeated_removal_finishes_what_a_refused_delete_left(world):
    """The first try tells who failed, and neither filter nor number gets lost."""
    ids = two_sessions(world)
    refused = Fault(operation="DeleteTrafficMirrorSession", code="Unsupported", skip=1)
    world.ec2.faults.append(refused)

    first = remove_by_id(world, *ids)
    (session,) = world.sessions
    again = remove_by_id(world, *ids)

    failed = [each for each, result in zip(ids, first) if not result["success"]]
    assert failed == [session["TrafficMirrorSessionId"]]
    assert [result["success"] for result in again] == [True, True]
    assert world.standing == EMPTY


def test_f5_a_session_that_vanishes_meanwhile_counts_as_removed(world):
    """The others go all the same, and every number goes back."""
    ids = two_sessions(world)
    vanishing = ids[:1]

    def vanish(operation, writes):  # noqa: ARG001 - the signature is the emulator's
        if operation == "DeleteTrafficMirrorSession" and vanishing:
            session_id = vanishing.pop()
            world.client.delete_traffic_mirror_session(
                TrafficMirrorSessionId=session_id
            )

    world.ec2.settings.before_call = vanish

    results = remove_by_id(world, *ids)

    assert vanishing == []
    assert [result["success"] for result in results] == [True, True]
    assert world.standing == EMPTY


@pytest.mark.parametrize("removed", [1, 2])
def test_f6_a_shared_filter_goes_once_and_with_its_last_session(world, removed):
    """Removing one of two sessions on a filter keeps it, removing both deletes it."""
    ids = two_sessions(world)
    kept, spare = (each["TrafficMirrorFilterId"] for each in world.filters)
    for session_id in ids:
        world.client.modify_traffic_mirror_session(
            TrafficMirrorSessionId=session_id, TrafficMirrorFilterId=kept
        )
    world.client.delete_traffic_mirror_filter(TrafficMirrorFilterId=spare)

    results = remove_by_id(world, *ids[:removed])

    assert {result["success"] for result in results} == {True}
    assert len(world.sessions) == len(world.filters) == 2 - removed
    assert sum(map(len, world.held.values())) == 2 - removed


def each_refused(calls):
    """Yield a fault for each of these calls, by its operation and its turn."""
    counts = Counter(call.operation for call in calls)
    for operation, count in counts.items():
        for turn in range(count):
            yield Fault(operation, "Unsupported", "no", skip=turn)


def two_rules_each(world):
    """Run a Create of two sources, one target and two rules each."""
    rules = {"filterRules": [TCP, UDP]}
    return world.create(world.mirror("web", **rules), world.mirror("db", **rules))


def test_i1_whichever_call_of_a_create_is_refused_nothing_is_left_over(world):
    """For each call, what stands is what the successful actions asked for."""
    two_rules_each(world)
    calls = [call for call in world.ec2.calls if "TrafficMirror" in call.operation]
    assert len(calls) > 10

    for fault in each_refused(calls):
        tried = fresh(world.lab)
        tried.ec2.faults.append(fault)

        results = two_rules_each(tried)

        wrong = [each["errorMessage"] for each in results if not each["success"]]
        assert wrong, fault
        assert [text for text in wrong if "Unsupported: no" not in text] == [], fault
        assert consistent(tried, results), fault


def test_i7_a_removal_that_was_refused_once_can_be_finished(world):
    """For each call, a repeat removes all, or Cleanup does with what was named."""
    ids = two_sessions(world)
    world.ec2.clear_calls()
    remove_by_id(world, *ids)

    for fault in each_refused(world.ec2.calls):
        tried = fresh(world.lab)
        ids = two_sessions(tried)
        tried.ec2.faults.append(fault)

        first = remove_by_id(tried, *ids)
        again = remove_by_id(tried, *ids)

        told = " ".join(result["errorMessage"] for result in first)
        targets, filters, sessions, held = tried.standing
        assert "Unsupported: no" in told, fault
        assert [result["success"] for result in again] == [True, True], fault
        assert (sessions, held) == (set(), {}), fault
        assert {thing for thing in targets | filters if thing not in told} == set()
        (cleaned,) = tried.execute("CleanupSandboxInfra", CLEANUP)
        assert cleaned["success"], fault
        assert tried.standing == EMPTY, fault
