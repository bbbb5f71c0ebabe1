"""Which permissions are missing, on a fake AWS with a policy."""

import pytest

from tests.unit.aws.fake_aws import FakeAws
from traffic_mirroring.aws.permissions import check_permissions
from traffic_mirroring.errors import CredentialsRejected, Ec2Failed
from traffic_mirroring.workers import Workers


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
