"""Policy documents: parsing, rejecting, evaluating."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.ec2.iam.policy import Access, Policy

HERE = "arn:aws:ec2:us-east-1:123456789012"
FILTER = f"{HERE}:traffic-mirror-filter/tmf-1"
DELETE = "ec2:DeleteTrafficMirrorFilter"


def allow(**more: Any) -> dict[str, Any]:
    """Return a statement that allows everything by default."""
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **more}


def policy(*statements: dict[str, Any]) -> Policy:
    """Return a policy with these statements."""
    return Policy({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        ("*", True),
        ("*:*", True),
        ("ec2:*", True),
        (DELETE, True),
        (DELETE.lower(), True),
        ("EC2:deleteTRAFFIC*", True),
        ("ec2:*Filter", True),
        ("ec2:DeleteTrafficMirror??????", True),
        ("ec2:DeleteTrafficMirror?????", False),
        ("ec2:DeleteTrafficMirrorFilte", False),
        ("ec2:Delete", False),
        ("sts:*", False),
    ],
)
def test_action_patterns(pattern: str, allowed: bool) -> None:
    """Actions match as a whole, without case, with both wildcards."""
    statement = policy(allow(Action=pattern))
    assert statement.allows(Access(DELETE, FILTER)) is allowed
    assert policy(allow(Action=["s3:Get", pattern])).allows(Access(DELETE, FILTER)) is (
        allowed
    )


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        ("*", True),
        (FILTER, True),
        (FILTER[:-1] + "?", True),
        (f"{HERE}:traffic-mirror-filter/*", True),
        (f"{HERE}:*", True),
        ("arn:aws:ec2:*:*:traffic-mirror-filter/*", True),
        ("arn:*:ec2:*:123456789012:*/tmf-1", True),
        ("arn:aws:ec2:*:traffic-mirror-filter/*:*", False),
        ("arn:aws:ec2:eu-west-1:*:traffic-mirror-filter/*", False),
        ("arn:aws:ec2:*:999999999999:*", False),
        ("arn:aws:EC2:*:*:*", False),
        ("arn:aws-cn:ec2:*:*:*", False),
        (f"{HERE}:traffic-mirror-target/*", False),
        (FILTER + "2", False),
    ],
)
def test_resource_patterns(pattern: str, allowed: bool) -> None:
    """Resources match part by part of the ARN, with case."""
    assert policy(allow(Resource=pattern)).allows(Access(DELETE, FILTER)) is allowed


@pytest.mark.parametrize("pattern", ["arn:*:*:*:*:*", f"{HERE}:*"])
def test_an_arn_is_not_everything(pattern: str) -> None:
    """An action without a resource needs `*`; an ARN does not match."""
    describe = Access("ec2:DescribeTrafficMirrorFilters", "*")
    assert not policy(allow(Resource=pattern)).allows(describe)
    assert policy(allow(Resource=[pattern, "*"])).allows(describe)


def test_a_denial_wins() -> None:
    """An explicit denial has priority; the default is denial."""
    deny = {"Effect": "Deny", "Action": "ec2:Delete*", "Resource": "*"}
    for statements in ([allow(), deny], [deny, allow()]):
        mixed = policy(*statements)
        assert not mixed.allows(Access(DELETE, FILTER))
        assert mixed.denies(Access(DELETE, FILTER))
        assert mixed.allows(Access("ec2:CreateTags", FILTER))
        assert not mixed.denies(Access("ec2:CreateTags", FILTER))
    assert not policy(deny).allows(Access("ec2:CreateTags", FILTER))


def test_a_single_statement_needs_no_list() -> None:
    """A single statement needs no list."""
    document = {"Version": "2012-10-17", "Statement": allow(Sid="All")}
    assert Policy(document).allows(Access(DELETE, FILTER))


TAG, TAGS = "aws:ResourceTag/Owner", "aws:TagKeys"
ONE: dict[str, Any] = {"aws:resourcetag/owner": ["us"]}
AB: dict[str, Any] = {"aws:tagkeys": ["a", "b"]}
NONE: dict[str, Any] = {}


@pytest.mark.parametrize(
    ("operator", "key", "wanted", "keys", "holds"),
    [
        ("StringEquals", TAG, "us", ONE, True),
        ("StringEquals", TAG.upper(), "us", ONE, True),
        ("StringEquals", TAG, ["them", "us"], ONE, True),
        ("StringEquals", TAG, "US", ONE, False),
        ("StringEquals", TAG, "u*", ONE, False),
        ("StringEquals", TAG, "us", NONE, False),
        ("StringEqualsIfExists", TAG, "us", NONE, True),
        ("StringEqualsIfExists", TAG, "them", ONE, False),
        ("StringNotEquals", TAG, "us", ONE, False),
        ("StringNotEquals", TAG, ["them", "us"], ONE, False),
        ("StringNotEquals", TAG, ["them", "you"], ONE, True),
        ("StringNotEquals", TAG, "us", NONE, True),
        ("StringNotEqualsIfExists", TAG, "us", NONE, True),
        ("StringNotEqualsIfExists", TAG, "us", ONE, False),
        ("StringEqualsIgnoreCase", TAG, "US", ONE, True),
        ("StringEqualsIgnoreCase", TAG, "U", ONE, False),
        ("StringNotEqualsIgnoreCase", TAG, "US", ONE, False),
        ("StringNotEqualsIgnoreCase", TAG, "US", NONE, True),
        ("StringLike", TAG, "u*", ONE, True),
        ("StringLike", TAG, "u?", ONE, True),
        ("StringLike", TAG, "U*", ONE, False),
        ("StringLike", TAG, "[u]s", ONE, False),
        ("StringLike", TAG, "*", NONE, False),
        ("StringLikeIfExists", TAG, "x", NONE, True),
        ("StringNotLike", TAG, "u*", ONE, False),
        ("StringNotLike", TAG, "x*", ONE, True),
        ("StringNotLike", TAG, "u*", NONE, True),
        ("Null", TAG, "true", ONE, False),
        ("Null", TAG, "true", NONE, True),
        ("Null", TAG, "false", ONE, True),
        ("Null", TAG, "false", NONE, False),
        ("Null", TAGS, "false", AB, True),
        ("Null", TAGS, "false", NONE, False),
        ("ForAllValues:StringEquals", TAGS, ["a", "b", "c"], AB, True),
        ("ForAllValues:StringEquals", TAGS, ["a"], AB, False),
        ("ForAllValues:StringEquals", TAGS, ["a"], NONE, True),
        ("ForAllValues:StringLike", TAGS, "?", AB, True),
        ("ForAllValues:StringNotEquals", TAGS, ["c"], AB, True),
        ("ForAllValues:StringNotEquals", TAGS, ["a"], AB, False),
        ("ForAnyValue:StringEquals", TAGS, ["b", "c"], AB, True),
        ("ForAnyValue:StringEquals", TAGS, ["c"], AB, False),
        ("ForAnyValue:StringEquals", TAGS, ["c"], NONE, False),
        ("ForAnyValue:StringEqualsIfExists", TAGS, ["c"], NONE, True),
        ("ForAnyValue:StringNotEquals", TAGS, ["a"], AB, True),
        ("ForAnyValue:StringNotEquals", TAGS, ["a", "b"], AB, False),
        ("ForAnyValue:StringNotEquals", TAGS, ["a"], NONE, False),
    ],
)
def test_conditions(
    operator: str, key: str, wanted: Any, keys: dict[str, Any], holds: bool
) -> None:
    """Each operator, with a matching value, another value, and an absent key."""
    statement = policy(allow(Condition={operator: {key: wanted}}))
    assert statement.allows(Access(DELETE, FILTER, keys)) is holds


def test_all_conditions_must_hold() -> None:
    """All operators and all keys must match."""
    both = {"aws:ResourceTag/a": "1", "aws:ResourceTag/b": "2"}
    statement = policy(
        allow(Condition={"StringEquals": both, "Null": {"ec2:CreateAction": "true"}})
    )
    keys = {"aws:resourcetag/a": ["1"], "aws:resourcetag/b": ["2"]}
    assert statement.allows(Access(DELETE, FILTER, keys))
    assert not statement.allows(Access(DELETE, FILTER, {"aws:resourcetag/a": ["1"]}))
    keys["ec2:createaction"] = ["x"]
    assert not statement.allows(Access(DELETE, FILTER, keys))


def conditioned(operator: str, key: str, value: Any) -> dict[str, Any]:
    """Return a statement with one condition."""
    return allow(Condition={operator: {key: value}})


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("Allow", "must be an object"),
        ({"Effect": "Allow", "Action": "*"}, "Resource: None"),
        ({"Effect": "Allow", "Resource": "*"}, "Action: None"),
        ({"Action": "*", "Resource": "*"}, "Effect"),
        (allow(Effect="allow"), "Effect"),
        (allow(Principal="*"), "Principal"),
        (allow(NotAction="ec2:*"), "NotAction"),
        (allow(NotResource="*"), "NotResource"),
        (allow(Sid="with blanks"), "Sid"),
        (allow(Sid=1), "Sid"),
        (allow(Action=[]), "Action is empty"),
        (allow(Action="DescribeVpcs"), "DescribeVpcs"),
        (allow(Action="ec2:"), "ec2:"),
        (allow(Action="e*:DescribeVpcs"), "e.:DescribeVpcs"),
        (allow(Action=["ec2:DescribeVpcs", 1]), "Action: 1"),
        (allow(Resource=[]), "Resource is empty"),
        (allow(Resource="tmf-1"), "tmf-1"),
        (allow(Resource="arn:aws:ec2:us-east-1:vpc/*"), "vpc/"),
        (allow(Resource=f"{HERE}:vpc/${{aws:username}}"), "username"),
        (allow(Condition=[]), "Condition"),
        (allow(Condition={"StringEquals": {}}), "StringEquals must"),
        (allow(Condition={"StringEquals": "us"}), "StringEquals must"),
        (conditioned("StringEquals", TAG, []), "is empty"),
        (conditioned("StringEquals", TAG, 1), ": 1"),
        (conditioned("StringEquals", TAG, "${aws:username}"), "username"),
        (conditioned("StringEquals", "ec2:Vpc", "vpc-1"), "ec2:vpc"),
        (conditioned("StringEquals", "aws:RequestTag/", "x"), "aws:requesttag/"),
        (conditioned("StringEquals", "aws:RequestTag", "x"), "aws:requesttag"),
        (conditioned("StringEquals", TAGS, "x"), "several values"),
        (conditioned("stringEquals", TAG, "x"), "stringEquals"),
        (conditioned("StringEqualsIf", TAG, "x"), "StringEqualsIf"),
        (conditioned("StringLikeIgnoreCase", TAG, "x"), "StringLikeIgnoreCase"),
        (conditioned("ArnLike", TAG, "x"), "ArnLike"),
        (conditioned("Bool", TAG, "true"), "Bool"),
        (conditioned("ForAnyValue:StringEquals", TAG, "x"), "several values"),
        (conditioned("ForSomeValues:StringEquals", TAGS, "x"), "ForSomeValues"),
        (conditioned("ForAllValues:Null", TAGS, "true"), "neither"),
        (conditioned("NullIfExists", TAG, "true"), "neither"),
        (conditioned("Null", TAG, "yes"), "yes"),
        (conditioned("Null", TAG, True), "True"),
    ],
)
def test_what_is_not_evaluated_is_refused(statement: Any, message: str) -> None:
    """Malformed statements and unsupported elements are rejected."""
    with pytest.raises(ValueError, match=message):
        policy(statement)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "Version"),
        ({"Statement": [allow()]}, "Version"),
        ({"Version": "2026-01-01", "Statement": [allow()]}, "Version"),
        ({"Version": "2012-10-17"}, "at least one Statement"),
        ({"Version": "2012-10-17", "Statement": []}, "at least one Statement"),
        ({"Version": "2012-10-17", "Statement": "all"}, "at least one Statement"),
        ({"Version": "2012-10-17", "Statement": [allow()], "Id": "x"}, "Id"),
        (
            {"Version": "2012-10-17", "Statement": [allow(Sid="A"), allow(Sid="A")]},
            "same Sid",
        ),
    ],
)
def test_malformed_documents_are_refused(
    document: dict[str, Any], message: str
) -> None:
    """A policy needs a version, statements and unique Sids."""
    with pytest.raises(ValueError, match=message):
        Policy(document)
