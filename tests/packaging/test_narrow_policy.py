"""tools/narrow_policy.py leaves no statement of the IAM policy wide."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tools.checkout import ROOT
from tools.narrow_policy import POLICY, narrow

PROGRAM = ROOT / "tools" / "narrow_policy.py"


def narrowed(account, region):
    """Return the statements of docs/iam-policy.json, narrowed."""
    return narrow(json.loads(POLICY.read_text()), account, region)["Statement"]


def resources(statement):
    """Return a statement's resources as a list."""
    given = statement["Resource"]
    return [given] if isinstance(given, str) else given


def test_every_statement_names_the_region():
    """In its ARNs, or as a condition if AWS knows no resource of the call."""
    for statement in narrowed("123456789012", "eu-west-1"):
        for resource in resources(statement):
            if resource == "*":
                tested = statement["Condition"]["StringEquals"]
                assert tested == {"aws:RequestedRegion": "eu-west-1"}
            else:
                assert resource.startswith("arn:aws:ec2:eu-west-1:")


def test_every_resource_names_the_account_but_prefix_lists():
    """AWS's own prefix lists, such as CloudFront's, belong to no account."""
    for statement in narrowed("123456789012", "eu-west-1"):
        for resource in resources(statement):
            if resource != "*":
                account, kind = resource.split(":", 5)[4:]
                wanted = "*" if kind.startswith("prefix-list/") else "123456789012"
                assert account == wanted


def test_nothing_else_changes():
    """Actions, effects and the other conditions are those of the policy."""
    before = json.loads(POLICY.read_text())["Statement"]
    after = narrowed("123456789012", "eu-west-1")

    for old, new in zip(before, after, strict=True):
        assert {**new, "Resource": old["Resource"]} == (
            {**old, "Condition": new["Condition"]} if old["Resource"] == "*" else old
        )


def test_other_conditions_are_kept():
    """A look-up may have some already."""
    tested = {"StringEquals": {"a": "b"}, "StringLike": {"c": "d"}}
    statement = {"Action": "ec2:Describe*", "Resource": "*", "Condition": tested}

    (after,) = narrow({"Statement": [statement]}, "123456789012", "eu-west-1")[
        "Statement"
    ]

    assert after["Condition"] == {
        "StringEquals": {"a": "b", "aws:RequestedRegion": "eu-west-1"},
        "StringLike": {"c": "d"},
    }


def test_an_arn_of_another_form_is_an_error():
    """It would not be narrowed as it should."""
    statement = {"Action": "s3:*", "Resource": "arn:aws:s3:::bucket"}

    with pytest.raises(ValueError, match="does not begin with arn:aws:ec2"):
        narrow({"Statement": [statement]}, "123456789012", "eu-west-1")


@pytest.mark.parametrize(
    ("region", "partition"),
    [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("us-west-1", "aws")],
)
def test_the_partition_is_the_regions(region, partition):
    """China and GovCloud have ARNs of their own."""
    named = {
        resource.split(":")[1]
        for statement in narrowed("123456789012", region)
        for resource in resources(statement)
        if resource != "*"
    }
    assert named == {partition}


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["123456789012", "eu-west-1"], 0),
        (["eu-west-1", "123456789012"], 1),
        (["123456789012"], 1),
    ],
    ids=["right", "swapped", "too few"],
)
def test_the_program_prints_the_policy(arguments, status):
    """It needs only Python; wrong arguments end with its usage."""
    done = subprocess.run(
        [sys.executable, "-S", PROGRAM, *arguments], capture_output=True, text=True
    )

    assert done.returncode == status
    if status:
        assert done.stderr.startswith("Usage: narrow_policy.py ACCOUNT REGION")
    else:
        assert json.loads(done.stdout)["Statement"] == narrowed(*arguments)
