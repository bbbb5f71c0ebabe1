"""EC2 limits how often an account may call each action in a region."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.ec2 import Throttle, Throttles, TokenBuckets
from emulator.ec2.actions import Action
from emulator.ec2.throttle import TokenBucket

ONE = Throttle(burst=1, per_second=0)


def call(operation: str, region: str = "us-east-1", **parameters: str) -> Action:
    """Return a request to EC2."""
    return Action("ec2", region, "AKIA", operation, parameters)


def test_a_request_without_a_token_is_throttled(ec2: Any, lab: Any) -> None:
    """It has no effect."""
    ec2.settings.throttle = TokenBuckets(Throttles(writes=Throttle(2, 0)))
    lab.filter()
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


def test_reads_and_dry_runs_are_throttled_too(ec2: Any, lab: Any) -> None:
    """Every request needs a token; other services than EC2 are not limited."""
    ec2.settings.throttle = TokenBuckets(Throttles(writes=ONE, reads=ONE))
    sts = ec2.service_client("sts")
    calls = [
        lab.client.describe_traffic_mirror_filters,
        lambda: lab.client.create_traffic_mirror_filter(DryRun=True),
    ]
    codes = []
    for each in calls * 2:
        try:
            each()
        except lab.client.exceptions.ClientError as error:
            codes.append(error.response["Error"]["Code"])

    assert codes == ["DryRunOperation", *["RequestLimitExceeded"] * 2]
    assert [sts.get_caller_identity()["Account"] for _ in range(2)]


def test_every_action_account_and_region_has_a_bucket_of_its_own() -> None:
    """One that is empty doesn't limit the others."""
    buckets = TokenBuckets(Throttles(writes=ONE))

    assert buckets.take("1", call("CreateTrafficMirrorFilter"))
    assert not buckets.take("1", call("CreateTrafficMirrorFilter", DryRun="true"))
    assert buckets.take("1", call("CreateTrafficMirrorTarget"))
    assert buckets.take("1", call("CreateTrafficMirrorFilter", "us-west-2"))
    assert buckets.take("2", call("CreateTrafficMirrorFilter"))


@pytest.mark.parametrize(
    ("action", "burst", "per_second"),
    [
        (call("CreateTrafficMirrorFilterRule"), 50, 5),
        (call("DeleteTrafficMirrorSession"), 50, 5),
        (call("DescribeTrafficMirrorSessions"), 100, 20),
        (call("GetManagedPrefixListEntries"), 100, 20),
        (call("CreateTags"), 100, 10),
        (call("DescribeInstances"), 50, 10),
        (call("DescribeInstances", MaxResults="5"), 100, 20),
        (call("DescribeNetworkInterfaces", **{"Filter.1.Name": "vpc-id"}), 100, 20),
        (call("DescribeSecurityGroups", **{"GroupId.1": "sg-1"}), 100, 20),
    ],
)
def test_the_default_sizes_are_those_of_aws(
    action: Action, burst: int, per_second: float
) -> None:
    """They are documented per kind of action."""
    assert Throttles().of(action) == Throttle(burst, per_second)


def test_a_bucket_fills_again_up_to_its_size() -> None:
    """Tokens are added steadily, up to the burst."""
    now = [0.0]
    bucket = TokenBucket(Throttle(burst=2, per_second=10), clock=lambda: now[0])
    assert [bucket.take() for _ in range(3)] == [True, True, False]
    now[0] = 0.1
    assert [bucket.take() for _ in range(2)] == [True, False]
    now[0] = 9.0
    assert [bucket.take() for _ in range(3)] == [True, True, False]
