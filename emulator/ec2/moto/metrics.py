"""
CloudWatch's metrics of instances in moto's state.

Owns: adding to them, and the limits of GetMetricData that moto lacks. Must not know:
packets, mirroring.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends
from moto.ec2.models import ec2_backends

from emulator.ec2.actions import Action
from emulator.ec2.errors import Refusal, ec2_error

MAX_QUERIES = 500
_ID = re.compile("[a-z][a-zA-Z0-9_]*")


class MotoMetrics:
    """The metrics of an account and region."""

    def __init__(self, account: str, region: str) -> None:
        self._place = account, region

    def add(self, interface_id: str, values: Mapping[str, int]) -> None:
        """Add values to metrics of the interface's instance, by their names."""
        account, region = self._place
        interface: Any = ec2_backends[account][region].enis[interface_id]
        dimensions = [{"Name": "InstanceId", "Value": interface.instance.id}]
        # moto compares it to times without a time zone.
        now = datetime.now(timezone.utc).replace(tzinfo=None)
        cloudwatch_backends[account][region].put_metric_data(
            "AWS/EC2",
            [
                {
                    "MetricName": name,
                    "Dimensions": dimensions,
                    "Timestamp": now,
                    "Value": value,
                }
                for name, value in values.items()
            ],
        )


def check_metric_queries(action: Action) -> None:
    """Raise Ec2Error if GetMetricData has too many queries, or invalid ids."""
    if action.is_json:
        queries = json.loads(action.parameters.get("MetricDataQueries", "[]"))
        ids = [query.get("Id", "") for query in queries]
    else:
        name = re.compile(r"MetricDataQueries\.member\.[0-9]+\.Id")
        ids = [text for key, text in action.parameters.items() if name.fullmatch(key)]
    if len(ids) > MAX_QUERIES:
        raise ec2_error(Refusal.QUERIES_LIMIT, limit=MAX_QUERIES)
    for each, count in Counter(ids).items():
        if count > 1 or not _ID.fullmatch(each):
            raise ec2_error(Refusal.VALIDATION, name="MetricDataQueries", value=each)
