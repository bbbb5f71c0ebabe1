"""The undo stack."""

import logging

import pytest

from traffic_mirroring.errors import Ec2Failed, Ec2Unanswered
from traffic_mirroring.flows.rollback import Rollback

LOG = logging.getLogger("tests")


def test_leaving_without_keep_undoes_newest_first():
    """What was made last is undone first."""
    undone = []
    with Rollback(LOG) as rollback:
        rollback.add("a", lambda: undone.append("a"))
        rollback.add("b", lambda: undone.append("b"))

    assert undone == ["b", "a"]


def test_keep_lets_everything_stand():
    """After keep nothing is undone."""
    undone = []
    with Rollback(LOG) as rollback:
        rollback.add("a", lambda: undone.append("a"))
        rollback.keep()

    assert undone == []


def test_a_failing_undo_stops_no_other_and_is_named():
    """The rest is undone all the same, and the leftover has its name."""
    undone = []
    with Rollback(LOG) as rollback:
        rollback.add("a", lambda: undone.append("a"))
        rollback.add("b", lambda: 1 / 0)
        rollback.add("c", lambda: undone.append("c"))

    assert undone == ["c", "a"]
    assert rollback.leftovers == ["b"]


def test_a_failing_undo_never_replaces_the_first_error():
    """The error that led to the rollback is the one that is seen."""
    rollback = Rollback(LOG)
    rollback.add("a", lambda: 1 / 0)

    with pytest.raises(KeyError), rollback:
        raise KeyError


def test_nothing_is_undone_twice():
    """Undoing by hand and then leaving undoes each thing once."""
    undone = []
    with Rollback(LOG) as rollback:
        rollback.add("a", lambda: undone.append("a"))
        rollback.undo()

    assert undone == ["a"]


def test_an_unanswered_call_is_undone_and_an_answered_one_is_not():
    """Only where EC2 gave no answer may the call have worked."""
    undone = []
    answered, unanswered = Rollback(LOG), Rollback(LOG)

    with pytest.raises(Ec2Failed), answered, answered.if_unanswered("a", undone.clear):
        raise Ec2Failed("Making", "no")
    with (
        pytest.raises(Ec2Unanswered),
        unanswered,
        unanswered.if_unanswered("b", lambda: undone.append("b")),
    ):
        raise Ec2Unanswered("Making", "silence")

    assert undone == ["b"]
