"""Which permissions are missing, on a fake AWS with a policy."""

import re
from types import SimpleNamespace

import pytest
from botocore import xform_name

from tests.unit.aws.fake_ec2 import refused
from traffic_mirroring.aws.permissions import find_missing
from traffic_mirroring.errors import CredentialsRejected
from traffic_mirroring.workers import Workers


class FakeAws:
    """Denies the actions in `denied`; else a dry run passes, and no id is known."""

    def __init__(self, *denied, code="UnauthorizedOperation"):
        self.calls = []
        self._denied = denied
        self._code = code
        self.ec2 = FakeClient(self, "ec2", meta=SimpleNamespace(region_name="r"))
        self.load_balancing = FakeClient(self, "elasticloadbalancing")

    def call(self, permission, parameters):
        """Answer one call as AWS does: first the permissions, then anything else."""
        self.calls.append(permission)
        needed = {permission}
        if "TagSpecifications" in parameters:
            needed.add("ec2:CreateTags")
        operation = permission.partition(":")[2]
        if needed & set(self._denied):
            raise refused(self._code, operation)
        assert parameters.get("DryRun") or not re.match("Create|Delete|Mod", operation)
        if parameters.get("DryRun"):
            raise refused("DryRunOperation", operation, 412)


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
    """Every probe is a read or a dry run, and passes."""
    missing = find_missing(FakeAws(), workers)

    assert (missing.needed, missing.optional) == ([], [])


def probed():
    """Return the permissions that are probed."""
    aws = FakeAws()
    with Workers(4) as workers:
        find_missing(aws, workers)
    return sorted(set(aws.calls))


@pytest.mark.parametrize("permission", probed())
def test_a_denied_permission_is_missing_alone(workers, permission):
    """The list has this permission and no other."""
    missing = find_missing(FakeAws(permission), workers)

    assert missing.needed + missing.optional == [permission]


def test_tagging_is_told_from_creating(workers):
    """AWS denies a tagged creation in both cases, with one code."""
    missing = find_missing(FakeAws("ec2:CreateTags"), workers)

    assert missing.needed == ["ec2:CreateTags"]


def test_without_any_create_permission_tagging_is_unchecked(workers):
    """AWS denies the creation first, so the list says that tagging may be allowed."""
    kinds = ("Target", "Filter", "Session")
    creates = [f"ec2:CreateTrafficMirror{kind}" for kind in kinds]

    missing = find_missing(FakeAws(*creates), workers)

    assert missing.needed == [
        *sorted(creates),
        "ec2:CreateTags (can't be checked without the creating ones)",
    ]


def test_rejected_credentials_end_the_check(workers):
    """No permission is missing if AWS doesn't accept the credentials at all."""
    aws = FakeAws("ec2:DescribeTrafficMirrorTargets", code="AuthFailure")

    with pytest.raises(CredentialsRejected):
        find_missing(aws, workers)
