"""
Every writing call of every command fails once, in each of three ways.

For each command the test counts the writing calls to EC2 and the pools in a run
without faults. Then it repeats the command for each of these calls, starting empty,
and lets that call fail; the state afterwards must match the answer.
"""

from __future__ import annotations

import pytest

from emulator.faults import Fault
from tests.scenario.conftest import clean_up, new_testbed

CHECKOUT, RELEASE = "CheckoutFromPool", "ReleaseFromPool"
RULES = [{"direction": "ingress", "protocol": name} for name in ("tcp", "udp")]

WAYS = {
    "refused": {},
    "server error": {"status": 500},
    "answer lost": {"after_effect": True, "drop_connection": True},
}


def actions(world, count):
    """Return one action, or three to two targets, one of which exists already."""
    options = {"networkServices": ["amazon-dns"], "packetLength": 96}
    return [
        world.mirror("web", "capture", filterRules=RULES, **options),
        world.mirror("db", "capture", sessionNumber=7),
        world.mirror("db", "ids", filterRules=RULES[:1]),
    ][:count]


def create_target(world):
    """Create a target outside CloudShell, on the NIC of ids; return its id."""
    made = world.client.create_traffic_mirror_target(
        NetworkInterfaceId=world.nic("ids")
    )
    return made["TrafficMirrorTarget"]["TrafficMirrorTargetId"]


def run_create(world, count):
    """Create the mirrors."""
    return world.create(*actions(world, count))


def run_remove(world, _count):
    """Remove the mirrors by their targets."""
    by_target = [world.remove(targetNicId=world.nic(app)) for app in ("capture", "ids")]
    return [result for results in by_target for result in results]


def run_cleanup(world, _count):
    """Clean up the sandbox."""
    return [clean_up(world)]


def prepare(world, run, count):
    """Create what a command needs; return the target that must be kept."""
    before = create_target(world)
    if run is not run_create:
        assert all(result["success"] for result in run_create(world, count))
    world.ec2.clear_calls()
    world.pools.calls.clear()
    return before


def writing_calls(world):
    """Return each writing call as its service and its index there."""
    methods = [call.method for call in world.pools.calls]
    return [
        *(("EC2", index) for index in range(len(world.ec2.writes()))),
        *((CHECKOUT, index) for index in range(methods.count(CHECKOUT))),
        *((RELEASE, index) for index in range(methods.count(RELEASE))),
    ]


def break_call(world, service, index, way):
    """Let the writing call with this index fail in this way."""
    if service == "EC2":
        fault = Fault(code="Broken", message="on purpose", skip=index, **WAYS[way])
        world.ec2.faults.append(fault)
    else:
        # CloudShell's client handles a server error like any other error.
        lost = WAYS[way] if way == "answer lost" else {}
        world.pools.faults.append(Fault(service, skip=index, **lost))


def unreported(world, results, before):
    """Return the resources and numbers that exist, but that no result accounts for."""
    messages = " ".join(each["errorMessage"] + each["infoMessage"] for each in results)
    expected = {each.get("sessionId") for each in results}
    used = {each["TrafficMirrorFilterId"] for each in world.sessions}
    used |= {each["TrafficMirrorTargetId"] for each in world.sessions} | {before}
    numbers = {
        (each["NetworkInterfaceId"], each["SessionNumber"]) for each in world.sessions
    }
    existing = [
        *(each["TrafficMirrorSessionId"] for each in world.sessions),
        *(each["TrafficMirrorFilterId"] for each in world.filters),
        *(each["TrafficMirrorTargetId"] for each in world.targets),
    ]
    held = {(nic, number) for nic, taken in world.held.items() for number in taken}
    uncertain = "may stay checked out" in messages
    return [
        *(
            each
            for each in existing
            if each not in expected | used and each not in messages
        ),
        *(each for each in numbers - held if f"number {each[1]}" not in messages),
        *(
            (nic, number)
            for nic, number in held - numbers
            if not uncertain and f"number {number} of {nic}" not in messages
        ),
    ]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("count", [1, 3])
def test_a_create_with_a_failed_call_leaves_what_its_answer_says(
    short_wait_lab, tally, count, way
):
    """Failed actions leave nothing, and a target that existed before is kept."""
    world = new_testbed(short_wait_lab)
    prepare(world, run_create, count)
    run_create(world, count)
    calls = writing_calls(world)
    assert len(calls) > 5 * count

    for call in calls:
        world = new_testbed(short_wait_lab)
        before = prepare(world, run_create, count)
        break_call(world, *call, way)

        results = run_create(world, count)

        created = {each["sessionId"] for each in results if each["success"]}
        sessions = {each["TrafficMirrorSessionId"] for each in world.sessions}
        targets = {each["TrafficMirrorTargetId"] for each in world.targets}
        assert sessions == created, call
        assert before in targets, call
        assert unreported(world, results, before) == [], call
        if call[0] == "EC2":
            assert len(world.filters) == len(created), call
        tally[f"Create of {count}, {way}"] += 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("run", [run_remove, run_cleanup])
@pytest.mark.parametrize("count", [1, 3])
def test_a_removal_with_a_failed_call_is_completed_by_repeating_it(
    short_wait_lab, tally, count, run, way
):
    """The answer names what is left after the failure, and Cleanup removes it."""
    world = new_testbed(short_wait_lab)
    prepare(world, run, count)
    run(world, count)
    calls = writing_calls(world)
    assert len(calls) >= 3 * count

    for call in calls:
        world = new_testbed(short_wait_lab)
        before = prepare(world, run, count)
        break_call(world, *call, way)

        results = run(world, count)

        assert unreported(world, results, before) == [], call
        again = run(world, count)
        assert all(result["success"] for result in again), call
        assert clean_up(world)["success"], call
        assert world.sessions == world.filters == [], call
        assert [each["TrafficMirrorTargetId"] for each in world.targets] == [before]
        errors = " ".join(each["errorMessage"] for each in results)
        for nic, numbers in world.held.items():
            for number in numbers:
                assert f"number {number} of {nic}" in errors, call
        tally[f"{run.__name__[4:].capitalize()} of {count}, {way}"] += 1
