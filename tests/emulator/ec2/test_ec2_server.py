"""The emulator itself: call log, settings, threads, start and stop."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from emulator.ec2 import Action, Ec2Emulator, Lag, Lags, Settings
from emulator.faults import Fault


def test_existing_resources_are_those_that_aws_shows(
    ec2: Any, lab: Any, client: Any
) -> None:
    """Except that they don't lag behind, and need no call."""
    mirror_filter = lab.filter(Description="x")
    client.modify_traffic_mirror_filter_network_services(
        TrafficMirrorFilterId=mirror_filter, AddNetworkServices=["amazon-dns"]
    )
    lab.rule(
        mirror_filter, DestinationPortRange={"FromPort": 1, "ToPort": 2}, Protocol=6
    )
    lab.session(TrafficMirrorFilterId=mirror_filter, PacketLength=100)
    lab.balancer_target()
    look_ups = {
        "TrafficMirrorTargets": client.describe_traffic_mirror_targets,
        "TrafficMirrorFilters": client.describe_traffic_mirror_filters,
        "TrafficMirrorSessions": client.describe_traffic_mirror_sessions,
    }
    for kind, look_up in look_ups.items():
        assert ec2.existing(kind) == look_up()[kind]
    ec2.settings.creation_lag = Lags.of_all(1)
    ec2.clear_calls()
    lab.filter()

    assert len(ec2.existing("TrafficMirrorFilters")) == 2
    assert [call.operation for call in ec2.calls] == ["CreateTrafficMirrorFilter"]
    assert len(client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]) == 1


def test_calls_tell_what_was_asked(ec2: Any, lab: Any) -> None:
    """Each request is logged in order, with its flat parameters and outcome."""
    before = time.monotonic()
    made = lab.client.create_traffic_mirror_filter(Description="x", ClientToken="t")
    with pytest.raises(ClientError):
        lab.client.describe_vpcs(VpcIds=["vpc-0123456789abcdef0"])
    create, describe = ec2.calls
    assert create.operation == "CreateTrafficMirrorFilter"
    assert create.parameters == {"Description": "x", "ClientToken": "t"}
    assert create.request_id == made["ResponseMetadata"]["RequestId"]
    assert (create.writes, create.error_code) == (True, None)
    assert create.access_key == "AKIAEMULATED00000000"
    assert before <= create.started <= create.ended <= describe.started
    assert describe.parameters == {"VpcId.1": "vpc-0123456789abcdef0"}
    assert (describe.writes, describe.error_code) == (False, "InvalidVpcID.NotFound")
    assert ec2.writes() == [create]
    ec2.clear_calls()
    assert ec2.calls == []


def test_request_ids_are_the_callers_own(ec2: Any, client: Any) -> None:
    """The log has the request id that boto3 shows, for moto's replies, too."""
    seen = [
        client.describe_vpcs()["ResponseMetadata"]["RequestId"],
        client.describe_instances()["ResponseMetadata"]["RequestId"],
        client.describe_traffic_mirror_filters()["ResponseMetadata"]["RequestId"],
    ]
    vpc = "vpc-0123456789abcdef0"
    for call in (client.delete_vpc, client.delete_subnet):
        with pytest.raises(ClientError) as caught:
            call(
                **{"VpcId": vpc}
                if call == client.delete_vpc
                else {"SubnetId": "subnet-1"}
            )
        seen.append(caught.value.response["ResponseMetadata"]["RequestId"])
    assert seen == [call.request_id for call in ec2.calls]
    assert len(set(seen)) == 5


def test_latency_is_kept(ec2: Any, client: Any) -> None:
    """Each request takes at least the latency, processing and faults included."""
    client.describe_vpcs()
    ec2.settings.latency = 0.05
    ec2.faults.append(Fault("DeleteVpc"))
    started = time.monotonic()
    client.describe_vpcs()
    client.describe_traffic_mirror_filters()
    with pytest.raises(ClientError):
        client.delete_vpc(VpcId="vpc-0123456789abcdef0")
    assert time.monotonic() - started >= 0.15
    assert all(call.ended - call.started >= 0.05 for call in ec2.calls[1:])


def test_waiting_calls_are_in_parallel(ec2: Any, client: Any) -> None:
    """Sixteen calls wait for their latency concurrently, on kept connections."""
    client.describe_traffic_mirror_filters()
    ec2.clear_calls()
    ec2.settings.latency = 0.2
    with ThreadPoolExecutor(16) as pool:
        started = time.monotonic()
        made = [pool.submit(client.create_traffic_mirror_filter) for _ in range(32)]
        ids = {f.result()["TrafficMirrorFilter"]["TrafficMirrorFilterId"] for f in made}
        spent = time.monotonic() - started
    assert len(ids) == 32
    assert spent < 3.2  # one after the other they would take 6.4 s
    starts = [call.started for call in ec2.calls]
    assert starts == sorted(starts)
    assert starts[7] < min(call.ended for call in ec2.calls)


@pytest.fixture
def restless() -> Iterator[None]:
    """Let Python switch threads as often as possible."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("restless")
def test_changes_are_atomic(lab: Any) -> None:
    """Of sixteen concurrent calls with one session number exactly one succeeds."""
    asked = {
        "NetworkInterfaceId": lab.nic(),
        "TrafficMirrorTargetId": lab.target(),
        "TrafficMirrorFilterId": lab.filter(),
        "SessionNumber": 1,
    }

    def create(_: int) -> str:
        try:
            lab.client.create_traffic_mirror_session(**asked)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "made"

    with ThreadPoolExecutor(16) as pool:
        outcomes = sorted(pool.map(create, range(16)))
    assert outcomes == ["InvalidParameterValue"] * 15 + ["made"]


@pytest.mark.usefixtures("restless")
def test_one_token_in_parallel_makes_one(lab: Any) -> None:
    """Sixteen concurrent calls with one token create one resource."""
    tokens = [str(number // 16) for number in range(320)]
    with ThreadPoolExecutor(16) as pool:
        ids = set(pool.map(lambda token: lab.filter(ClientToken=token), tokens))
    assert len(ids) == 20


def test_mixed_load_loses_nothing(ec2: Any, lab: Any) -> None:
    """All calls of sixteen threads, to moto and to us, are answered."""
    subnet = lab.client.describe_subnets()["Subnets"][0]["SubnetId"]
    ec2.clear_calls()

    def work(number: int) -> str:
        made = lab.client.create_network_interface(SubnetId=subnet)
        nic = made["NetworkInterface"]["NetworkInterfaceId"]
        target = lab.target(nic, Description=str(number))
        lab.client.create_tags(
            Resources=[nic, target], Tags=[{"Key": "n", "Value": str(number)}]
        )
        lab.client.describe_tags()
        return target

    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(work, range(48)))
    found = lab.client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]
    assert {target["TrafficMirrorTargetId"] for target in found} == made
    assert len(made) == 48
    assert len(ec2.calls) == 4 * 48 + 1
    assert all(call.error_code is None for call in ec2.calls)


def test_reset_forgets_everything(ec2: Any, lab: Any) -> None:
    """A reset removes resources, calls and faults, and restores the settings."""
    lab.session()
    lab.client.create_vpc(CidrBlock="10.0.0.0/16")
    ec2.faults.append(Fault())
    ec2.settings.latency, ec2.settings.page_size, ec2.settings.quotas.filters = 1, 1, 0
    ec2.settings.unknown_lag = ec2.settings.deletion_lag = Lags.of_all(1)
    ec2.settings.in_use_lag = ec2.settings.start_lag = Lag(1)
    ec2.settings.hidden_session_numbers["eni-0123456789abcdef0"] = {1}
    ec2.settings.before_call = print
    ec2.settings.unsupported_source_types = frozenset({"t3.nano"})
    ec2.reset()
    assert ec2.settings.unsupported_source_types == frozenset()
    assert (ec2.calls, ec2.faults, ec2.settings.latency, ec2.settings.page_size) == (
        [],
        [],
        0,
        None,
    )
    assert ec2.settings == Settings()
    assert lab.session_ids() == []
    assert len(lab.client.describe_vpcs()["Vpcs"]) == 1
    assert lab.filter()


def test_before_call_runs_before_each_call(ec2: Any, lab: Any) -> None:
    """before_call gets the operation of each request, failing ones included."""
    calls = []
    ec2.settings.before_call = lambda operation, writes: calls.append(
        (operation, writes)
    )
    lab.client.describe_vpcs()
    ec2.faults.append(Fault(code="Failing"))
    with lab.refused("Failing"):
        lab.filter()
    with lab.refused("DryRunOperation"):
        lab.filter(DryRun=True)
    assert calls == [
        ("DescribeVpcs", False),
        ("CreateTrafficMirrorFilter", True),
        ("CreateTrafficMirrorFilter", False),
    ]


def test_before_call_may_call_the_emulator(ec2: Any, lab: Any) -> None:
    """before_call may call the emulator before the request is carried out."""

    def create_first(operation: str, writes: bool) -> None:
        if not writes and operation == "DescribeTrafficMirrorSessions":
            lab.session(SessionNumber=7)

    ec2.settings.before_call = create_first
    (session,) = lab.session_ids()
    assert session.startswith("tms-")


def test_a_call_that_is_held_up_holds_up_no_other(ec2: Any, lab: Any) -> None:
    """While one request waits in before_call, others are answered."""
    held, go_on = threading.Event(), threading.Event()

    def hold(_: str, writes: bool) -> None:
        if writes:
            held.set()
            go_on.wait(10)

    ec2.settings.before_call = hold
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(lab.filter)
        assert held.wait(10)
        found = lab.client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
        go_on.set()
        assert found == []
        assert made.result().startswith("tmf-")


def test_errors_of_before_call_are_logged(
    ec2: Any, lab: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """An error of the callback is logged, and the request is answered."""
    ec2.settings.before_call = lambda *_: 1 / 0
    with caplog.at_level(logging.ERROR, "emulator.ec2"):
        assert lab.filter()
    (record,) = caplog.records
    assert record.getMessage() == "before_call failed for CreateTrafficMirrorFilter"
    assert record.exc_info


def test_around_call_surrounds_each_request(ec2: Any, lab: Any) -> None:
    """It gets the caller's key, and is left when the request was carried out."""
    events = []

    @contextmanager
    def around(action: Action) -> Iterator[None]:
        ec2.settings.around_call = None
        events.append((action.operation, action.access_key, lab.session_ids()))
        yield
        events.append((action.operation, action.parameters, lab.session_ids()))

    client = ec2.client(aws_access_key_id="AKIAINVENTED")
    session = lab.session()["TrafficMirrorSessionId"]
    ec2.settings.around_call = around
    client.delete_traffic_mirror_session(TrafficMirrorSessionId=session)
    assert events == [
        ("DeleteTrafficMirrorSession", "AKIAINVENTED", [session]),
        ("DeleteTrafficMirrorSession", {"TrafficMirrorSessionId": session}, []),
    ]


def test_errors_of_around_call_are_logged(
    ec2: Any, lab: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """An error at the entry is logged, and the request is answered."""
    ec2.settings.around_call = lambda _: 1 / 0
    with caplog.at_level(logging.ERROR, "emulator.ec2"):
        assert lab.filter()
    (record,) = caplog.records
    assert record.getMessage() == "around_call failed for CreateTrafficMirrorFilter"


def test_a_held_call_does_nothing_after_a_reset(ec2: Any, lab: Any) -> None:
    """A request that waits during a reset is dropped, and creates nothing."""
    ec2.settings.before_call = lambda *_: ec2.reset()
    with pytest.raises(ConnectionClosedError):
        lab.filter()
    assert lab.client.describe_traffic_mirror_filters()["TrafficMirrorFilters"] == []


def test_reset_is_fast(ec2: Any, lab: Any) -> None:
    """A reset takes well under 50 ms."""
    lab.session()
    spent = []
    for _ in range(5):
        started = time.monotonic()
        ec2.reset()
        spent.append(time.monotonic() - started)
    assert min(spent) < 0.02


def test_unknown_operations_are_real_errors(lab: Any) -> None:
    """Operations that neither we nor moto have get an EC2 error."""
    with lab.refused("InvalidAction", "DescribeFastSnapshotRestores"):
        lab.client.describe_fast_snapshot_restores()


def test_second_emulator_is_refused(ec2: Any) -> None:
    """A second emulator in a process is an error; the first keeps running."""
    with pytest.raises(RuntimeError, match="runs in this process already"):
        Ec2Emulator().start()
    assert ec2.client().describe_vpcs()["Vpcs"]


@pytest.mark.usefixtures("ec2")
def test_stopped_emulator_says_so() -> None:
    """An emulator that is not running raises RuntimeError."""
    idle = Ec2Emulator()
    for ask in (lambda: idle.calls, lambda: idle.endpoint_url, idle.reset):
        with pytest.raises(RuntimeError, match="not running"):
            ask()
    idle.stop()


def test_requests_print_nothing(lab: Any, capfd: pytest.CaptureFixture[str]) -> None:
    """Requests print nothing and log nothing."""
    lab.filter()
    lab.client.describe_vpcs()
    with pytest.raises(ClientError):
        lab.client.describe_fast_snapshot_restores()
    assert capfd.readouterr() == ("", "")


def test_an_interface_can_be_given_the_id_that_a_request_asks_for(
    ec2: Any, lab: Any, client: Any
) -> None:
    """The renamed interface is found by its new id only."""
    ec2.rename_interface(lab.nic(), "eni-0123456789abcdef0")

    interfaces = client.describe_network_interfaces()["NetworkInterfaces"]

    assert [each["NetworkInterfaceId"] for each in interfaces] == [
        "eni-0123456789abcdef0"
    ]
