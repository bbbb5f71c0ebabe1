"""Keys, roles, temporary keys and regions."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from emulator.ec2.regions import partition_of
from emulator.faults import Fault
from tests.emulator.ec2.conftest import Lab

KEY = "AKIAELSEWHERE0000000"
ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/teams/mirror"
READING = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"},
}


@pytest.fixture
def sts(ec2: Any) -> Any:
    """Return an STS client of the default account, with no parameter validation."""
    ec2.add_role(ROLE)
    return ec2.service_client("sts", config=Config(parameter_validation=False))


def assume(sts: Any, role: str = ROLE, **more: Any) -> dict[str, Any]:
    """Assume a role; return its credentials."""
    asked = {"RoleArn": role, "RoleSessionName": "probe", **more}
    return sts.assume_role(**asked)["Credentials"]


def acting(keys: dict[str, Any]) -> dict[str, str]:
    """Return the arguments of a client with these credentials."""
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }


def error_of(call: Any, **asked: Any) -> tuple[str, int]:
    """Return the code and the HTTP status of an error."""
    with pytest.raises(ClientError) as caught:
        call(**asked)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_rejected_keys(ec2: Any, client: Any) -> None:
    """EC2 and the other services reject an unknown key with their own errors."""
    ec2.reject_key(KEY)
    mine = ec2.client(aws_access_key_id=KEY)
    for call in (mine.describe_traffic_mirror_filters, mine.describe_vpcs):
        assert error_of(call) == ("AuthFailure", 401)
        assert error_of(call, DryRun=True) == ("AuthFailure", 401)
    assert ec2.calls[-1].error_code == "AuthFailure"
    for service, operation in {
        "sts": "get_caller_identity",
        "elbv2": "describe_load_balancers",
    }.items():
        other = ec2.service_client(service, aws_access_key_id=KEY)
        assert error_of(getattr(other, operation)) == ("InvalidClientTokenId", 403)
    client.describe_vpcs()
    ec2.reset()
    mine.describe_vpcs()


def test_identity_of_an_invented_key(sts: Any, ec2: Any) -> None:
    """A key belongs to a user of the default account; the request is logged."""
    identity = sts.get_caller_identity()
    assert identity["Account"] == "123456789012"
    assert identity["Arn"].startswith("arn:aws:iam::123456789012:user/")
    assert identity["UserId"]
    (call,) = ec2.calls
    assert (call.operation, call.writes) == ("GetCallerIdentity", False)
    assert call.request_id == identity["ResponseMetadata"]["RequestId"]


def test_a_role_acts_in_its_account(sts: Any, ec2: Any, lab: Any) -> None:
    """All resources are those of the role's account."""
    made = sts.assume_role(RoleArn=ROLE, RoleSessionName="probe")
    keys = acting(made["Credentials"])
    identity = ec2.service_client("sts", **keys).get_caller_identity()
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/mirror/probe"
    assert (identity["Account"], identity["Arn"]) == (ACCOUNT, arn)
    assert made["AssumedRoleUser"]["Arn"] == arn
    assert identity["UserId"].endswith(":probe")
    there = Lab(ec2, ec2.client(**keys))
    target = there.target()
    assert there.client.describe_vpcs()["Vpcs"][0]["OwnerId"] == ACCOUNT
    (shown,) = there.client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]
    assert (shown["TrafficMirrorTargetId"], shown["OwnerId"]) == (target, ACCOUNT)
    assert lab.client.describe_traffic_mirror_targets()["TrafficMirrorTargets"] == []
    assert ec2.service_client("elbv2", **keys).describe_load_balancers()
    with lab.refused("InvalidNetworkLoadBalancerArn.NotFound"):
        there.client.create_traffic_mirror_target(NetworkLoadBalancerArn=lab.balancer())
    with lab.refused("InvalidNetworkInterfaceID.NotFound"):
        there.target(lab.nic())


def test_a_client_may_act_as_a_role(ec2: Any, lab: Any) -> None:
    """client(role=...) makes no call, and its interfaces can be renamed."""
    ec2.add_role(ROLE)
    there = Lab(ec2, ec2.client(role=ROLE))
    assert ec2.calls == []
    nic, wanted = there.nic(), "eni-0123456789abcdef0"
    ec2.rename_interface(nic, wanted)
    found = there.client.describe_network_interfaces(NetworkInterfaceIds=[wanted])
    assert found["NetworkInterfaces"][0]["OwnerId"] == ACCOUNT
    assert lab.client.describe_network_interfaces()["NetworkInterfaces"] == []
    with pytest.raises(KeyError):
        ec2.rename_interface(nic, wanted)
    with pytest.raises(ValueError, match="add_role"):
        ec2.client(role=ROLE + "2")


def test_a_role_does_what_its_policy_allows(ec2: Any, sts: Any, lab: Any) -> None:
    """A role's policy restricts its keys, and errors name the role session."""
    reader = f"arn:aws:iam::{ACCOUNT}:role/reader"
    ec2.add_role(reader, READING)
    there = ec2.client(**acting(assume(sts, reader)))
    there.describe_traffic_mirror_filters()
    session_arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/probe"
    made = f"arn:aws:ec2:us-east-1:{ACCOUNT}:traffic-mirror-filter/*"
    with lab.refused("UnauthorizedOperation", session_arn, made):
        there.create_traffic_mirror_filter()
    assert ec2.client(role=ROLE).create_traffic_mirror_filter()
    for arn, policy in {ROLE: {"Version": "2012-10-17"}, "mirror": READING}.items():
        with pytest.raises(ValueError, match=r"Statement|mirror"):
            ec2.add_role(arn, policy)


def test_a_temporary_key_can_be_restricted_too(ec2: Any, sts: Any, lab: Any) -> None:
    """Both policies, of role and key, must allow a call."""
    keys = acting(assume(sts))
    there = ec2.client(**keys)
    there.create_traffic_mirror_filter()
    ec2.restrict(keys["aws_access_key_id"], READING)
    there.describe_traffic_mirror_filters()
    with lab.refused("UnauthorizedOperation"):
        there.create_traffic_mirror_filter()


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"RoleArn": ROLE + "2"}, ("AccessDenied", 403)),
        ({"RoleArn": ROLE[:-1] + "!"}, ("ValidationError", 400)),
        ({"RoleArn": ROLE.replace("role", "user")}, ("ValidationError", 400)),
        ({"RoleSessionName": "a b"}, ("ValidationError", 400)),
        ({"RoleSessionName": "a" * 65}, ("ValidationError", 400)),
        ({"DurationSeconds": 899}, ("ValidationError", 400)),
        ({"DurationSeconds": 3601}, ("ValidationError", 400)),
        ({"Policy": "{}"}, ("InvalidAction", 400)),
        ({"Tags": [{"Key": "a", "Value": "b"}]}, ("InvalidAction", 400)),
    ],
)
def test_what_assume_role_refuses(
    sts: Any, asked: dict[str, Any], code: tuple[str, int]
) -> None:
    """Unknown roles, bad values and unsupported parameters are rejected."""
    fine = {"RoleArn": ROLE, "RoleSessionName": "probe", "ExternalId": "xy"}
    assert sts.assume_role(**fine, DurationSeconds=900)
    assert error_of(sts.assume_role, **fine | asked) == code


def test_other_operations_of_sts_are_refused(sts: Any) -> None:
    """Other operations that return keys are not emulated."""
    assert error_of(sts.get_session_token) == ("InvalidAction", 400)


def test_tokens_must_come_with_their_key(ec2: Any, sts: Any) -> None:
    """A temporary key is invalid without its own session token."""
    keys, others = acting(assume(sts)), acting(assume(sts))
    alone = {k: v for k, v in keys.items() if k != "aws_session_token"}
    crossed = keys | {"aws_session_token": others["aws_session_token"]}
    unknown = keys | {"aws_access_key_id": "ASIAINVENTED00000000"}
    permanent = crossed | {"aws_access_key_id": KEY}
    nameless = alone | {"aws_access_key_id": "ASIAINVENTED00000000"}
    for wrong in (alone, crossed, unknown, nameless, permanent):
        there = ec2.client(**wrong)
        assert error_of(there.describe_vpcs) == ("AuthFailure", 401)
        assert error_of(there.create_traffic_mirror_filter) == ("AuthFailure", 401)
        refused = error_of(ec2.service_client("sts", **wrong).get_caller_identity)
        assert refused == ("InvalidClientTokenId", 403)
    ec2.client(**keys).describe_vpcs()


def test_tokens_expire_as_requested_or_set(ec2: Any, sts: Any) -> None:
    """Keys expire as requested, or as the setting says."""

    def lasts(**more: Any) -> timedelta:
        return assume(sts, **more)["Expiration"] - datetime.now(timezone.utc)

    near = timedelta(seconds=10)
    assert abs(lasts() - timedelta(hours=1)) < near
    assert abs(lasts(DurationSeconds=900) - timedelta(minutes=15)) < near
    ec2.settings.token_seconds = 300
    assert abs(lasts(DurationSeconds=900) - timedelta(minutes=5)) < near
    assert error_of(assume, sts=sts, DurationSeconds=300) == ("ValidationError", 400)
    ec2.reset()
    assert ec2.settings.token_seconds is None


def test_expired_tokens(ec2: Any, sts: Any) -> None:
    """EC2 and STS have different errors for an expired key; new keys are valid."""
    ec2.settings.token_seconds = 0
    at_once = acting(assume(sts))
    ec2.settings.token_seconds = None
    later, role_client = acting(assume(sts)), ec2.client(role=ROLE)
    ec2.client(**later).describe_vpcs()
    role_client.describe_vpcs()
    ec2.expire_tokens()
    assert error_of(role_client.describe_vpcs) == ("RequestExpired", 400)
    for keys in (at_once, later):
        there = ec2.client(**keys)
        assert error_of(there.describe_vpcs) == ("RequestExpired", 400)
        assert error_of(there.create_traffic_mirror_filter) == ("RequestExpired", 400)
        own = ec2.service_client("sts", **keys)
        assert error_of(own.get_caller_identity) == ("ExpiredToken", 403)
        assert error_of(assume, sts=own) == ("ExpiredToken", 403)
    ec2.client(**acting(assume(sts))).describe_vpcs()


def test_roles_end_with_a_reset(ec2: Any, sts: Any) -> None:
    """After a reset neither roles nor their keys are known."""
    there = ec2.client(**acting(assume(sts)))
    ec2.reset()
    assert error_of(there.describe_vpcs) == ("AuthFailure", 401)
    assert error_of(assume, sts=sts) == ("AccessDenied", 403)


def test_roles_of_other_partitions(ec2: Any, lab: Any) -> None:
    """A role of the partition aws-cn acts there, in its own account."""
    role = f"arn:aws-cn:iam::{ACCOUNT}:role/mirror"
    ec2.add_role(role)
    place = {"region_name": "cn-north-1", "role": role}
    identity = ec2.service_client("sts", **place).get_caller_identity()
    assert identity["Arn"].startswith(f"arn:aws-cn:sts::{ACCOUNT}:assumed-role/mirror/")
    there = Lab(ec2, ec2.client(**place))
    there.target()
    (shown,) = there.client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]
    assert shown["OwnerId"] == ACCOUNT
    assert lab.client.describe_traffic_mirror_targets()["TrafficMirrorTargets"] == []


@pytest.mark.parametrize(
    "region", ["us-east-9", "us-east-1a", "emulated", "aws-global"]
)
def test_regions_that_aws_has_not(ec2: Any, lab: Any, region: str) -> None:
    """Unknown regions get no reply, and don't count for faults."""
    ec2.faults.append(Fault(code="Later"))
    client = ec2.client(region_name=region)
    for call in (client.describe_vpcs, client.create_traffic_mirror_filter):
        with pytest.raises(ConnectionClosedError):
            call()
        assert (ec2.calls[-1].region, ec2.calls[-1].answered) == (region, False)
    with lab.refused("Later"):
        lab.filter()


@pytest.mark.parametrize("region", ["ap-southeast-7", "us-gov-west-1", "cn-north-1"])
def test_regions_of_all_partitions(ec2: Any, region: str) -> None:
    """All regions of AWS exist, and are empty."""
    ec2.set_partition("AKIAPARTITION", partition_of(region))
    client = ec2.client(region_name=region, aws_access_key_id="AKIAPARTITION")
    assert client.describe_traffic_mirror_filters()["TrafficMirrorFilters"] == []
    assert client.describe_vpcs()["Vpcs"]


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1"])
def test_a_key_is_valid_in_one_partition(ec2: Any, lab: Any, region: str) -> None:
    """Keys and roles of another partition are rejected, by EC2 and by STS."""
    with lab.refused("AuthFailure"):
        ec2.client(region_name=region).describe_vpcs()
    with lab.refused("InvalidClientTokenId"):
        ec2.service_client("sts", region_name=region).get_caller_identity()
    ec2.add_role(f"arn:aws:iam::{ACCOUNT}:role/mirror")
    with lab.refused("AuthFailure"):
        role = f"arn:aws:iam::{ACCOUNT}:role/mirror"
        ec2.client(region_name=region, role=role).describe_vpcs()


def test_a_role_of_another_partition_cannot_be_assumed(ec2: Any, lab: Any) -> None:
    """Partitions have nothing in common."""
    role = f"arn:aws-cn:iam::{ACCOUNT}:role/mirror"
    ec2.add_role(role)
    with lab.refused("AccessDenied"):
        ec2.service_client("sts").assume_role(RoleArn=role, RoleSessionName="probe")


@pytest.mark.parametrize("key", ["AKIA KEY", "AKIAKEY-", "AKIA+KEY", "AKIA.KEY"])
def test_a_key_with_other_characters_than_a_keys_is_rejected(
    ec2: Any, lab: Any, key: str
) -> None:
    """AWS has issued no such key; blanks around a key are part of it."""
    with lab.refused("AuthFailure"):
        ec2.client(aws_access_key_id=key).describe_vpcs()
