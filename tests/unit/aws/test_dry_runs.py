"""Dry runs of the creating calls: what EC2's answers prove."""

import pytest

from tests.unit.aws.fake_ec2 import FakeEc2, refused
from traffic_mirroring.aws.dry_runs import NO_FILTER, NO_TARGET, DryRuns
from traffic_mirroring.errors import CallForbidden, Cancelled, Ec2Failed
from traffic_mirroring.models import FilterRule, Mirror, SessionSpec

TAGS = {"Name": "one", "ReservationId": "res-1"}
RULE = FilterRule("ingress", 6, "10.0.0.0/8", "0.0.0.0/0")
MIRROR = Mirror("eni-0000000a", "eni-0000000b")

CALLS = {
    "create_traffic_mirror_target": lambda ec2: ec2.create_target("eni-0000000b", TAGS),
    "create_traffic_mirror_filter": lambda ec2: ec2.create_filter(TAGS),
    "create_traffic_mirror_filter_rule": lambda ec2: ec2.create_rule(1, RULE, TAGS),
    "modify_traffic_mirror_filter_network_services": lambda ec2: ec2.add_services(
        ["amazon-dns"]
    ),
    "create_traffic_mirror_session": lambda ec2: ec2.create_session(
        SessionSpec(MIRROR, "tmt-1", NO_FILTER, 7, "x"), TAGS
    ),
}
ACTIONS = {
    "create_traffic_mirror_target": "Creating a traffic mirror target on eni-0000000b",
    "create_traffic_mirror_filter": "Creating the traffic mirror filter one",
    "create_traffic_mirror_filter_rule": "Creating rule 1 of a new traffic mirror "
    "filter",
    "modify_traffic_mirror_filter_network_services": "Adding amazon-dns to a new "
    "traffic mirror filter",
    "create_traffic_mirror_session": "Creating traffic mirror session 7 of "
    "eni-0000000a",
}
ON_EXISTING = ("create_traffic_mirror_target", "create_traffic_mirror_filter")


@pytest.fixture
def client():
    """Return an EC2 that knows no mirrors."""
    return FakeEc2()


@pytest.fixture
def ec2(client):
    """Return the dry runs of calls to it."""
    return DryRuns(client, lambda: None)


@pytest.mark.parametrize("operation", CALLS)
def test_a_call_that_would_succeed_changes_nothing(client, ec2, operation):
    """EC2 answers DryRunOperation."""
    CALLS[operation](ec2)

    assert [name for name, _ in client.dry_runs] == [operation]
    assert client.items == {"session": {}, "filter": {}, "target": {}}


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(
    "code", ["UnauthorizedOperation", "RequestLimitExceeded", "InternalError", "Other"]
)
def test_a_refusal_is_an_error(client, ec2, operation, code):
    """It says what would be created; a missing permission is named."""
    client.errors[operation] = [refused(code, "CreateX")]

    with pytest.raises(Ec2Failed, match=f"^{ACTIONS[operation]}: {code}") as caught:
        CALLS[operation](ec2)

    if code == "UnauthorizedOperation":
        assert isinstance(caught.value, CallForbidden)
        assert caught.value.permission == "ec2:CreateX"


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize(
    "code",
    [
        "InvalidTrafficMirrorFilterId.NotFound",
        "InvalidTrafficMirrorTargetId.NotFound",
        "InvalidTrafficMirrorFilterId.Malformed",
        "InvalidParameterValue",
    ],
)
def test_an_id_that_does_not_exist_yet_proves_nothing(client, ec2, operation, code):
    """But a refusal of the ids that the request names is an error."""
    client.errors[operation] = [refused(code)]

    if operation in ON_EXISTING:
        with pytest.raises(Ec2Failed, match=code):
            CALLS[operation](ec2)
    else:
        CALLS[operation](ec2)


def test_a_session_may_be_tried_on_a_target_that_does_not_exist(client, ec2):
    """The tried call has all parameters of the real one."""
    spec = SessionSpec(MIRROR, NO_TARGET, NO_FILTER, 7, "x")

    ec2.create_session(spec, TAGS)

    ((_, parameters),) = client.dry_runs
    assert parameters["TrafficMirrorTargetId"] == NO_TARGET
    assert parameters["SessionNumber"] == 7
    assert parameters["TagSpecifications"][0]["Tags"][0]["Value"] == "one"


def test_a_cancelled_command_tries_nothing(client):
    """It ends before the next call."""

    def cancel():
        raise Cancelled

    with pytest.raises(Cancelled):
        DryRuns(client, cancel).create_filter(TAGS)
    assert client.dry_runs == []


def test_a_dry_run_has_the_parameters_of_the_call(client, ec2):
    """With ids that cannot exist for what is not created yet."""
    for call in CALLS.values():
        call(ec2)

    asked = dict(client.dry_runs)
    assert {each["DryRun"] for each in asked.values()} == {True}
    target = asked["create_traffic_mirror_target"]
    assert target["NetworkInterfaceId"] == "eni-0000000b"
    rule = asked["create_traffic_mirror_filter_rule"]
    assert (rule["TrafficMirrorFilterId"], rule["RuleNumber"]) == (NO_FILTER, 1)
    services = asked["modify_traffic_mirror_filter_network_services"]
    assert services["TrafficMirrorFilterId"] == NO_FILTER
    assert services["AddNetworkServices"] == ["amazon-dns"]
    session = asked["create_traffic_mirror_session"]
    assert session["TrafficMirrorTargetId"] == "tmt-1"
    assert session["TrafficMirrorFilterId"] == NO_FILTER
    assert (session["SessionNumber"], session["Description"]) == (7, "x")
    for each in ("target", "filter", "session"):
        tags = asked[f"create_traffic_mirror_{each}"]["TagSpecifications"]
        assert tags[0]["ResourceType"] == f"traffic-mirror-{each}"
        assert {it["Key"]: it["Value"] for it in tags[0]["Tags"]} == TAGS
