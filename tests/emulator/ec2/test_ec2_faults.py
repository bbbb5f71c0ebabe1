"""Faults: calls that fail on purpose, before or after their effect."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError

from emulator.faults import Fault


def filters(lab: Any) -> int:
    """Return the number of filters."""
    found = lab.client.describe_traffic_mirror_filters()
    return len(found["TrafficMirrorFilters"])


def test_fault_answers_in_place_of_the_call(ec2: Any, lab: Any) -> None:
    """The call fails with code, message, status and request id, without effect."""
    fault = Fault("CreateTrafficMirrorFilter", "Some.Code", "a < b", status=503)
    ec2.faults.append(fault)
    with pytest.raises(lab.client.exceptions.ClientError) as caught:
        lab.filter()
    response, (call,) = caught.value.response, ec2.calls
    assert response["Error"] == {"Code": "Some.Code", "Message": "a < b"}
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert response["ResponseMetadata"]["RequestId"] == call.request_id
    assert (call.error_code, call.writes, call.answered) == ("Some.Code", True, True)
    assert filters(lab) == 0
    assert lab.filter()


def test_skip_and_times(ec2: Any, lab: Any) -> None:
    """After `skip` calls, `times` calls fail; other operations don't count."""
    ec2.faults.append(Fault("CreateTrafficMirrorFilter", skip=1, times=2))
    outcomes = []
    for _ in range(5):
        filters(lab)
        try:
            lab.filter()
            outcomes.append(True)
        except lab.client.exceptions.ClientError:
            outcomes.append(False)
    assert outcomes == [True, False, False, True, True]
    assert filters(lab) == 3


def test_endless_fault(ec2: Any, lab: Any) -> None:
    """With times=None a fault lasts until it is removed."""
    ec2.faults.append(Fault(times=None, code="Forever"))
    for _ in range(3):
        with lab.refused("Forever"):
            lab.filter()
    ec2.faults.clear()
    assert lab.filter()


def test_fault_of_every_writing_call(ec2: Any, lab: Any) -> None:
    """Without an operation all writes fail, moto's included."""
    ec2.faults.append(Fault(code="NoWrites", times=2))
    assert filters(lab) == 0
    with lab.refused("DryRunOperation"):
        lab.filter(DryRun=True)
    with lab.refused("NoWrites"):
        lab.client.create_vpc(CidrBlock="10.0.0.0/16")
    with lab.refused("NoWrites"):
        lab.filter()
    assert len(lab.client.describe_vpcs()["Vpcs"]) == 1


def test_faults_take_turns(ec2: Any, lab: Any) -> None:
    """If two faults are due, the first hits this call, the second the next."""
    for code in ("First", "Second"):
        ec2.faults.append(Fault("CreateTrafficMirrorFilter", code=code))
    for code in ("First", "Second"):
        with lab.refused(code):
            lab.filter()
    assert lab.filter()


def test_fault_after_the_effect(ec2: Any, lab: Any) -> None:
    """The call fails, but creates the resource, which its token finds."""
    ec2.faults.append(Fault("CreateTrafficMirrorFilter", "Late", after_effect=True))
    with lab.refused("Late"):
        lab.filter(ClientToken="t")
    assert filters(lab) == 1
    lab.filter(ClientToken="t")
    assert filters(lab) == 1


@pytest.mark.parametrize("after_effect", [False, True])
def test_dropped_connection(ec2: Any, lab: Any, after_effect: bool) -> None:
    """The connection is closed without a reply, before or after the effect."""
    fault = Fault(
        "CreateTrafficMirrorFilter", drop_connection=True, after_effect=after_effect
    )
    ec2.faults.append(fault)
    with pytest.raises(ConnectionClosedError):
        lab.filter()
    (call,) = ec2.calls
    assert (call.answered, call.error_code) == (False, None)
    assert filters(lab) == int(after_effect)


@pytest.mark.parametrize("drop", [False, True])
def test_botocore_retries_a_passing_fault(ec2: Any, drop: bool) -> None:
    """A client retries the call with its token, and creates one resource."""
    client = ec2.client(config=Config(retries={"total_max_attempts": 3}))
    ec2.faults.append(
        Fault(
            "CreateTrafficMirrorFilter",
            code="RequestLimitExceeded",
            status=503,
            after_effect=True,
            drop_connection=drop,
        )
    )
    made = client.create_traffic_mirror_filter()
    assert made["ResponseMetadata"]["RetryAttempts"] == 1
    assert len(ec2.writes()) == 2
    assert len(client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]) == 1


def test_only_the_kth_call_fails_through_all_retries(ec2: Any) -> None:
    """A repeating fault outlasts botocore's retries, and hits no other call."""
    client = ec2.client(config=Config(retries={"total_max_attempts": 2}))
    ec2.faults.append(Fault(skip=1, repeats=True, status=500))
    outcomes = []
    for _ in range(3):
        try:
            client.create_traffic_mirror_filter()
            outcomes.append(True)
        except client.exceptions.ClientError:
            outcomes.append(False)
    assert outcomes == [True, False, True]
    assert len(ec2.writes()) == 4
    assert len(client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]) == 2


def outcome(lab: Any, token: str) -> str:
    """Create a filter with this token; return the error code, if any."""
    try:
        lab.filter(ClientToken=token)
    except lab.client.exceptions.ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_a_repeating_fault_follows_its_request(ec2: Any, lab: Any) -> None:
    """A failed request fails each time, until the fault is removed."""
    ec2.faults.append(Fault(code="No", skip=1, repeats=True))
    outcomes = dict.fromkeys("abcd", "") | {"b": "No"}
    for token in "abcbadb":
        assert outcome(lab, token) == outcomes[token], token
    assert filters(lab) == 3
    ec2.faults.clear()
    assert outcome(lab, "b") == ""


def test_repeats_count_for_no_fault(ec2: Any, lab: Any) -> None:
    """Repeats use up neither `times` nor the `skip` of another fault."""
    ec2.faults.append(Fault(code="First", times=2, repeats=True))
    ec2.faults.append(Fault(code="Second", skip=3))
    seen = [outcome(lab, token) for token in "aaaabbbcd"]
    assert seen == ["First"] * 7 + ["", "Second"]


def test_without_repeats_the_next_try_passes(ec2: Any, lab: Any) -> None:
    """A fault without `repeats` ends after `times` calls."""
    ec2.faults.append(Fault(code="No"))
    assert [outcome(lab, "a"), outcome(lab, "a")] == ["No", ""]


LOST: list[dict[str, Any]] = [{"status": 500}, {"drop_connection": True}]


@pytest.mark.parametrize("how", LOST)
def test_a_create_whose_answer_is_always_lost(
    ec2: Any, lab: Any, how: dict[str, Any]
) -> None:
    """Each attempt fails, but one resource exists, after any number of attempts."""
    ec2.faults.append(Fault(after_effect=True, repeats=True, **how))
    for _ in range(3):
        with pytest.raises((lab.client.exceptions.ClientError, ConnectionClosedError)):
            lab.filter(ClientToken="t")
    assert filters(lab) == 1
    assert outcome(lab, "other") == ""


@pytest.mark.parametrize("how", LOST)
def test_a_delete_whose_answer_is_always_lost(
    ec2: Any, lab: Any, how: dict[str, Any]
) -> None:
    """The first attempt deletes; later ones get the fault, not NotFound."""
    first, second = lab.filter(), lab.filter()
    ec2.faults.append(Fault(after_effect=True, repeats=True, **how))
    delete = lab.client.delete_traffic_mirror_filter
    expected = None if "drop_connection" in how else "InternalError"
    for _ in range(2):
        with pytest.raises((lab.client.exceptions.ClientError, ConnectionClosedError)):
            delete(TrafficMirrorFilterId=first)
        assert ec2.calls[-1].error_code == expected
    assert filters(lab) == 1
    delete(TrafficMirrorFilterId=second)
    assert filters(lab) == 0


@pytest.mark.parametrize("service", ["sts", "elbv2"])
def test_faults_of_other_services(ec2: Any, service: str) -> None:
    """Faults of STS and load balancers have the format of these services."""
    operation = {"sts": "GetCallerIdentity", "elbv2": "DescribeLoadBalancers"}[service]
    ec2.faults.append(Fault(operation, "Throttling", "a < b"))
    client = ec2.service_client(service)
    call = getattr(client, xform_name(operation))
    with pytest.raises(client.exceptions.ClientError) as caught:
        call()
    error = {"Type": "Sender", "Code": "Throttling", "Message": "a < b"}
    assert caught.value.response["Error"] == error
    assert ec2.calls[-1].error_code == "Throttling"
    assert call()
