"""Session numbers from a fake pool that keeps what is checked out."""

import json

import pytest
from urllib3.exceptions import ProtocolError

from traffic_mirroring.errors import (
    Cancelled,
    PoolFailed,
    PoolUnanswered,
    ReservationEnded,
)
from traffic_mirroring.sandbox.session_numbers import SessionNumbers

NIC = "eni-0000000a"


class Pool:
    """CloudShell's pool of one NIC."""

    def __init__(self, *held, others=()):
        self.held = set(held)
        self.others = set(others)
        self.criteria = []
        self.releases = []
        self.error = None
        self.errors = []

    def CheckoutFromPool(self, selectionCriteriaJson):  # noqa: N802, N803 - the API's
        if self.errors:
            raise self.errors.pop()
        if self.error:
            raise self.error
        criteria = json.loads(selectionCriteriaJson)
        self.criteria.append(criteria)
        if "requestedItem" in criteria:
            number = int(criteria["requestedItem"]["Value"])
            if number in self.held:
                raise RuntimeError("the value is taken")
        else:
            limits = criteria["requestedRange"]
            wanted = range(limits["Start"], limits["End"] + 1)
            number = next(n for n in wanted if n not in self.held)
        self.held.add(number)
        return type("CheckoutFromPoolInfo", (), {"Items": [str(number)]})

    def ReleaseFromPool(self, values, poolId, reservationId, ownerId):  # noqa: N802, N803 - the API's
        if self.error:
            raise self.error
        self.releases.append((poolId, reservationId, ownerId))
        if self.errors:
            raise self.errors.pop()
        released = {int(value) for value in values}
        if released - self.held or released & self.others:
            raise RuntimeError("the value is not checked out, or another's")
        self.held -= released


def numbers(pool, check_cancelled=lambda: None):
    """Return the numbers of sandbox res-1."""
    return SessionNumbers(pool, "res-1", check_cancelled)


def test_the_criteria_are_the_stock_shells():
    """Both shells can work on one NIC."""
    pool = Pool()

    numbers(pool).take_above(NIC, 3)
    numbers(pool).take(NIC, 7)

    common = {
        "isolation": "Exclusive",
        "reservationId": "res-1",
        "poolId": NIC,
        "ownerId": "trafficmirrorsessionnumber",
    }
    assert pool.criteria == [
        {
            **common,
            "type": "NextAvailableNumericFromRange",
            "requestedRange": {"Start": 4, "End": 32766},
        },
        {**common, "type": "SpecificNumeric", "requestedItem": {"Value": "7"}},
    ]


@pytest.mark.parametrize(
    ("held", "above", "refused", "taken"),
    [
        ((1, 3), 0, None, 2),
        ((1, 3), 2, None, 4),
        ((1, 3), 32765, None, 32766),
        ((1, 3), 32766, None, 2),
        ((3,), 32766, None, 1),
        ((1, 3), 4, 2, 5),
        ((1, 3), 32766, 2, 4),
        ((1, 3), 32766, 32766, 2),
    ],
)
def test_the_lowest_free_number_above_one_is_taken(held, above, refused, taken):
    """
    Numbers that others hold are skipped; after the last comes the first.

    A number that EC2 has refused is not taken again.
    """
    pool = Pool(*held)

    assert numbers(pool).take_above(NIC, above, refused).number == taken
    assert taken in pool.held


def test_a_taken_number_is_an_error_with_the_pools_reason():
    """The error names the number, the NIC and why."""
    with pytest.raises(PoolFailed) as failure:
        numbers(Pool(7)).take(NIC, 7)

    assert str(failure.value) == f"Taking session number 7 of {NIC}: the value is taken"


@pytest.mark.parametrize("held", [(5,), ()], ids=["held", "free"])
def test_a_number_that_may_be_held_is_free_afterwards(held):
    """Whether this sandbox held it or not."""
    pool = Pool(*held)

    numbers(pool).release_if_held(NIC, 5)

    assert pool.held == set()
    assert set(pool.releases) == {(NIC, "res-1", "trafficmirrorsessionnumber")}


def test_a_number_of_another_sandbox_is_left_alone():
    """The pool refuses to release it."""
    pool = Pool(5, others={5})

    numbers(pool).release_if_held(NIC, 5)

    assert pool.held == {5}


def test_a_release_that_is_lost_is_retried_once():
    """Its mirror is gone, so no later command would release the number."""
    pool = Pool(5)
    pool.errors = [ProtocolError("reset")]

    numbers(pool).release_if_held(NIC, 5)

    assert pool.held == set()
    assert len(pool.releases) == 2


@pytest.mark.parametrize("take", ["take", "take_above"])
def test_a_lost_checkout_is_retried_once(take):
    """The second one's number is used; a note says what the first may have left."""
    pool = Pool()
    pool.errors = [ProtocolError("reset")]

    taken = getattr(numbers(pool), take)(NIC, 7)

    assert len(pool.held) == 1
    assert taken is None or "may stay checked out until the sandbox ends" in taken.note


@pytest.mark.parametrize(
    ("take", "action"),
    [
        ("take", f"Taking session number 7 of {NIC}"),
        ("take_above", f"Allocating a session number for {NIC}"),
    ],
)
def test_a_refusal_after_a_lost_checkout_is_the_error(take, action):
    """It says what was refused, as without a lost answer."""
    pool = Pool()
    pool.errors = [RuntimeError("no"), ProtocolError("reset")]

    with pytest.raises(PoolFailed) as failure:
        getattr(numbers(pool), take)(NIC, 7)

    assert str(failure.value) == f"{action}: no"


def test_an_ended_reservation_has_its_own_error():
    """CloudShell has no error code for it, only its wording, which the user sees."""
    pool = Pool()
    pool.error = RuntimeError("The reservation has ended")

    with pytest.raises(ReservationEnded) as failure:
        numbers(pool).take_above(NIC, 0)

    assert str(failure.value) == (
        f"Allocating a session number for {NIC}: The reservation has ended"
    )


def test_releasing_after_the_reservation_has_ended_does_nothing():
    """CloudShell releases the numbers of a reservation that ends."""
    pool = Pool(5)
    pool.error = RuntimeError("The reservation has ended")

    numbers(pool).release(NIC, 5)


def test_a_failed_release_is_an_error():
    """The number may stay checked out, and the user must know."""
    pool = Pool(5)
    pool.error = RuntimeError("no")

    with pytest.raises(PoolFailed, match=f"back session number 5 of {NIC}: no"):
        numbers(pool).release(NIC, 5)


def test_a_cancelled_command_takes_no_number():
    """Cancellation is checked before the pool is called."""

    def cancelled():
        raise Cancelled

    pool = Pool()

    with pytest.raises(Cancelled):
        numbers(pool, cancelled).take(NIC, 7)
    assert set() == pool.held


def test_a_lost_response_means_that_the_number_may_stay_checked_out():
    """Whether the call took effect is unknown."""
    pool = Pool()
    pool.error = ProtocolError("reset")

    reason = "no answer from CloudShell .*; the number may stay checked out until"
    with pytest.raises(PoolUnanswered, match=f"^Allocating .* for {NIC}: {reason}"):
        numbers(pool).take_above(NIC, 0)
    with pytest.raises(PoolUnanswered, match=f"^Giving .* 5 of {NIC}: {reason}"):
        numbers(pool).release(NIC, 5)
