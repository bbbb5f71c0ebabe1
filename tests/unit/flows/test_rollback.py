"""The undo stack."""

from __future__ import annotations

import logging

import pytest

from traffic_mirroring.errors import Ec2Failed, Ec2Unanswered, PoolUnanswered
from traffic_mirroring.flows.rollback import Rollback

LOG = logging.getLogger("rollback")


def fail():
    """Be an undo that AWS refuses."""
    raise Ec2Failed("Deleting b", "no", code="Unsupported", request_id="r-1")


def test_undos_run_newest_first_and_once():
    """A second call has nothing left to undo."""
    undone = []
    rollback = Rollback(LOG)
    for name in "abc":
        rollback.add(name, lambda name=name: undone.append(name))

    assert rollback.undo() == ()
    assert rollback.undo() == ()
    assert undone == ["c", "b", "a"]


def test_what_is_kept_is_not_undone():
    """Undos that are added later are."""
    undone = []
    rollback = Rollback(LOG)
    rollback.add("a", lambda: undone.append("a"))

    rollback.keep()
    rollback.add("b", lambda: undone.append("b"))
    rollback.undo()

    assert undone == ["b"]


def fail_unexpectedly():
    """Be an undo with a bug."""
    raise KeyError("x")


@pytest.mark.parametrize(
    ("undo", "reason"),
    [
        (fail, "Unsupported: no (request id r-1)"),
        (
            fail_unexpectedly,
            "Unexpected KeyError: 'x'; the execution server's log has the details",
        ),
    ],
)
def test_a_failing_undo_stops_no_other_and_is_returned_with_the_reason(undo, reason):
    """AWS's code and words tell the user why it is left."""
    undone = []
    rollback = Rollback(LOG)
    rollback.add("a", lambda: undone.append("a"))
    rollback.add("b", undo)

    assert rollback.undo() == (f"b ({reason})",)
    assert undone == ["a"]


@pytest.mark.parametrize("error", [Ec2Unanswered, PoolUnanswered])
def test_an_unanswered_call_is_undone(error):
    """It may have taken effect."""
    undone = []
    rollback = Rollback(LOG)

    with (
        pytest.raises(error),
        rollback.if_unanswered("a", lambda: undone.append("a")),
    ):
        raise error("Creating a", "no answer")
    rollback.undo()

    assert undone == ["a"]


def test_what_may_have_been_created_is_named_so_if_it_can_not_be_undone():
    """The user need not look for it in vain."""
    rollback = Rollback(LOG)

    with (
        pytest.raises(Ec2Unanswered),
        rollback.if_unanswered("a", fail),
    ):
        raise Ec2Unanswered("Creating a", "no answer")

    (left,) = rollback.undo()
    assert left.startswith("a, if it was created (Unsupported")


def test_a_refused_call_is_not_undone():
    """It created nothing."""
    rollback = Rollback(LOG)

    with pytest.raises(Ec2Failed), rollback.if_unanswered("a", fail):
        fail()

    assert rollback.undo() == ()
