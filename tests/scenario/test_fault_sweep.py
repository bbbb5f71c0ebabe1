"""
Every writing call of every command fails once, in every way.

For each command the writing calls of an undisturbed run are counted, EC2's and the
pool's. Then, for each of them, the command runs in a fresh world in which that one
call fails; afterwards what stands must be what the answer says.
"""

from __future__ import annotations

import pytest

from emulator.faults import Fault
from tests.scenario.conftest import cleanup, fresh

CHECKOUT, RELEASE = "CheckoutFromPool", "ReleaseFromPool"
RULES = [{"direction": "ingress", "protocol": name} for name in ("tcp", "udp")]

WAYS = {
    "refused": {},
    "server error": {"status": 500},
    "answer lost": {"after_effect": True, "drop_connection": True},
}


def actions(world, count):
    """Return one action, or three on two targets, one of which stood before."""
    options = {"networkServices": ["amazon-dns"], "packetLength": 96}
    return [
        world.mirror("web", "capture", filterRules=RULES, **options),
        world.mirror("db", "capture", sessionNumber=7),
        world.mirror("db", "ids", filterRules=RULES[:1]),
    ][:count]


def make_target(world):
    """Make a target outside CloudShell, on the NIC of ids; return its id."""
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
    return [cleanup(world)]


def prepare(world, run, count):
    """Set the stage for a command; return the target that must survive."""
    before = make_target(world)
    if run is not run_create:
        assert all(result["success"] for result in run_create(world, count))
    world.ec2.clear_calls()
    world.pools.calls.clear()
    return before


def writing_calls(world):
    """Name each writing call that was made: where, and the how-manieth there."""
    methods = [call.method for call in world.pools.calls]
    return [
        *(("EC2", nth) for nth in range(len(world.ec2.writes()))),
        *((CHECKOUT, nth) for nth in range(methods.count(CHECKOUT))),
        *((RELEASE, nth) for nth in range(methods.count(RELEASE))),
    ]


def break_call(world, where, nth, way):
    """Let the nth writing call there fail in this way."""
    if where == "EC2":
        fault = Fault(code="Broken", message="on purpose", skip=nth, **WAYS[way])
        world.ec2.faults.append(fault)
    else:
        # To CloudShell's client a server error is a refusal.
        lost = WAYS[way] if way == "answer lost" else {}
        world.pools.faults.append(Fault(where, skip=nth, **lost))


def unexplained(world, results, before):
    """Return what stands, or is held, and that no answer accounts for."""
    told = " ".join(each["errorMessage"] + each["infoMessage"] for each in results)
    fine = {each.get("sessionId") for each in results}
    used = {each["TrafficMirrorFilterId"] for each in world.sessions}
    used |= {each["TrafficMirrorTargetId"] for each in world.sessions} | {before}
    numbers = {
        (each["NetworkInterfaceId"], each["SessionNumber"]) for each in world.sessions
    }
    standing = [
        *(each["TrafficMirrorSessionId"] for each in world.sessions),
        *(each["TrafficMirrorFilterId"] for each in world.filters),
        *(each["TrafficMirrorTargetId"] for each in world.targets),
    ]
    held = {(nic, number) for nic, taken in world.held.items() for number in taken}
    in_doubt = "may stay checked out" in told
    return [
        *(each for each in standing if each not in fine | used and each not in told),
        *(each for each in numbers - held if f"number {each[1]}" not in told),
        *(
            (nic, number)
            for nic, number in held - numbers
            if not in_doubt and f"number {number} of {nic}" not in told
        ),
    ]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("count", [1, 3])
def test_a_create_of_which_one_call_fails_leaves_what_it_says(
    quick_lab, tally, count, way
):
    """Nothing of a failed action remains, and a target that stood before survives."""
    world = fresh(quick_lab)
    prepare(world, run_create, count)
    run_create(world, count)
    calls = writing_calls(world)
    assert len(calls) > 5 * count

    for call in calls:
        world = fresh(quick_lab)
        before = prepare(world, run_create, count)
        break_call(world, *call, way)

        results = run_create(world, count)

        made = {each["sessionId"] for each in results if each["success"]}
        standing = {each["TrafficMirrorSessionId"] for each in world.sessions}
        targets = {each["TrafficMirrorTargetId"] for each in world.targets}
        assert standing == made, call
        assert before in targets, call
        assert unexplained(world, results, before) == [], call
        if call[0] == "EC2":
            assert len(world.filters) == len(made), call
        tally[f"Create of {count}, {way}"] += 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("run", [run_remove, run_cleanup])
@pytest.mark.parametrize("count", [1, 3])
def test_a_removal_of_which_one_call_fails_is_finished_by_the_next(
    quick_lab, tally, count, run, way
):
    """What stands after the failure is named, and cleaning up takes it away."""
    world = fresh(quick_lab)
    prepare(world, run, count)
    run(world, count)
    calls = writing_calls(world)
    assert len(calls) >= 3 * count

    for call in calls:
        world = fresh(quick_lab)
        before = prepare(world, run, count)
        break_call(world, *call, way)

        results = run(world, count)

        assert unexplained(world, results, before) == [], call
        again = run(world, count)
        assert all(result["success"] for result in again), call
        assert cleanup(world)["success"], call
        assert world.sessions == world.filters == [], call
        assert [each["TrafficMirrorTargetId"] for each in world.targets] == [before]
        told = " ".join(each["errorMessage"] for each in results)
        for nic, numbers in world.held.items():
            for number in numbers:
                assert f"number {number} of {nic}" in told, call
        tally[f"{run.__name__[4:].capitalize()} of {count}, {way}"] += 1
