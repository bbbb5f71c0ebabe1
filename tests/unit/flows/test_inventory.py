"""The check of a cloud provider resource, on a fake AWS with a policy."""

import logging
from types import SimpleNamespace

import pytest
from botocore.exceptions import EndpointConnectionError

from tests.unit.aws.fake_aws import FakeAws
from tests.unit.aws.fake_ec2 import refused
from traffic_mirroring.errors import InvalidConfiguration
from traffic_mirroring.flows.inventory import check_provider
from traffic_mirroring.workers import Workers

UNANSWERED = EndpointConnectionError(endpoint_url="https://sts.example.com")
LOG = logging.getLogger("inventory")


class Provider(FakeAws):
    """An account as a resource's clients see it; STS and EC2 may fail."""

    def __init__(
        self, *denied, region="us-east-1", sts_error=None, server_role=False, **options
    ):
        super().__init__(*denied, **options)
        self.ec2.meta.region_name = region
        self.use_server_role = server_role
        self.sts = SimpleNamespace(get_caller_identity=self._identity)
        self._sts_error = sts_error

    def _identity(self):
        if self._sts_error:
            raise self._sts_error
        return {"Arn": "arn:aws:iam::1:user/ann", "Account": "1"}


def check(aws, caplog):
    """Check a provider; return what was logged."""
    caplog.set_level(logging.INFO, logger=LOG.name)
    with Workers(4) as workers:
        check_provider(aws, workers, LOG)
    return [record.getMessage() for record in caplog.records]


def error_of(aws):
    """Return the error of a check that fails."""
    with Workers(4) as workers, pytest.raises(InvalidConfiguration) as failed:
        check_provider(aws, workers, LOG)
    return str(failed.value)


def test_a_provider_that_can_work_is_accepted(caplog):
    """The log says whose credentials they are, and what could not be checked."""
    assert check(Provider(), caplog) == [
        "The credentials are those of arn:aws:iam::1:user/ann, account 1",
        "Permissions not checked: elasticloadbalancing:DescribeListeners, "
        "elasticloadbalancing:DescribeTargetHealth",
    ]


def test_a_missing_optional_permission_is_logged(caplog):
    """The commands work without it."""
    logged = check(Provider("ec2:DescribeInstances", "ec2:DescribeRouteTables"), caplog)

    assert (
        "Optional permissions are missing: ec2:DescribeInstances, "
        "ec2:DescribeRouteTables"
    ) in logged


def test_an_sts_that_cannot_be_reached_is_logged(caplog):
    """EC2 is all that the shell needs."""
    assert "STS can't be reached" in check(Provider(sts_error=UNANSWERED), caplog)


@pytest.mark.parametrize(
    ("server_role", "end"),
    [
        (False, ""),
        (
            True,
            "; the credentials are those of the execution server that "
            "'Execution Server Selector' chooses",
        ),
    ],
)
def test_all_missing_permissions_are_in_one_error(server_role, end):
    """It says whose they are, if they are not the resource's."""
    denied = ("ec2:DeleteTrafficMirrorTarget", "ec2:CreateTrafficMirrorSession")

    assert error_of(Provider(*denied, server_role=server_role)) == (
        "The credentials lack permissions: ec2:CreateTrafficMirrorSession, "
        "ec2:DeleteTrafficMirrorTarget; allow them, as docs/iam-policy.json does"
        f"{end}; not checked: elasticloadbalancing:DescribeListeners, "
        "elasticloadbalancing:DescribeTargetHealth"
    )


@pytest.mark.parametrize(
    ("region", "hint"),
    [
        ("us-east-1", ""),
        (
            "us-esat-1",
            "; us-esat-1 is no known region; similar ones are us-west-1, us-east-1, "
            "us-west-2",
        ),
        ("mars", "; mars is no known region"),
    ],
)
@pytest.mark.parametrize("code", ["InvalidClientTokenId", "AuthFailure"])
def test_rejected_credentials_are_an_error(region, hint, code):
    """A wrong region can be the reason; similar ones are suggested."""
    message = error_of(Provider(region=region, sts_error=refused(code, "X", 403)))

    assert message.startswith(f"Checking the credentials in {region}: {code}: no")
    assert message.endswith(f" is enabled for the account{hint}")


def test_if_credentials_and_permissions_fail_the_credentials_error_is_raised():
    """It says more."""
    aws = Provider(
        "ec2:DescribeTrafficMirrorTargets",
        code="RequestLimitExceeded",
        sts_error=refused("InvalidClientTokenId", "GetCallerIdentity", 403),
    )

    assert "InvalidClientTokenId" in error_of(aws)


def test_an_error_that_is_not_about_permissions_is_raised_as_it_is():
    """Nothing is known about permissions then."""
    aws = Provider("ec2:DescribeTrafficMirrorTargets", code="RequestLimitExceeded")

    message = error_of(aws)

    assert "RequestLimitExceeded" in message
    assert "known region" not in message
