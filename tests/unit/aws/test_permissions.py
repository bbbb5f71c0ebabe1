"""Which permissions are missing, on a fake AWS with a policy."""

import re
from ipaddress import ip_network

import pytest
from botocore.session import Session
from botocore.validate import validate_parameters

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
    return sorted({permission for permission, _ in aws.asked}), found.unchecked


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
@pytest.mark.parametrize(
    ("permission", "denied"),
    [
        ("ec2:DescribeTrafficMirrorTargets", ()),
        ("ec2:CreateTrafficMirrorFilter", ()),
        ("ec2:CreateTrafficMirrorFilter", ("ec2:CreateTags",)),
    ],
)
def test_an_answer_about_something_else_ends_the_check(
    workers, permission, denied, code, error
):
    """Nothing is known then; the error says which permission was checked."""
    aws = FakeAws(*denied, codes={permission: code})

    with pytest.raises(error, match=f"^Checking the permission {permission}: {code}"):
        check_permissions(aws, workers)


@pytest.fixture(scope="module")
def asked():
    """Return the calls of all probes, each with its parameters."""
    aws = FakeAws("ec2:CreateTags")
    with Workers(4) as workers:
        check_permissions(aws, workers)
    return aws.asked


@pytest.mark.parametrize(
    ("prefix", "service"), [("ec2", "ec2"), ("elasticloadbalancing", "elbv2")]
)
def test_every_probe_is_a_valid_request(asked, prefix, service):
    """Boto3 refuses wrong parameters, and AWS may before it checks permissions."""
    model = Session().get_service_model(service)
    probes = [
        (model.operation_model(permission.partition(":")[2]).input_shape, parameters)
        for permission, parameters in asked
        if permission.startswith(f"{prefix}:")
    ]

    assert probes
    for shape, parameters in probes:
        validate_parameters(parameters, shape)
        for name, value in parameters.items():
            allowed = getattr(shape.members[name], "enum", None)
            assert not allowed or value in allowed


def test_the_probes_of_a_filter_ask_for_what_exists(asked):
    """Any CIDR, and the only AWS service that can be mirrored."""
    asked = dict(asked)
    rule = asked["ec2:CreateTrafficMirrorFilterRule"]
    services = asked["ec2:ModifyTrafficMirrorFilterNetworkServices"]

    assert ip_network(rule["SourceCidrBlock"])
    assert ip_network(rule["DestinationCidrBlock"])
    assert services["AddNetworkServices"] == ["amazon-dns"]


def test_the_probes_of_load_balancers_have_arns_of_the_region(asked):
    """Elastic Load Balancing refuses other texts, whatever the permissions."""
    asked = dict(asked)
    listeners = asked["elasticloadbalancing:DescribeListeners"]
    health = asked["elasticloadbalancing:DescribeTargetHealth"]

    for arn in (listeners["LoadBalancerArn"], health["TargetGroupArn"]):
        assert re.match(r"arn:aws:elasticloadbalancing:r:\d{12}:[a-z]+/.*/\w{16}$", arn)


def test_a_probe_reads_as_little_as_possible(asked):
    """The smallest page that EC2 allows: an account may have thousands of NICs."""
    pages = {
        permission: parameters.get("MaxResults")
        for permission, parameters in asked
        if permission.startswith("ec2:Describe")
    }

    assert pages
    assert set(pages.values()) == {5}
