"""Failed actions don't affect the others, and a repeated command completes the job."""

from __future__ import annotations

from collections import Counter

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError

from emulator.faults import Fault
from tests.request_texts import remove_action, request
from tests.scenario.conftest import EMPTY, TCP, clean_up, new_testbed

UDP = {"direction": "egress", "protocol": "udp"}
UNKNOWN_NIC = "eni-0123456789abcdef0"


pytestmark = pytest.mark.short_waits


def remove_by_id(world, *session_ids):
    """Remove sessions by id in one request; return the results."""
    actions = [
        remove_action(action_id=str(index), sessionId=session_id)
        for index, session_id in enumerate(session_ids)
    ]
    return world.execute("RemoveTrafficMirroring", request(*actions))


def two_sessions(world):
    """Mirror web and db to capture; return the session ids."""
    made = world.create(world.mirror("web"), world.mirror("db"))
    return [each["sessionId"] for each in made]


def is_consistent(world, results):
    """Return whether exactly the mirrors of the successful actions exist."""
    made = {result["sessionId"] for result in results if result["success"]}
    sessions = world.sessions
    return (
        {each["TrafficMirrorSessionId"] for each in sessions} == made
        and len(world.filters) == len(sessions)
        and len(world.targets)
        == len({each["TrafficMirrorTargetId"] for each in sessions})
        and set(world.held) == {each["NetworkInterfaceId"] for each in sessions}
    )


def test_a_source_that_does_not_exist_fails_only_its_action(world):
    """Two of three actions succeed; only the failed one has an error."""
    first, second, third = world.create(
        world.mirror("web"),
        world.mirror(sourceNicId=UNKNOWN_NIC),
        world.mirror("db"),
    )

    assert (first["success"], third["success"]) == (True, True)
    assert UNKNOWN_NIC in second["errorMessage"]
    assert first["errorMessage"] == third["errorMessage"] == ""
    assert is_consistent(world, [first, third])


def test_an_unknown_protocol_is_rejected_with_its_action_and_field(world):
    """The whole request is validated before anything is called."""
    wrong = world.mirror("db", filterRules=[{**TCP, "protocol": "tpc"}])

    with pytest.raises(CloudShellAPIError) as refusal:
        world.create(world.mirror("web"), wrong, world.mirror("ids"))

    field = 'actions[1].actionParams.filterRules[0].protocol: "tpc"'
    assert field in refusal.value.message
    assert world.ec2.calls == world.pools.calls == []


def test_results_distinguish_removed_sessions_from_unknown_ones(world):
    """Each result names only its own session."""
    first, second = two_sessions(world)
    unknown = "tms-0123456789abcdef0"

    results = remove_by_id(world, first, unknown, second)

    assert [result["success"] for result in results] == [True] * 3
    for own, result in zip([first, unknown, second], results):
        named = {
            each for each in (first, unknown, second) if each in result["infoMessage"]
        }
        assert named == {own}
    assert "gone already" in results[1]["infoMessage"]
    assert world.state == EMPTY


def test_a_repeated_remove_completes_one_with_a_failed_delete(world):
    """The first answer names the failed session; neither filter nor number leaks."""
    ids = two_sessions(world)
    refused = Fault(operation="DeleteTrafficMirrorSession", code="Unsupported", skip=1)
    world.ec2.faults.append(refused)

    first = remove_by_id(world, *ids)
    (session,) = world.sessions
    again = remove_by_id(world, *ids)

    failed = [each for each, result in zip(ids, first) if not result["success"]]
    assert failed == [session["TrafficMirrorSessionId"]]
    assert [result["success"] for result in again] == [True, True]
    assert world.state == EMPTY


def test_a_session_deleted_meanwhile_counts_as_removed(world):
    """The other sessions are removed too, and every number is released."""
    ids = two_sessions(world)
    to_delete = ids[:1]

    def delete_first(operation, _writes):
        if operation == "DeleteTrafficMirrorSession" and to_delete:
            session_id = to_delete.pop()
            world.client.delete_traffic_mirror_session(
                TrafficMirrorSessionId=session_id
            )

    world.ec2.settings.before_call = delete_first

    results = remove_by_id(world, *ids)

    assert to_delete == []
    assert [result["success"] for result in results] == [True, True]
    assert world.state == EMPTY


@pytest.mark.parametrize("removed", [1, 2])
def test_a_shared_filter_is_deleted_with_its_last_session(world, removed):
    """Removing one of two sessions keeps their filter, removing both deletes it."""
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


def fault_for_each(calls):
    """Yield a fault for each of these calls."""
    counts = Counter(call.operation for call in calls)
    for operation, count in counts.items():
        for index in range(count):
            yield Fault(operation, "Unsupported", "no", skip=index)


def create_two(world):
    """Create two mirrors to one target, with two rules each."""
    rules = {"filterRules": [TCP, UDP]}
    return world.create(world.mirror("web", **rules), world.mirror("db", **rules))


def test_a_create_leaves_nothing_of_failed_actions_whichever_call_fails(world):
    """For each failed call, only the mirrors of successful actions exist."""
    create_two(world)
    calls = [call for call in world.ec2.calls if "TrafficMirror" in call.operation]
    assert len(calls) > 10

    for fault in fault_for_each(calls):
        trial = new_testbed(world.lab)
        trial.ec2.faults.append(fault)

        results = create_two(trial)

        errors = [each["errorMessage"] for each in results if not each["success"]]
        if not errors:
            # The second look for targets is for races, and no reason to fail.
            assert fault.operation == "DescribeTrafficMirrorTargets"
        assert [text for text in errors if "Unsupported: no" not in text] == [], fault
        assert is_consistent(trial, results), fault


def test_a_remove_can_be_completed_whichever_call_failed(world):
    """A repeated Remove deletes the rest, or Cleanup does if the answer named it."""
    ids = two_sessions(world)
    world.ec2.clear_calls()
    remove_by_id(world, *ids)

    for fault in fault_for_each(world.ec2.calls):
        trial = new_testbed(world.lab)
        ids = two_sessions(trial)
        trial.ec2.faults.append(fault)

        first = remove_by_id(trial, *ids)
        again = remove_by_id(trial, *ids)

        errors = " ".join(result["errorMessage"] for result in first)
        targets, filters, sessions, held = trial.state
        assert "Unsupported: no" in errors, fault
        assert [result["success"] for result in again] == [True, True], fault
        assert (sessions, held) == (set(), {}), fault
        assert {each for each in targets | filters if each not in errors} == set()
        assert clean_up(trial)["success"], fault
        assert trial.state == EMPTY, fault
