"""What CloudWatch counted, on fake responses of GetMetricData."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from tests.unit.aws.fake_ec2 import refused
from traffic_mirroring.aws.cloudwatch import CloudWatch
from traffic_mirroring.errors import Ec2Failed
from traffic_mirroring.results import Traffic

NOW = datetime(2026, 11, 26, 14, 7, 31, 5, tzinfo=timezone.utc)


class FakeMetrics:
    """
    Answers GetMetricData with values by instance and metric, two results a page.

    A result has one value, so that the values of a metric are on several pages.
    """

    def __init__(self, values):
        self.calls = []
        self.error = None
        self._values = values

    def get_paginator(self, operation):
        assert operation == "get_metric_data"
        return self

    def paginate(self, PaginationConfig, **parameters):  # noqa: N803 - boto3's
        assert PaginationConfig == {"PageSize": None}
        if self.error:
            raise self.error
        self.calls.append(parameters)
        queries = parameters["MetricDataQueries"]
        results = [result for query in queries for result in self._results(query)]
        for start in range(0, len(results), 2):
            yield {"MetricDataResults": results[start : start + 2]}

    def _results(self, query):
        metric = query["MetricStat"]["Metric"]
        assert metric["Namespace"] == "AWS/EC2"
        assert query["MetricStat"]["Stat"] == "Sum"
        (dimension,) = metric["Dimensions"]
        assert dimension["Name"] == "InstanceId"
        key = dimension["Value"], metric["MetricName"]
        values = self._values.get(key, [])
        parts = [values[number : number + 1] for number in range(len(values) or 1)]
        return [{"Id": query["Id"], "Values": part} for part in parts]


def one_by_one(*calls):
    """Make calls in this thread."""
    return [call() for call in calls]


def cloudwatch(values):
    """Return the look-ups, and the client that answers with these values."""
    client = FakeMetrics(values)
    return CloudWatch(SimpleNamespace(cloudwatch=client), now=lambda: NOW), client


def test_in_and_out_are_added_up_over_all_periods():
    """Each figure has two metrics, each with a value per period, on any page."""
    metrics, _ = cloudwatch(
        {
            ("i-1", "NetworkPacketsMirrorIn"): [1.0, 2.0, 8.0],
            ("i-1", "NetworkPacketsMirrorOut"): [4.0],
            ("i-1", "NetworkMirrorIn"): [100.0],
            ("i-1", "NetworkMirrorOut"): [1000.0],
            ("i-1", "NetworkPacketsSkipMirrorIn"): [0.0],
        }
    )

    assert metrics.find_traffic(["i-1"], one_by_one) == {"i-1": Traffic(15, 1100, 0)}


def test_no_data_is_not_zero():
    """An instance without data is absent, and a metric without data is None."""
    metrics, _ = cloudwatch({("i-2", "NetworkMirrorIn"): [9.0]})

    assert metrics.find_traffic(["i-1", "i-2"], one_by_one) == {
        "i-2": Traffic(None, 9, None)
    }


def test_the_last_15_minutes_are_asked_for():
    """The end is a full minute in the future, because EndTime is excluded."""
    metrics, client = cloudwatch({})

    metrics.find_traffic(["i-1"], one_by_one)

    (call,) = client.calls
    assert call["EndTime"] == datetime(2026, 11, 26, 14, 8, tzinfo=timezone.utc)
    assert call["EndTime"] - call["StartTime"] == timedelta(minutes=15)
    assert {q["MetricStat"]["Period"] for q in call["MetricDataQueries"]} == {300}


def test_a_call_has_at_most_500_queries_with_ids_of_their_own():
    """An instance has six, in one call or in two; each gets its own values."""
    values = {(f"i-{n}", "NetworkPacketsMirrorIn"): [float(n)] for n in range(167)}
    metrics, client = cloudwatch(values)

    found = metrics.find_traffic((f"i-{n}" for n in range(167)), one_by_one)

    assert [len(call["MetricDataQueries"]) for call in client.calls] == [500, 500, 2]
    for call in client.calls:
        ids = [query["Id"] for query in call["MetricDataQueries"]]
        assert len({*ids}) == len(ids)
        assert all(re.fullmatch("[a-z][a-zA-Z0-9_]*", each) for each in ids)
    assert {each: found[each].packets_mirrored for each in found} == {
        f"i-{n}": n for n in range(167)
    }


def test_a_refused_look_up_says_what_was_looked_up():
    """Before AWS's code and message."""
    metrics, client = cloudwatch({})
    client.error = refused("InternalServiceFault", "GetMetricData")

    with pytest.raises(Ec2Failed, match=r"^Looking up metrics: InternalServiceFault"):
        metrics.find_traffic(["i-1"], one_by_one)


def test_without_instances_nothing_is_asked():
    """No client is created either."""
    assert CloudWatch(SimpleNamespace()).find_traffic([], one_by_one) == {}
