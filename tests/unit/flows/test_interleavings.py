"""
Two commands in two driver processes, in every order of their shared calls.

Each process has its own locks, so only EC2's and the pool's answers can help.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.flows.fakes import (
    MIRROR,
    SOURCE,
    TARGET,
    Account,
    Pool,
    action,
    command,
)
from tests.unit.flows.interleavings import all_orders, shared_call
from traffic_mirroring.flows.create import create
from traffic_mirroring.flows.remove import remove
from traffic_mirroring.models import RemoveAction

OTHER = replace(MIRROR, source_nic_id="eni-0000000c")
"""Another source, mirrored to the same target."""


class SharedAccount(Account):
    """Waits for its turn before the calls that touch what the commands share."""

    def __init__(self, shared, **options):
        super().__init__(**options)
        self._shared = shared

    # Before what the call checks, so that check and effect are one step.
    def create_traffic_mirror_session(self, **parameters):
        shared_call()
        return super().create_traffic_mirror_session(**parameters)

    def create_traffic_mirror_target(self, **parameters):
        shared_call()
        return super().create_traffic_mirror_target(**parameters)

    def _begin(self, operation, parameters=()):
        if operation in self._shared:
            shared_call()
        super()._begin(operation, parameters)


class SharedPool(Pool):
    """Waits for its turn before each call."""

    def CheckoutFromPool(self, selectionCriteriaJson):  # noqa: N802, N803 - the API's
        shared_call()
        return super().CheckoutFromPool(selectionCriteriaJson)

    def ReleaseFromPool(self, *args):  # noqa: N802 - the API's
        shared_call()
        super().ReleaseFromPool(*args)


ON_TARGETS = {
    "describe_traffic_mirror_targets",
    "delete_traffic_mirror_target",
    "delete_traffic_mirror_session",
}
ON_SESSIONS = {"describe_traffic_mirror_sessions"}


def creates(account, pool, mirror, reservation_id, number=None):
    """Return a Create command in a process of its own."""
    return lambda: create(
        command(account, pool, reservation_id), [action(mirror, number)]
    )[0]


def removes(account, pool, reservation_id, **what):
    """Return a Remove command in a process of its own."""
    return lambda: remove(
        command(account, pool, reservation_id), [RemoveAction("1", **what)]
    )[0]


def count_orders(tally, name, orders):
    """Go through the orders; count them."""
    for order in orders:
        tally[f"orders of the calls of {name}"] += 1
        yield order


@pytest.mark.parametrize("one_target_per_nic", [False, True])
def test_two_sandboxes_create_one_target(tally, one_target_per_nic):
    """Whether EC2 allows a second target on the NIC or not."""
    world = {}

    def make():
        account = SharedAccount(ON_TARGETS, one_target_per_nic=one_target_per_nic)
        world.update(account=account, pool=Pool())
        return [
            creates(account, world["pool"], MIRROR, "res-1"),
            creates(account, world["pool"], OTHER, "res-2"),
        ]

    orders = count_orders(tally, "two Creates on one target", all_orders(make))
    for order, results in orders:
        assert [result.error for result in results] == [None, None], order
        assert world["account"].counts == (2, 2, 1), order


def test_a_create_and_the_last_remove_of_a_target_both_succeed(tally):
    """The target is kept, or created again."""
    world = {}

    def make():
        account, pool = SharedAccount(ON_TARGETS), Pool()
        world.update(account=account, pool=pool)
        (first,) = create(command(account, pool, "res-2"), [action(OTHER)])
        return [
            creates(account, pool, MIRROR, "res-1"),
            removes(account, pool, "res-2", session_id=first.session.id),
        ]

    orders = count_orders(tally, "a Create and a Remove", all_orders(make))
    for order, results in orders:
        assert [result.error for result in results] == [None, None], order
        assert world["account"].counts == (1, 1, 1), order
        assert world["pool"].held == {(SOURCE, 1): "res-1"}, order
        (session,) = world["account"].items["session"].values()
        assert session["TrafficMirrorTargetId"] in world["account"].items["target"]


@pytest.mark.parametrize("by_nic", [False, True])
def test_the_last_of_two_removes_deletes_the_target(tally, by_nic):
    """Whichever it is, nothing is left."""
    world = {}

    def make():
        account, pool = SharedAccount(ON_TARGETS), Pool()
        world.update(account=account, pool=pool)
        (one,) = create(command(account, pool, "res-1"), [action(MIRROR)])
        (two,) = create(command(account, pool, "res-2"), [action(OTHER)])
        named = [
            {"target_nic_id": TARGET} if by_nic else {"session_id": each.session.id}
            for each in (one, two)
        ]
        return [
            removes(account, pool, "res-1", **named[0]),
            removes(account, pool, "res-2", **named[1]),
        ]

    orders = count_orders(tally, "two Removes on one target", all_orders(make))
    for order, results in orders:
        assert [result.error for result in results] == [None, None], order
        assert world["account"].counts == (0, 0, 0), order
        assert world["pool"].held == {}, order


@pytest.mark.parametrize("number", [None, 1])
def test_two_equal_creates_make_one_mirror(tally, number):
    """Both succeed with the same session, also if a number is given."""
    world = {}

    def make():
        account, pool = SharedAccount(ON_SESSIONS), SharedPool()
        account.add("target", NetworkInterfaceId=TARGET)
        world.update(account=account, pool=pool)
        return [
            creates(account, pool, MIRROR, "res-1", number),
            creates(account, pool, MIRROR, "res-1", number),
        ]

    orders = count_orders(tally, "two equal Creates", all_orders(make))
    for order, results in orders:
        assert [result.error for result in results] == [None, None], order
        assert len({result.session.id for result in results}) == 1, order
        assert world["account"].counts == (1, 1, 1), order
        assert world["pool"].held == {(SOURCE, 1): "res-1"}, order
