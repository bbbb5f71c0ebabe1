"""EC2 limits how often an account may call."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.ec2 import Throttle, TokenBucket


def test_writes_beyond_the_burst_are_throttled(ec2: Any, lab: Any) -> None:
    """Reads and dry runs need no token; throttled calls have no effect."""
    ec2.settings.throttle = TokenBucket(Throttle(burst=2, per_second=0))
    lab.filter()
    lab.client.describe_traffic_mirror_filters()
    lab.filter()
    with pytest.raises(lab.client.exceptions.ClientError) as caught:
        lab.filter()

    error = caught.value.response
    assert error["Error"]["Code"] == "RequestLimitExceeded"
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 503
    found = lab.client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    assert len(found) == 2
    ec2.settings.throttle = None
    assert lab.filter()


def test_a_bucket_fills_again_up_to_its_size() -> None:
    """Tokens are added steadily, up to the burst."""
    now = [0.0]
    bucket = TokenBucket(Throttle(burst=2, per_second=10), clock=lambda: now[0])
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    now[0] = 0.1
    assert [bucket.take() for _ in range(2)] == [True, False]
    now[0] = 9.0
    assert [bucket.take() for _ in range(3)] == [True, True, False]
