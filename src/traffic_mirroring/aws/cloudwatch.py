"""
Owns: what CloudWatch counted for the mirrors of instances, in batches of queries.

AWS counts per instance, for all its NICs and mirrors together, in periods of five
minutes. Must not know mirrors.
https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirror-cloudwatch.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from traffic_mirroring.aws.clients import AwsClients
from traffic_mirroring.aws.pages import chunks, find_items
from traffic_mirroring.results import Traffic

MINUTES = 15
"""How far back CloudWatch is asked."""

_PERIOD = 300
_QUERIES_PER_CALL = 500
_METRICS = (
    ("NetworkPacketsMirrorIn", "NetworkPacketsMirrorOut"),
    ("NetworkMirrorIn", "NetworkMirrorOut"),
    ("NetworkPacketsSkipMirrorIn", "NetworkPacketsSkipMirrorOut"),
)
"""The metrics that add up to each field of Traffic, in their order."""
_NAMES = tuple(name for names in _METRICS for name in names)


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


class CloudWatch:
    """Read the metrics of traffic mirroring; safe to share between threads."""

    def __init__(self, aws: AwsClients, now: Callable[[], datetime] = _utc_now) -> None:
        self._aws = aws
        self._now = now

    def find_traffic(self, instance_ids: Iterable[str]) -> dict[str, Traffic]:
        """
        Return the traffic of the last 15 minutes, by instance; none without data.

        Raises Ec2Failed.
        """
        found: dict[str, Traffic] = {}
        for chunk in chunks(instance_ids, _QUERIES_PER_CALL // len(_NAMES)):
            sums = self._sums(chunk)
            for index, instance_id in enumerate(chunk):
                of_one = {
                    name: sums[_query_id(index, name)]
                    for name in _NAMES
                    if _query_id(index, name) in sums
                }
                if of_one:
                    found[instance_id] = _traffic(of_one)
        return found

    def _sums(self, instance_ids: Sequence[str]) -> dict[str, float]:
        """Return the sum of each query's values, unless it has none."""
        # CloudWatch counts until the end of the minute; EndTime itself is excluded.
        end = self._now().replace(second=0, microsecond=0) + timedelta(minutes=1)
        items = find_items(
            self._aws.cloudwatch,
            "get_metric_data",
            "MetricDataResults",
            "Looking up metrics",
            MetricDataQueries=[
                _query(index, instance_id, name)
                for index, instance_id in enumerate(instance_ids)
                for name in _NAMES
            ],
            StartTime=end - timedelta(minutes=MINUTES),
            EndTime=end,
        )
        sums: dict[str, float] = {}
        for item in items:
            if item["Values"]:
                sums[item["Id"]] = sums.get(item["Id"], 0) + sum(item["Values"])
        return sums


def _query_id(index: int, metric: str) -> str:
    return f"{metric[0].lower()}{metric[1:]}{index}"


def _query(index: int, instance_id: str, metric: str) -> dict[str, Any]:
    return {
        "Id": _query_id(index, metric),
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/EC2",
                "MetricName": metric,
                "Dimensions": [{"Name": "InstanceId", "Value": instance_id}],
            },
            "Period": _PERIOD,
            "Stat": "Sum",
        },
    }


def _traffic(sums: Mapping[str, float]) -> Traffic:
    figures = []
    for names in _METRICS:
        known = [sums[name] for name in names if name in sums]
        figures.append(round(sum(known)) if known else None)
    return Traffic(*figures)
