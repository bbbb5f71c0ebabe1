"""
Owns: what CloudWatch counted for the mirrors of instances, in batches of queries.

AWS counts per instance, for all its NICs and mirrors together, in periods of five
minutes. Must not know mirrors.
https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirror-cloudwatch.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from functools import partial
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

_Metric = tuple[str, str]
"""An instance's id and the name of the metric."""


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


class CloudWatch:
    """Read the metrics of traffic mirroring; safe to share between threads."""

    def __init__(self, aws: AwsClients, now: Callable[[], datetime] = _utc_now) -> None:
        self._aws = aws
        self._now = now

    def find_traffic(
        self,
        instance_ids: Iterable[str],
        gather: Callable[..., list[dict[_Metric, float]]],
    ) -> dict[str, Traffic]:
        """
        Return the traffic of the last 15 minutes, by instance; none without data.

        `gather` makes several calls and returns their results in order.
        Raises Ec2Failed.
        """
        metrics = [
            (each, name) for each in sorted(set(instance_ids)) for name in _NAMES
        ]
        sums: dict[str, dict[str, float]] = defaultdict(dict)
        calls = [
            partial(self._sums, each) for each in chunks(metrics, _QUERIES_PER_CALL)
        ]
        for found in gather(*calls):
            for (instance_id, name), value in found.items():
                sums[instance_id][name] = value
        return {each: _traffic(of_one) for each, of_one in sums.items()}

    def _sums(self, metrics: Sequence[_Metric]) -> dict[_Metric, float]:
        """Return the sum of each metric's values, unless it has none."""
        # CloudWatch counts until the end of the minute; EndTime itself is excluded.
        end = self._now().replace(second=0, microsecond=0) + timedelta(minutes=1)
        by_id = {f"metric{number}": each for number, each in enumerate(metrics)}
        items = find_items(
            self._aws.cloudwatch,
            "get_metric_data",
            "MetricDataResults",
            "Looking up metrics",
            MetricDataQueries=[_query(*each) for each in by_id.items()],
            StartTime=end - timedelta(minutes=MINUTES),
            EndTime=end,
        )
        sums: dict[_Metric, float] = {}
        for item in items:
            if item["Values"]:
                metric = by_id[item["Id"]]
                sums[metric] = sums.get(metric, 0) + sum(item["Values"])
        return sums


def _query(query_id: str, metric: _Metric) -> dict[str, Any]:
    instance_id, name = metric
    return {
        "Id": query_id,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/EC2",
                "MetricName": name,
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
