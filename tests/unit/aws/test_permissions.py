"""Which permissions are missing, on a fake AWS with a policy."""

import re
from types import SimpleNamespace

import pytest
from botocore import xform_name

from tests.unit.aws.fake_ec2 import refused
from traffic_mirroring.aws.permissions import check_permissions
from traffic_mirroring.errors import CredentialsRejected, Ec2Failed
from traffic_mirroring.workers import Workers


class FakeAws:
    """
    Denies the actions in `denied`, knows none of the ids, and allows everything else.

    With `ids_first`, an unknown id is reported before a denial, else a dry run that is
    allowed passes without a look at the ids.
    """

    def __init__(self, *denied, code="UnauthorizedOperation", ids_first=False):
        self.calls = []
        self._denied = denied
        self._code = code
        self._ids_first = ids_first
        self.ec2 = FakeClient(self, "ec2", meta=SimpleNamespace(region_name="r"))
        self.load_balancing = FakeClient(self, "elasticloadbalancing")
        self.cloudwatch = FakeMetrics(self)

    def call(self, permission, parameters):
        """Answer one call."""
        self.calls.append(permission)
        operation = permission.partition(":")[2]
        dry_run = parameters.pop("DryRun", False)
        assert dry_run or not re.match("Create|Delete|Modify", operation)
        needed = {permission}
        if parameters.pop("TagSpecifications", None):
            needed.add("ec2:CreateTags")
        names_id = any(re.search("0000000", str(each)) for each in parameters.values())
        if names_id and self._ids_first:
            raise refused("InvalidThingID.NotFound", operation)
        if needed & set(self._denied):
            raise refused(self._code, operation)
        if dry_run:
            raise refused("DryRunOperation", operation, 412)
        if names_id:
            raise refused("InvalidThingID.NotFound", operation)


class FakeMetrics:
    """CloudWatch's client, which has no data."""

    def __init__(self, aws):
        self._aws = aws

    def get_paginator(self, operation):
        assert operation == "get_metric_data"
        return self

    def paginate(self, **_):
        self._aws.call("cloudwatch:GetMetricData", {})
        return [{"MetricDataResults": []}]


class FakeClient:
    """A boto3 client whose every method asks the fake AWS."""

    def __init__(self, aws, service, meta=None):
        self.meta = meta
        self._aws = aws
        self._service = service

    def __getattr__(self, method):
        operation = "".join(word.capitalize() for word in method.split("_"))
        assert xform_name(operation) == method
        permission = f"{self._service}:{operation}"
        return lambda **parameters: self._aws.call(permission, parameters)


@pytest.fixture
def workers():
    """Run the probes in parallel, as the command does."""
    with Workers(4) as workers:
        yield workers


def test_nothing_is_missing_if_all_is_allowed(workers):
    """Every probe is a read or a dry run; a read of an unknown id proves nothing."""
    found = check_permissions(FakeAws(), workers)

    assert (found.missing, found.missing_optional) == ([], [])
    assert found.unchecked == [
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeTargetHealth",
    ]


def probed(**order):
    """Return the permissions that are probed, and those that stay unchecked."""
    aws = FakeAws(**order)
    with Workers(4) as workers:
        found = check_permissions(aws, workers)
    return sorted(set(aws.calls)), found.unchecked


@pytest.mark.parametrize("permission", probed()[0])
def test_a_denied_permission_is_missing_alone(workers, permission):
    """The list has this permission and no other."""
    found = check_permissions(FakeAws(permission), workers)

    assert found.missing + found.missing_optional == [permission]
    assert permission not in found.unchecked


@pytest.mark.parametrize("permission", probed()[0])
def test_a_denied_permission_is_missing_or_unchecked_if_ids_are_checked_first(
    workers, permission
):
    """It is never taken for allowed."""
    found = check_permissions(FakeAws(permission, ids_first=True), workers)

    missing = found.missing + found.missing_optional
    assert (permission in missing) != (permission in found.unchecked)


def test_permissions_without_an_id_are_always_checked():
    """The others need a resource that exists."""
    permissions, unchecked = probed(ids_first=True)

    assert set(permissions) - set(unchecked) == {
        "cloudwatch:GetMetricData",
        "ec2:CreateTrafficMirrorFilter",
        "ec2:DescribeInstances",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeTrafficMirrorFilters",
        "ec2:DescribeTrafficMirrorSessions",
        "ec2:DescribeTrafficMirrorTargets",
        "ec2:DescribeTransitGatewayVpcAttachments",
        "ec2:DescribeVpcPeeringConnections",
    }
    assert "ec2:CreateTags" not in unchecked


@pytest.mark.parametrize("ids_first", [True, False])
def test_tagging_is_told_from_creating(workers, ids_first):
    """AWS denies a tagged creation in both cases, with one code."""
    found = check_permissions(FakeAws("ec2:CreateTags", ids_first=ids_first), workers)

    assert found.missing == ["ec2:CreateTags"]


def test_without_any_create_permission_tagging_is_unchecked(workers):
    """AWS denies the creation, whether or not tagging is allowed."""
    kinds = ("Target", "Filter", "FilterRule", "Session")
    creates = [f"ec2:CreateTrafficMirror{kind}" for kind in kinds]

    found = check_permissions(FakeAws(*creates), workers)

    assert found.missing == sorted(creates)
    assert "ec2:CreateTags" in found.unchecked


@pytest.mark.parametrize(
    ("code", "error"),
    [("AuthFailure", CredentialsRejected), ("RequestLimitExceeded", Ec2Failed)],
)
def test_an_answer_about_something_else_ends_the_check(workers, code, error):
    """Nothing is known then: all might be missing, or nothing."""
    aws = FakeAws("ec2:DescribeTrafficMirrorTargets", code=code)

    with pytest.raises(error, match=code):
        check_permissions(aws, workers)
