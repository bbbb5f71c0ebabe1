"""Restricted keys: conditions, the order of checks, other services."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.ec2.conftest import KEY
from tests.emulator.ec2.permission_texts import (
    A_SESSION,
    FILTER,
    HERE,
    NIC,
    SESSION,
    TAGGED,
    TARGET,
    allow,
    filled,
    policy,
    tags,
)


def test_a_refused_call_is_logged_and_does_nothing(
    ec2: Any, lab: Any, restricted: Any
) -> None:
    """The error is EC2's 403; it names principal, action, resource, and is logged."""
    ec2.restrict(KEY, policy(allow("ec2:Describe*")))
    with pytest.raises(restricted.exceptions.ClientError) as caught:
        restricted.create_traffic_mirror_filter()
    response, (call,) = caught.value.response, ec2.calls
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert response["ResponseMetadata"]["RequestId"] == call.request_id
    assert (call.error_code, call.access_key) == ("UnauthorizedOperation", KEY)
    assert call.writes
    for word in (
        "User: arn:aws:iam::123456789012:user/",
        "ec2:CreateTrafficMirrorFilter",
        f"{HERE}:{FILTER}/*",
        "Encoded authorization failure message: ",
    ):
        assert word in response["Error"]["Message"]
    assert restricted.describe_traffic_mirror_filters()["TrafficMirrorFilters"] == []
    assert lab.filter()  # other keys may do everything


@pytest.mark.parametrize(
    ("operation", "asked", "code"),
    [
        (
            "delete_traffic_mirror_filter",
            {"TrafficMirrorFilterId": "?"},
            "InvalidParameterValue",
        ),
        ("create_traffic_mirror_target", {}, "InvalidParameterCombination"),
        (
            "describe_vpcs",
            {"Filters": [{"Name": "colour", "Values": ["x"]}]},
            "InvalidParameterValue",
        ),
        (
            "describe_network_interfaces",
            {"NetworkInterfaceIds": ["eni-0123456789abcdef0"]},
            "InvalidNetworkInterfaceID.NotFound",
        ),
        ("describe_fast_snapshot_restores", {}, "InvalidAction"),
    ],
)
def test_the_check_comes_first(
    ec2: Any,
    lab: Any,
    restricted: Any,
    operation: str,
    asked: dict[str, Any],
    code: str,
) -> None:
    """Permissions are checked before parameters."""
    call = getattr(restricted, operation)
    with lab.refused(code):
        call(**asked)
    ec2.restrict(KEY, policy(allow("sts:*")))
    with lab.refused("UnauthorizedOperation"):
        call(**asked)


def test_new_policies_replace_old_ones_until_a_reset(
    ec2: Any, lab: Any, restricted: Any
) -> None:
    """The last policy counts; after a reset every key may do everything."""
    ec2.restrict(KEY, policy(allow("ec2:DescribeVpcs")))
    ec2.restrict(KEY, policy(allow("ec2:DescribeSubnets")))
    restricted.describe_subnets()
    with lab.refused("UnauthorizedOperation"):
        restricted.describe_vpcs()
    with pytest.raises(ValueError, match="NotAction"):
        ec2.restrict(KEY, policy({"Effect": "Allow", "NotAction": "*"}))
    restricted.describe_subnets()
    ec2.reset()
    restricted.describe_vpcs()


def test_request_tags_count_for_what_is_made(
    ec2: Any, lab: Any, restricted: Any, existing: dict[str, str]
) -> None:
    """RequestTag and TagKeys apply to the new resource, not to the named ones."""
    asked = filled(A_SESSION, existing) | tags(SESSION) | {"DryRun": True}
    create = restricted.create_traffic_mirror_session
    own = {"StringEquals": {"aws:RequestTag/a": "1"}}
    keys = {"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}
    tagging = allow("ec2:CreateTags")
    statement = "ec2:CreateTrafficMirrorSession"
    ec2.restrict(KEY, policy(tagging, allow(statement, **own)))
    with lab.refused("UnauthorizedOperation", NIC):
        create(**asked)
    rest = allow(statement, [f"{HERE}:{kind}/*" for kind in (NIC, TARGET, FILTER)])
    new = f"{HERE}:{SESSION}/*"
    ec2.restrict(KEY, policy(tagging, rest, allow(statement, new, **own, **keys)))
    with lab.refused("DryRunOperation"):
        create(**asked)
    for wrong in ([{"Key": "a", "Value": "2"}], [*TAGGED, {"Key": "c", "Value": ""}]):
        specifications = [{"ResourceType": SESSION, "Tags": wrong}]
        with lab.refused("UnauthorizedOperation", new):
            create(**asked | {"TagSpecifications": specifications})


def test_resource_tags_count_for_what_exists(
    ec2: Any, lab: Any, restricted: Any, client: Any
) -> None:
    """Only tagged resources may be deleted, with both names of the condition key."""
    nic = lab.nic()
    client.create_tags(Resources=[nic], Tags=[{"Key": "Owner", "Value": "us"}])
    ours = [{"ResourceType": FILTER, "Tags": [{"Key": "Owner", "Value": "us"}]}]
    for key in ("aws:ResourceTag/Owner", "ec2:ResourceTag/Owner"):
        mine, other = lab.filter(TagSpecifications=ours), lab.filter()
        owned = {"StringEquals": {key: "us"}}
        ec2.restrict(KEY, policy(allow("ec2:*", **owned)))
        restricted.delete_traffic_mirror_filter(TrafficMirrorFilterId=mine)
        for refused in (other, mine):  # one has no tag, one was deleted
            with lab.refused("UnauthorizedOperation", refused):
                restricted.delete_traffic_mirror_filter(TrafficMirrorFilterId=refused)
        with lab.refused("UnauthorizedOperation", f"{TARGET}/*"):
            restricted.create_traffic_mirror_target(NetworkInterfaceId=nic)
        new = allow("ec2:CreateTrafficMirrorTarget", f"{HERE}:{TARGET}/*")
        ec2.restrict(KEY, policy(allow("ec2:*", **owned), new))
        with lab.refused("DryRunOperation"):
            restricted.create_traffic_mirror_target(NetworkInterfaceId=nic, DryRun=True)
        with lab.refused("UnauthorizedOperation", NIC):
            restricted.create_traffic_mirror_target(NetworkInterfaceId=lab.nic())


def test_tagging_only_while_creating(ec2: Any, lab: Any, restricted: Any) -> None:
    """CreateTags with ec2:CreateAction allows tags in that call only."""
    creating = {"StringEquals": {"ec2:CreateAction": "CreateTrafficMirrorFilter"}}
    ec2.restrict(
        KEY, policy(allow("ec2:*Mirror*"), allow("ec2:CreateTags", **creating))
    )
    made = restricted.create_traffic_mirror_filter(**tags(FILTER))
    name = made["TrafficMirrorFilter"]["TrafficMirrorFilterId"]
    with lab.refused("UnauthorizedOperation", "ec2:CreateTags", name):
        restricted.create_tags(Resources=[name], Tags=TAGGED)
    with lab.refused("UnauthorizedOperation", "ec2:CreateTags", f"{TARGET}/*"):
        restricted.create_traffic_mirror_target(
            NetworkInterfaceId=lab.nic(), **tags(TARGET)
        )


@pytest.mark.parametrize("key", ["ec2:Region", "aws:RequestedRegion"])
def test_regions_can_be_conditions(ec2: Any, lab: Any, key: str) -> None:
    """A policy can restrict a key to one region, for reading and writing."""
    ec2.restrict(KEY, policy(allow("ec2:*", StringEquals={key: "eu-west-1"})))
    here = ec2.client(aws_access_key_id=KEY)
    there = ec2.client(aws_access_key_id=KEY, region_name="eu-west-1")
    assert there.describe_traffic_mirror_filters()
    assert there.create_traffic_mirror_filter()
    for call in (
        here.describe_traffic_mirror_filters,
        here.create_traffic_mirror_filter,
    ):
        with lab.refused("UnauthorizedOperation"):
            call()


def test_arns_name_region_and_partition(ec2: Any, lab: Any) -> None:
    """ARNs have the region of the call and its partition."""
    ec2.restrict(KEY, policy(allow("ec2:Describe*")))
    for region, place in {
        "eu-west-1": "arn:aws:ec2:eu-west-1:",
        "cn-north-1": "arn:aws-cn:ec2:cn-north-1:",
    }.items():
        ec2.set_partition(KEY, place.split(":")[1])
        client = ec2.client(aws_access_key_id=KEY, region_name=region)
        with lab.refused("UnauthorizedOperation", place):
            client.create_traffic_mirror_filter()


@pytest.mark.parametrize("dry_run", [True, False])
def test_ids_can_be_checked_before_permissions(
    ec2: Any, lab: Any, dry_run: bool
) -> None:
    """Then an unknown id is reported whether or not the call is allowed."""
    ec2.restrict(KEY, policy(allow("ec2:Describe*")))
    client = ec2.client(aws_access_key_id=KEY)
    unknown = "0123456789abcdef0"
    calls = [
        (client.delete_traffic_mirror_session, "TrafficMirrorSessionId", "tms"),
        (client.delete_traffic_mirror_filter, "TrafficMirrorFilterId", "tmf"),
        (client.delete_traffic_mirror_target, "TrafficMirrorTargetId", "tmt"),
        (client.create_traffic_mirror_target, "NetworkInterfaceId", "eni"),
    ]
    for call, name, prefix in calls:
        ids = {name: f"{prefix}-{unknown}"}
        ec2.settings.ids_before_permissions = False
        with lab.refused("UnauthorizedOperation"):
            call(**ids, DryRun=dry_run)
        ec2.settings.ids_before_permissions = True
        code = "ID.NotFound" if prefix == "eni" else "Id.NotFound"
        with lab.refused(f"Invalid{name.removesuffix('Id')}{code}"):
            call(**ids, DryRun=dry_run)
    for name in ("", "tms-x"):
        with lab.refused("InvalidParameterValue"):
            client.delete_traffic_mirror_session(
                TrafficMirrorSessionId=name, DryRun=dry_run
            )


def test_known_ids_are_no_reason_to_skip_permissions(ec2: Any, lab: Any) -> None:
    """With ids checked first, a call on what exists is denied as ever."""
    filter_id = lab.filter()
    ec2.restrict(KEY, policy(allow("ec2:Describe*")))
    ec2.settings.ids_before_permissions = True
    client = ec2.client(aws_access_key_id=KEY)
    with lab.refused("UnauthorizedOperation"):
        client.delete_traffic_mirror_filter(TrafficMirrorFilterId=filter_id)
    with lab.refused("DryRunOperation"):
        lab.client.delete_traffic_mirror_filter(
            TrafficMirrorFilterId=filter_id, DryRun=True
        )


def test_other_services_deny_access(ec2: Any, lab: Any) -> None:
    """Load balancers and STS answer AccessDenied; they need `*`, too."""
    balancers = ec2.service_client("elbv2", aws_access_key_id=KEY)
    token = ec2.service_client("sts", aws_access_key_id=KEY)
    role = "arn:aws:iam::111122223333:role/mirror"
    ec2.add_role(role)
    asked = {"RoleArn": role, "RoleSessionName": "probe"}
    listeners = {"LoadBalancerArn": lab.balancer()}
    ec2.restrict(KEY, policy(allow("ec2:*")))
    with lab.refused("AccessDenied", "elasticloadbalancing:DescribeListeners", "*"):
        balancers.describe_listeners(**listeners)
    assert ec2.calls[-1].error_code == "AccessDenied"
    with lab.refused("AccessDenied", "sts:AssumeRole", role):
        token.assume_role(**asked)
    reading = allow("elasticloadbalancing:Describe*")
    ec2.restrict(KEY, policy(reading, allow("sts:AssumeRole", role)))
    balancers.describe_listeners(**listeners)
    balancers.describe_load_balancers()
    assert token.assume_role(**asked)["Credentials"]
    ec2.restrict(KEY, policy(allow("sts:AssumeRole", role + "2")))
    with lab.refused("AccessDenied"):
        token.assume_role(**asked)


def test_get_caller_identity_is_never_denied(ec2: Any) -> None:
    """GetCallerIdentity succeeds even if a policy denies it."""
    deny = {**allow("*"), "Effect": "Deny"}
    ec2.restrict(KEY, policy(deny))
    identity = ec2.service_client("sts", aws_access_key_id=KEY).get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert identity["Arn"].startswith("arn:aws:iam::123456789012:user/")
