"""
Two driver processes at the same moment, the whole way, in a sample of orders.

tests/unit/flows/test_interleavings.py tries every order with fakes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator

import pytest

from tests.request_texts import create_action, remove_action, request
from tests.scenario.conftest import EMPTY, World, new_testbed
from tests.scenario.two_processes import (
    Command,
    Run,
    add_second_process,
    run_in_order,
    sample_orders,
)
from tests.scenario.watched_lab import WatchedLab

TARGET_CALLS = frozenset(
    {
        "DescribeTrafficMirrorTargets",
        "CreateTrafficMirrorTarget",
        "DeleteTrafficMirrorTarget",
        "CreateTrafficMirrorSession",
        "DeleteTrafficMirrorSession",
    }
)
NUMBER_CALLS = frozenset(
    {
        "CheckoutFromPool",
        "ReleaseFromPool",
        "DescribeTrafficMirrorSessions",
        "CreateTrafficMirrorSession",
    }
)
MORE = int(os.environ.get("SOAK", "6"))
"""How many random orders to try, beside those with one switch."""


@pytest.fixture(scope="module")
def two(short_wait_lab: WatchedLab) -> WatchedLab:
    """Return a lab with two resources for one account."""
    add_second_process(short_wait_lab)
    return short_wait_lab


def orders(
    tally,
    lab: WatchedLab,
    shared: frozenset[str],
    set_up: Callable[[World], list[Command]],
) -> Iterator[tuple[World, Run]]:
    """Yield the state after each order, each in an EC2 that was empty before."""
    worlds: list[World] = []

    def run(order):
        worlds.append(new_testbed(lab))
        commands = set_up(worlds[-1])
        return run_in_order(lab, order, shared, commands)

    for done in sample_orders(run, MORE):
        tally["orders of two driver processes"] += 1
        yield worlds[-1], done


def create(world: World, sandbox, source: str, **params) -> Command:
    """Return a Create of a mirror from an App of the sandbox to `capture`."""
    nics = {"sourceNicId": world.nic(source, sandbox), "targetNicId": capture(world)}
    text = request(create_action(**nics, **params))
    return Command("CreateTrafficMirroring", text, sandbox.id)


def remove(sandbox, **fields) -> Command:
    """Return a Remove of the sandbox."""
    text = request(remove_action(**fields))
    return Command("RemoveTrafficMirroring", text, sandbox.id)


def hold_number(world: World, sandbox, nic: str, number: int) -> None:
    """Check out a number for a sandbox, as a command that was killed may leave it."""
    criteria = {
        "type": "SpecificNumeric",
        "requestedItem": {"Value": str(number)},
        "isolation": "Exclusive",
        "reservationId": sandbox.id,
        "poolId": nic,
        "ownerId": "trafficmirrorsessionnumber",
    }
    world.session.CheckoutFromPool(json.dumps(criteria))


def capture(world: World) -> str:
    """Return the NIC that both sandboxes mirror to."""
    return world.nic("capture")


def succeeded(run: Run) -> bool:
    """Check that both commands succeeded."""
    return all(result["success"] for result in run.results)


@pytest.mark.parametrize("first", [0, 1])
def test_equal_creates_make_one_mirror_beside_others(two, first):
    """Though another sandbox has checked out the first number, and has no session."""
    world = new_testbed(two)
    hold_number(world, world.new_sandbox("a"), world.nic("web"), 1)
    commands = [create(world, world.sandbox, "web")] * 2
    taking_turns = [first, 1 - first] * 50

    run = run_in_order(two, taking_turns, frozenset({"CheckoutFromPool"}), commands)

    assert succeeded(run), (run, run.results)
    (session,) = world.sessions
    ids = {result["sessionId"] for result in run.results}
    assert ids == {session["TrafficMirrorSessionId"]}, run
    assert world.held == {world.nic("web"): {1, 2}}, run


@pytest.mark.parametrize("number", [None, 7])
def test_equal_creates_make_one_mirror(two, tally, number):
    """Both answers have the same session, with or without a given number."""

    def set_up(world):
        return [create(world, world.sandbox, "web", sessionNumber=number)] * 2

    for world, run in orders(tally, two, NUMBER_CALLS | TARGET_CALLS, set_up):
        assert succeeded(run), (run, run.results)
        (session,) = world.sessions
        ids = {result["sessionId"] for result in run.results}
        assert ids == {session["TrafficMirrorSessionId"]}, run
        assert len(world.filters) == len(world.targets) == 1, run
        assert world.held == {world.nic("web"): {number or 1}}, run


def test_an_equal_create_on_a_new_target_is_no_drift(two):
    """A process sees the other's session, but looked for the target too early."""
    world = new_testbed(two)
    commands = [create(world, world.sandbox, "web")] * 2
    order = [(1, "DescribeTrafficMirrorTargets"), *[0] * 100]

    run = run_in_order(two, order, TARGET_CALLS | NUMBER_CALLS, commands)

    assert succeeded(run), (run, run.results)
    assert len({result["sessionId"] for result in run.results}) == 1


@pytest.mark.parametrize("second_targets", [False, True])
def test_two_sandboxes_create_one_target(two, tally, second_targets):
    """Whether EC2 allows a second target on the NIC or not."""

    def set_up(world):
        world.ec2.settings.second_targets = second_targets
        other = world.new_sandbox("web")
        return [create(world, world.sandbox, "web"), create(world, other, "web")]

    for world, run in orders(tally, two, TARGET_CALLS, set_up):
        assert succeeded(run), (run, run.results)
        (target,) = world.targets
        used = [each["TrafficMirrorTargetId"] for each in world.sessions]
        assert used == [target["TrafficMirrorTargetId"]] * 2, run
        assert len(world.filters) == 2, run


@pytest.mark.parametrize("second_targets", [False, True])
def test_a_create_and_the_last_remove_both_succeed(two, tally, second_targets):
    """The new session has a target, and nothing else is left."""

    def set_up(world):
        other = world.new_sandbox("web")
        nics = {"sourceNicId": world.nic("web", other), "targetNicId": capture(world)}
        world.create(create_action(**nics), sandbox=other)
        world.ec2.settings.second_targets = second_targets
        return [
            create(world, world.sandbox, "web"),
            remove(other, targetNicId=capture(world)),
        ]

    for world, run in orders(tally, two, TARGET_CALLS, set_up):
        assert succeeded(run), (run, run.results)
        (session,) = world.sessions
        (target,) = world.targets
        assert session["TrafficMirrorTargetId"] == target["TrafficMirrorTargetId"], run
        assert session["TrafficMirrorSessionId"] == run.results[0]["sessionId"], run
        assert len(world.filters) == 1, run
        assert world.held == {world.nic("web"): {1}}, run


@pytest.mark.parametrize("by_nic", [False, True])
def test_the_last_of_two_removes_deletes_the_target(two, tally, by_nic):
    """Whichever it is, nothing is left."""

    def set_up(world):
        sandboxes = [world.sandbox, world.new_sandbox("web")]
        commands = []
        for sandbox in sandboxes:
            source = world.nic("web", sandbox)
            action = create_action(sourceNicId=source, targetNicId=capture(world))
            (made,) = world.create(action, sandbox=sandbox)
            named = (
                {"targetNicId": capture(world)}
                if by_nic
                else {"sessionId": made["sessionId"]}
            )
            commands.append(remove(sandbox, **named))
        return commands

    for world, run in orders(tally, two, TARGET_CALLS, set_up):
        assert succeeded(run), (run, run.results)
        assert world.state == EMPTY, run
