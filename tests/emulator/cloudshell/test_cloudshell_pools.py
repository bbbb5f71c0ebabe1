"""Pools: checkouts, releases and faults."""

import json
import logging
import threading
import time
from contextlib import contextmanager

import pytest
from cloudshell.api.common_cloudshell_api import CloudShellAPIError
from urllib3.exceptions import ProtocolError

from emulator.cloudshell import Reservation
from emulator.faults import Fault


def next_number(sandbox, *, pool="eni-1", start=1, end=32766, owner="own", **changes):
    """Return criteria for the next free number."""
    criteria = {
        "type": "NextAvailableNumericFromRange",
        "poolId": pool,
        "reservationId": sandbox.id,
        "ownerId": owner,
        "isolation": "Exclusive",
        "requestedRange": {"start": start, "end": end},
    }
    return json.dumps({**criteria, **changes})


def this_number(sandbox, number, *, pool="eni-1", owner="own"):
    """Return criteria for one number, with keys in the other known case."""
    criteria = {
        "Type": "SpecificNumeric",
        "PoolId": pool,
        "ReservationId": sandbox.id,
        "OwnerId": owner,
        "Isolation": "Exclusive",
        "RequestedItem": {"Value": number},
    }
    return json.dumps(criteria)


@pytest.fixture
def other(cloudshell):
    """Return a second sandbox."""
    return cloudshell.add_reservation(Reservation("other"))


def test_the_lowest_free_number_comes_first(cloudshell, session, sandbox):
    """The lowest free number is checked out."""
    got = [session.CheckoutFromPool(next_number(sandbox)).Items for _ in range(3)]
    assert got == [["1"], ["2"], ["3"]]
    session.ReleaseFromPool(["2"], "eni-1", sandbox.id, "own")
    assert session.CheckoutFromPool(next_number(sandbox)).Items == ["2"]
    assert session.CheckoutFromPool(next_number(sandbox, start=7)).Items == ["7"]
    holder = (sandbox.id, "own")
    assert cloudshell.pools.held() == {"eni-1": dict.fromkeys((1, 2, 3, 7), holder)}


def test_pools_are_separate(session, sandbox):
    """The same number can be held in two pools."""
    for pool in ("eni-1", "eni-2"):
        items = session.CheckoutFromPool(next_number(sandbox, pool=pool)).Items
        assert items == ["1"]


@pytest.mark.parametrize("number", [5, "5"])
def test_a_specific_number_is_exclusive(session, sandbox, other, number):
    """A number that is checked out can't be checked out again."""
    assert session.CheckoutFromPool(this_number(sandbox, number)).Items == ["5"]
    for again in (sandbox, other):
        with pytest.raises(CloudShellAPIError, match="5 is available") as caught:
            session.CheckoutFromPool(this_number(again, number))
        assert caught.value.code == "100"


def test_an_exhausted_range_is_an_error(session, sandbox, other):
    """A checkout from a range without free numbers is an error."""
    for _ in range(3):
        session.CheckoutFromPool(next_number(sandbox, end=3))
    with pytest.raises(CloudShellAPIError, match="from 1 to 3 is available") as caught:
        session.CheckoutFromPool(next_number(other, end=3))
    assert caught.value.code == "100"


def test_many_at_once_get_different_numbers(cloudshell, session, sandbox):
    """Twenty concurrent checkouts get the twenty lowest numbers, each once."""
    got = []
    start = threading.Barrier(20)

    def work():
        start.wait(10)
        got.extend(session.CheckoutFromPool(next_number(sandbox)).Items)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(map(int, got)) == list(range(1, 21))
    assert len(cloudshell.pools.held()["eni-1"]) == 20


@pytest.mark.parametrize(
    ("values", "pool", "owner", "complaint"),
    [
        ([], "eni-1", "own", "No values"),
        (["2"], "eni-1", "own", "2 of pool 'eni-1' is not checked out"),
        (["1"], "eni-2", "own", "1 of pool 'eni-2' is not checked out"),
        (["1"], "eni-1", "else", "belongs to"),
        (["1", "2"], "eni-1", "own", "not checked out"),
        (["one"], "eni-1", "own", "expected a whole number"),
    ],
)
def test_wrong_releases_change_nothing(
    cloudshell, session, sandbox, values, pool, owner, complaint
):
    """Only own numbers can be released, and several values all or none."""
    session.CheckoutFromPool(next_number(sandbox))
    with pytest.raises(CloudShellAPIError, match=complaint) as caught:
        session.ReleaseFromPool(values, pool, sandbox.id, owner)
    assert caught.value.code == "100"
    assert cloudshell.pools.held() == {"eni-1": {1: (sandbox.id, "own")}}


def test_a_number_of_another_sandbox_stays_there(cloudshell, session, sandbox, other):
    """Numbers of other sandboxes and released numbers can't be released."""
    session.CheckoutFromPool(next_number(sandbox))
    with pytest.raises(CloudShellAPIError, match=sandbox.id):
        session.ReleaseFromPool(["1"], "eni-1", other.id, "own")
    session.ReleaseFromPool(["1"], "eni-1", sandbox.id, "own")
    with pytest.raises(CloudShellAPIError, match="not checked out"):
        session.ReleaseFromPool(["1"], "eni-1", sandbox.id, "own")
    assert cloudshell.pools.held() == {}


def test_an_ended_sandbox_has_no_pools(cloudshell, session, sandbox, other):
    """The end of a sandbox releases its numbers; later pool calls fail."""
    session.CheckoutFromPool(next_number(sandbox))
    session.CheckoutFromPool(next_number(other))
    cloudshell.end_reservation(sandbox.id)
    assert cloudshell.pools.held() == {"eni-1": {2: (other.id, "own")}}
    with pytest.raises(CloudShellAPIError, match="reservation has ended"):
        session.CheckoutFromPool(next_number(sandbox))
    with pytest.raises(CloudShellAPIError, match="reservation has ended"):
        session.ReleaseFromPool(["1"], "eni-1", sandbox.id, "own")


def test_release_at_the_end_can_be_switched_off(cloudshell, session, sandbox):
    """Without release_at_end the numbers stay checked out."""
    cloudshell.pools.release_at_end = False
    session.CheckoutFromPool(next_number(sandbox))
    cloudshell.end_reservation(sandbox.id)
    assert cloudshell.pools.held() == {"eni-1": {1: (sandbox.id, "own")}}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"type": "NextAvailableIP"}, "type 'NextAvailableIP' is unknown"),
        ({"isolation": "Shared"}, "Isolation 'Shared' is unknown"),
        ({"poolId": ""}, "poolid is ''"),
        ({"ownerId": 5}, "ownerid is 5"),
        ({"reservationId": "nobody"}, "no reservation 'nobody'"),
        ({"requestedRange": {"start": 1}}, "missing .*end"),
        ({"requestedRange": {"start": 3, "end": 2}}, "starts at 3"),
        ({"requestedRange": {"start": True, "end": 2}}, "expected a whole number"),
        ({"requestedRange": [1, 2]}, "must be a JSON object"),
        ({"more": 1}, "unknown .*more"),
        ({"POOLID": "eni-2"}, "two keys that differ only in case"),
    ],
)
def test_wrong_criteria_are_refused(cloudshell, session, sandbox, changes, complaint):
    """Unknown criteria are errors that name the wrong part."""
    with pytest.raises(CloudShellAPIError, match=complaint):
        session.CheckoutFromPool(next_number(sandbox, **changes))
    assert cloudshell.pools.held() == {}


@pytest.mark.parametrize(
    ("text", "complaint"), [("{", "not JSON"), ("[]", "JSON object"), ("{}", "None")]
)
def test_criteria_must_be_a_json_object(session, text, complaint):
    """Criteria that are not a JSON object are rejected."""
    with pytest.raises(CloudShellAPIError, match=complaint):
        session.CheckoutFromPool(text)


def test_calls_are_recorded(cloudshell, session, sandbox):
    """The call log has requests, results and errors."""
    session.CheckoutFromPool(next_number(sandbox, end=9))
    session.ReleaseFromPool(["1"], "eni-1", sandbox.id, "own")
    with pytest.raises(CloudShellAPIError):
        session.ReleaseFromPool(["1"], "eni-1", sandbox.id, "own")
    checkout, release, refused = cloudshell.pools.calls
    assert (checkout.method, checkout.pool_id) == ("CheckoutFromPool", "eni-1")
    assert (checkout.values, checkout.error) == (["1"], None)
    assert checkout.requested == "NextAvailableNumericFromRange 1-9"
    assert (release.method, release.values) == ("ReleaseFromPool", ["1"])
    assert (refused.values, "not checked out" in refused.error) == ([], True)


def test_faults_hit_the_chosen_calls(cloudshell, session, sandbox):
    """A fault hits `times` calls after `skip` calls, of its own method only."""
    cloudshell.pools.faults.append(
        Fault("CheckoutFromPool", skip=1, times=2, code="777", message="down")
    )
    session.CheckoutFromPool(next_number(sandbox))
    session.ReleaseFromPool(["1"], "eni-1", sandbox.id, "own")
    for _ in range(2):
        with pytest.raises(CloudShellAPIError, match="down") as caught:
            session.CheckoutFromPool(next_number(sandbox))
        assert caught.value.code == "777"
    assert cloudshell.pools.held() == {}
    assert session.CheckoutFromPool(next_number(sandbox)).Items == ["1"]


def test_a_fault_after_the_effect_keeps_the_effect(cloudshell, session, sandbox):
    """With after_effect the call fails, but the number is checked out."""
    cloudshell.pools.faults.append(Fault("CheckoutFromPool", after_effect=True))
    with pytest.raises(CloudShellAPIError):
        session.CheckoutFromPool(next_number(sandbox))
    assert list(cloudshell.pools.held()["eni-1"]) == [1]
    assert cloudshell.pools.calls[0].error


def test_latency_slows_every_pool_call(cloudshell, session, sandbox):
    """With a latency set, a pool call takes at least that long."""
    cloudshell.pools.latency = 0.03
    before = time.monotonic()
    session.CheckoutFromPool(next_number(sandbox))
    assert time.monotonic() - before >= 0.03


def test_an_endless_fault_lasts_until_it_is_taken_away(cloudshell, session, sandbox):
    """With times=None all calls fail after the skipped ones."""
    cloudshell.pools.faults.append(Fault("CheckoutFromPool", skip=1, times=None))
    session.CheckoutFromPool(next_number(sandbox))
    for _ in range(3):
        with pytest.raises(CloudShellAPIError):
            session.CheckoutFromPool(next_number(sandbox))
    cloudshell.pools.faults.clear()
    assert session.CheckoutFromPool(next_number(sandbox)).Items == ["2"]


@pytest.mark.parametrize("after_effect", [False, True])
def test_a_dropped_connection_is_an_error_of_urllib3(cloudshell, sandbox, after_effect):
    """A client without retries gets no answer, before or after the effect."""
    session = cloudshell.session(max_attempts=1)
    fault = Fault("CheckoutFromPool", drop_connection=True, after_effect=after_effect)
    cloudshell.pools.faults.append(fault)
    with pytest.raises(ProtocolError):
        session.CheckoutFromPool(next_number(sandbox))
    assert len(cloudshell.pools.held()) == int(after_effect)
    (call,) = cloudshell.pools.calls
    assert call.error
    next_one = str(1 + after_effect)
    assert session.CheckoutFromPool(next_number(sandbox)).Items == [next_one]


def test_the_client_sends_a_dropped_call_again(cloudshell, session, sandbox):
    """By default the client retries; the first number stays checked out."""
    cloudshell.pools.faults.append(
        Fault("CheckoutFromPool", drop_connection=True, after_effect=True)
    )
    # The client waits for a second in between.
    assert session.CheckoutFromPool(next_number(sandbox)).Items == ["2"]
    assert list(cloudshell.pools.held()["eni-1"]) == [1, 2]
    assert len(cloudshell.pools.calls) == 2


def test_a_refusal_can_get_lost_too(cloudshell, sandbox):
    """A failed call is logged, but the caller sees a closed connection."""
    session = cloudshell.session(max_attempts=1)
    cloudshell.pools.faults.append(
        Fault("ReleaseFromPool", drop_connection=True, after_effect=True)
    )
    with pytest.raises(ProtocolError):
        session.ReleaseFromPool(["1"], "eni-1", sandbox.id, "own")


def test_a_held_up_pool_call_holds_up_no_other(cloudshell, session, sandbox):
    """before_call may delay a call, while other calls are answered."""
    held, go_on, told = threading.Event(), threading.Event(), []

    def hold(method):
        told.append(method)
        if method == "ReleaseFromPool":
            held.set()
            go_on.wait(10)

    session.CheckoutFromPool(next_number(sandbox))
    cloudshell.pools.before_call = hold
    release = threading.Thread(
        target=session.ReleaseFromPool, args=(["1"], "eni-1", sandbox.id, "own")
    )
    release.start()
    assert held.wait(10)
    assert session.CheckoutFromPool(next_number(sandbox)).Items == ["2"]
    go_on.set()
    release.join(10)
    assert list(cloudshell.pools.held()["eni-1"]) == [2]
    assert told == ["ReleaseFromPool", "CheckoutFromPool"]


def test_errors_of_before_call_are_logged(cloudshell, session, sandbox, caplog):
    """An error of the callback is logged, and the call is answered."""
    cloudshell.pools.before_call = lambda _: 1 / 0
    with caplog.at_level(logging.ERROR, "emulator.cloudshell"):
        assert session.CheckoutFromPool(next_number(sandbox)).Items == ["1"]
    (record,) = caplog.records
    assert record.getMessage() == "before_call failed for CheckoutFromPool"
    assert record.exc_info


def test_around_call_surrounds_each_call(cloudshell, session, sandbox):
    """It gets the call, and is left when the call was carried out."""
    events = []

    @contextmanager
    def around(call):
        events.append((call.method, call.resource, list(call.values)))
        yield
        events.append((call.method, call.resource, list(call.values)))

    cloudshell.pools.around_call = around
    session.CheckoutFromPool(next_number(sandbox))
    session.ReleaseFromPool(["1"], "eni-1", sandbox.id, "own")
    assert events == [
        ("CheckoutFromPool", "", []),
        ("CheckoutFromPool", "", ["1"]),
        ("ReleaseFromPool", "", []),
        ("ReleaseFromPool", "", ["1"]),
    ]


def test_reset_sets_all_back(cloudshell, session, sandbox):
    """A reset removes numbers, calls and faults, and restores the settings."""
    pools = cloudshell.pools
    session.CheckoutFromPool(next_number(sandbox))
    pools.faults.append(Fault("CheckoutFromPool", times=None))
    pools.latency, pools.release_at_end, pools.before_call = 1, False, print
    pools.around_call = print
    pools.reset()
    assert pools.around_call is None
    assert (pools.held(), pools.calls, pools.faults) == ({}, [], [])
    turned = (pools.latency, pools.release_at_end, pools.before_call)
    assert turned == (0, True, None)
