"""What CloudWatch says of mirrored packets, and what it refuses."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError
from scapy.layers.inet import TCP
from scapy.packet import Raw

from emulator.faults import Fault
from tests.emulator.ec2.conftest import KEY

NAMES = [
    f"Network{packets}{kind}{end}"
    for kind in ("Mirror", "SkipMirror")
    for packets in ("Packets", "")
    for end in ("In", "Out")
]


def query(name: str, instance: str, number: int = 0) -> dict[str, Any]:
    """Return a query of a metric's sum."""
    dimensions = [{"Name": "InstanceId", "Value": instance}]
    metric = {"Namespace": "AWS/EC2", "MetricName": name, "Dimensions": dimensions}
    stat = {"Metric": metric, "Period": 300, "Stat": "Sum"}
    return {"Id": f"m{number}", "MetricStat": stat}


def metric_data(client: Any, *queries: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the results of the last quarter of an hour."""
    end = datetime.now(timezone.utc) + timedelta(minutes=1)
    return client.get_metric_data(
        MetricDataQueries=queries, StartTime=end - timedelta(minutes=15), EndTime=end
    )["MetricDataResults"]


def counted(net: Any, nic: str) -> dict[str, float] | None:
    """Return the metrics of an interface's instance that aren't 0; None: no data."""
    instance = net.interface(nic)["Attachment"]["InstanceId"]
    queries = [query(name, instance, n) for n, name in enumerate(NAMES)]
    found = metric_data(net.ec2.service_client("cloudwatch"), *queries)
    sums = {name: each["Values"] for name, each in zip(NAMES, found)}
    if not any(sums.values()):
        return None
    return {name: sum(values) for name, values in sums.items() if sum(values)}


def test_mirrored_packets_are_counted_by_direction(net: Any) -> None:
    """The source's instance has the packets and the bytes of their frames."""
    net.mirror({}, {"TrafficDirection": "egress"})
    assert counted(net, net.source) is None

    net.passage(net.in_(TCP()))
    net.passage(net.in_(TCP() / Raw(b"12345")))
    net.passage(net.out(TCP()))

    assert counted(net, net.source) == {
        "NetworkPacketsMirrorIn": 2,
        "NetworkMirrorIn": 54 + 59,
        "NetworkPacketsMirrorOut": 1,
        "NetworkMirrorOut": 54,
    }
    assert counted(net, net.target) is None


def test_packets_that_no_rule_accepts_are_not_counted(net: Any) -> None:
    """They are neither mirrored nor skipped."""
    net.mirror({"Protocol": 17})

    net.passage(net.in_(TCP()))

    assert counted(net, net.source) is None


def test_a_packet_is_counted_as_it_is_cut(net: Any) -> None:
    """PacketLength limits the bytes."""
    net.mirror({}, PacketLength=20)

    net.passage(net.in_(TCP()))

    assert counted(net, net.source)["NetworkMirrorIn"] == 20


def test_a_copy_that_gets_lost_is_counted_as_mirrored(net: Any) -> None:
    """The source doesn't know whether its packets arrive."""
    net.mirror({})
    net.group(net.target)

    assert not net.mirrored(net.in_(TCP()))
    assert counted(net, net.source)["NetworkPacketsMirrorIn"] == 1


def test_packets_are_skipped_while_the_source_is_congested(net: Any) -> None:
    """They met the filter, and production traffic has priority."""
    net.mirror({})
    net.ec2.settings.congested = True

    passage = net.passage(net.in_(TCP()))

    assert (passage.copy, passage.reason) == (None, "production traffic has priority")
    assert counted(net, net.source) == {
        "NetworkPacketsSkipMirrorIn": 1,
        "NetworkSkipMirrorIn": 54,
    }


def test_without_metrics_there_is_no_data(net: Any) -> None:
    """The packets are mirrored all the same."""
    net.mirror({})
    net.ec2.settings.metrics = False

    assert net.mirrored(net.in_(TCP()))
    assert counted(net, net.source) is None


def test_a_call_has_at_most_500_queries(ec2: Any) -> None:
    """As on AWS; moto would answer any number."""
    client = ec2.service_client("cloudwatch")
    queries = [query("NetworkMirrorIn", "i-1", number) for number in range(501)]

    assert len(metric_data(client, *queries[:500])) == 500
    with pytest.raises(ClientError, match="greater than 500"):
        metric_data(client, *queries)


@pytest.mark.parametrize("ids", [["a", "a"], ["1a"], ["A"], ["a-b"]])
def test_the_ids_of_queries_are_checked(ec2: Any, ids: list[str]) -> None:
    """They are unique, and begin with a lower-case letter."""
    queries = [{**query("NetworkMirrorIn", "i-1"), "Id": each} for each in ids]

    with pytest.raises(ClientError, match="ValidationError"):
        metric_data(ec2.service_client("cloudwatch"), *queries)


def test_metrics_need_a_permission_of_cloudwatch(ec2: Any) -> None:
    """IAM calls the service cloudwatch, a signature calls it monitoring."""
    client = ec2.service_client("cloudwatch", aws_access_key_id=KEY)
    queries = [query("NetworkMirrorIn", "i-1")]
    statement = {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    ec2.restrict(KEY, policy)

    with pytest.raises(ClientError) as denied:
        metric_data(client, *queries)
    statement["Action"] = "cloudwatch:GetMetricData"
    ec2.restrict(KEY, policy)

    error = denied.value.response["Error"]
    assert error["Code"] == "AccessDenied"
    assert "cloudwatch:GetMetricData" in error["Message"]
    assert metric_data(client, *queries)
    assert [(call.operation, call.writes) for call in ec2.calls] == [
        ("GetMetricData", False)
    ] * 2


def test_faults_of_cloudwatch_have_its_format(ec2: Any) -> None:
    """Code and message reach the client."""
    ec2.faults.append(Fault("GetMetricData", "Throttling", "a < b"))

    with pytest.raises(ClientError) as caught:
        metric_data(ec2.service_client("cloudwatch"), query("NetworkMirrorIn", "i-1"))

    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("Throttling", "a < b")
