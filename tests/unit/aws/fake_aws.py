"""A fake of AWS with a policy: which calls are denied, whatever they ask for."""

import re
from types import SimpleNamespace

from botocore import xform_name

from tests.unit.aws.fake_ec2 import refused


class FakeAws:
    """
    Denies the actions in `denied`, knows none of the ids, and allows everything else.

    The error of a denied action has its code in `codes`, or else `code`. It refuses
    tags for another kind of resource than the call creates. With `ids_first`, an
    unknown id is reported before a denial, else a dry run that is allowed passes
    without a look at the ids. `asked` has the calls, each with its parameters.
    """

    def __init__(
        self, *denied, code="UnauthorizedOperation", codes=(), ids_first=False
    ):
        self.asked = []
        self._codes = dict.fromkeys(denied, code) | dict(codes)
        self._ids_first = ids_first
        self.ec2 = FakeClient(self, "ec2", meta=SimpleNamespace(region_name="r"))
        self.load_balancing = FakeClient(self, "elasticloadbalancing")
        self.cloudwatch = FakeMetrics(self)

    def call(self, permission, parameters):
        """Answer one call."""
        self.asked.append((permission, {**parameters}))
        operation = permission.partition(":")[2]
        dry_run = parameters.pop("DryRun", False)
        assert dry_run or not re.match("Create|Delete|Modify", operation)
        needed = {permission}
        tags = parameters.pop("TagSpecifications", [])
        if tags:
            created = xform_name(operation.removeprefix("Create"), "-")
            assert [each["ResourceType"] for each in tags] == [created]
            needed.add("ec2:CreateTags")
        names_id = any(re.search("0000000", str(each)) for each in parameters.values())
        if names_id and self._ids_first:
            raise refused("InvalidThingID.NotFound", operation)
        for denied in sorted(needed & set(self._codes)):
            raise refused(self._codes[denied], operation)
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
