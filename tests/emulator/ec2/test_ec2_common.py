"""What all fifteen operations have in common."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ParamValidationError
from botocore.httpsession import URLLib3Session

TARGET, FILTER = "tmt-0123456789abcdef0", "tmf-0123456789abcdef0"
RULE, SESSION = "tmfr-0123456789abcdef0", "tms-0123456789abcdef0"
NIC = "eni-0123456789abcdef0"
RULE_FIELDS = {
    "TrafficMirrorFilterId": FILTER,
    "TrafficDirection": "ingress",
    "RuleNumber": 1,
    "RuleAction": "accept",
    "SourceCidrBlock": "0.0.0.0/0",
    "DestinationCidrBlock": "0.0.0.0/0",
}
SESSION_FIELDS = {
    "NetworkInterfaceId": NIC,
    "TrafficMirrorTargetId": TARGET,
    "TrafficMirrorFilterId": FILTER,
    "SessionNumber": 1,
}
NO_NIC = "InvalidNetworkInterfaceID.NotFound"
NO_TARGET = "InvalidTrafficMirrorTargetId.NotFound"
NO_FILTER = "InvalidTrafficMirrorFilterId.NotFound"
NO_RULE = "InvalidTrafficMirrorFilterRuleId.NotFound"
NO_SESSION = "InvalidTrafficMirrorSessionId.NotFound"
FILTER_ID = {"TrafficMirrorFilterId": FILTER}
RULE_ID = {"TrafficMirrorFilterRuleId": RULE}
SESSION_ID = {"TrafficMirrorSessionId": SESSION}

# Each operation, and its response without any resources.
FIFTEEN: list[tuple[str, dict[str, Any], str | None]] = [
    ("create_traffic_mirror_target", {"NetworkInterfaceId": NIC}, NO_NIC),
    ("create_traffic_mirror_filter", {}, None),
    ("create_traffic_mirror_filter_rule", RULE_FIELDS, NO_FILTER),
    ("create_traffic_mirror_session", SESSION_FIELDS, NO_NIC),
    ("delete_traffic_mirror_target", {"TrafficMirrorTargetId": TARGET}, NO_TARGET),
    ("delete_traffic_mirror_filter", FILTER_ID, NO_FILTER),
    ("delete_traffic_mirror_filter_rule", RULE_ID, NO_RULE),
    ("delete_traffic_mirror_session", SESSION_ID, NO_SESSION),
    ("describe_traffic_mirror_targets", {}, None),
    ("describe_traffic_mirror_filters", {}, None),
    ("describe_traffic_mirror_filter_rules", {}, None),
    ("describe_traffic_mirror_sessions", {}, None),
    ("modify_traffic_mirror_filter_network_services", FILTER_ID, NO_FILTER),
    ("modify_traffic_mirror_filter_rule", RULE_ID, NO_RULE),
    ("modify_traffic_mirror_session", SESSION_ID, NO_SESSION),
]


@pytest.mark.parametrize(("operation", "asked", "code"), FIFTEEN)
def test_dry_run_and_real_run(
    ec2: Any, lab: Any, operation: str, asked: dict[str, Any], code: str | None
) -> None:
    """A dry run does not check ids, and changes nothing."""
    call = getattr(lab.client, operation)
    with lab.refused("DryRunOperation"):
        call(DryRun=True, **asked)
    assert ec2.writes() == []
    assert lab.client.describe_traffic_mirror_filters()["TrafficMirrorFilters"] == []
    if code is None:
        call(**asked)
    else:
        with lab.refused(code):
            call(**asked)
    assert ec2.calls[-1].error_code == code
    assert ec2.calls[-1].writes == (not operation.startswith("describe"))


def test_same_token_makes_one_resource(ec2: Any, lab: Any, client: Any) -> None:
    """A create call that is repeated with its token returns the same resource."""
    filter_id, target = lab.filter(), lab.target()
    calls = {
        "create_traffic_mirror_target": {"NetworkInterfaceId": lab.nic()},
        "create_traffic_mirror_filter": {"Description": "once"},
        "create_traffic_mirror_filter_rule": {
            **RULE_FIELDS,
            "TrafficMirrorFilterId": filter_id,
        },
        "create_traffic_mirror_session": {
            "NetworkInterfaceId": lab.nic(),
            "TrafficMirrorTargetId": target,
            "TrafficMirrorFilterId": filter_id,
            "SessionNumber": 1,
        },
    }
    for operation, asked in calls.items():
        create = getattr(client, operation)
        first = create(ClientToken="t-1", **asked)
        again = create(ClientToken="t-1", **asked)
        requests = [first.pop("ResponseMetadata"), again.pop("ResponseMetadata")]
        assert first == again
        assert first["ClientToken"] == "t-1"
        assert requests[0]["RequestId"] != requests[1]["RequestId"]
        with lab.refused("IdempotentParameterMismatch"):
            create(ClientToken="t-1", **asked | {"Description": "changed"})
    assert len(lab.session_ids()) == 1
    assert len(client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]) == 2
    assert len(ec2.writes()) == 2 + 2 + 3 * len(calls) + 1


def test_without_a_token_each_call_makes_one(lab: Any) -> None:
    """Botocore sends a new token with each call, so two calls create two."""
    assert lab.filter() != lab.filter()


def test_refused_call_may_be_repeated_with_its_token(ec2: Any, lab: Any) -> None:
    """Only successful calls use up a token; long tokens are rejected."""
    ec2.settings.quotas.filters = 0
    with lab.refused("TrafficMirrorFilterLimitExceeded"):
        lab.filter(ClientToken="t")
    ec2.settings.quotas.filters = 1
    assert lab.filter(ClientToken="t").startswith("tmf-")
    with lab.refused("InvalidParameterValue", "ClientToken"):
        lab.filter(ClientToken="t" * 65)


def test_regions_are_apart(ec2: Any, lab: Any) -> None:
    """Each region has its own resources."""
    lab.filter()
    elsewhere = ec2.client(region_name="eu-west-1")
    assert elsewhere.describe_traffic_mirror_filters()["TrafficMirrorFilters"] == []
    assert [call.region for call in ec2.calls] == ["us-east-1", "eu-west-1"]


def test_botocore_still_checks_types(client: Any) -> None:
    """Botocore rejects text in place of a number."""
    with pytest.raises(ParamValidationError):
        client.create_traffic_mirror_session(**SESSION_FIELDS | {"SessionNumber": "1"})


def by_hand(ec2: Any, **form: str) -> str:
    """Send a signed form that botocore would not send; return the body."""
    form["Version"] = "2016-11-15"
    request = AWSRequest("POST", ec2.endpoint_url, data=form)
    credentials = Credentials("AKIAEMULATED00000000", "invented")
    SigV4Auth(credentials, "ec2", ec2.region).add_auth(request)
    return str(URLLib3Session(proxies={}).send(request.prepare()).text)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"Colour": "red"}, "UnknownParameter"),
        ({"Filter.1.Nom": "description"}, "UnknownParameter"),
        ({"MaxResults": "many"}, "InvalidParameterValue"),
        ({"MaxResults": "1_0"}, "InvalidParameterValue"),
        ({"DryRun": "perhaps"}, "InvalidParameterValue"),
        ({"DryRun": "true"}, "DryRunOperation"),
    ],
)
def test_strange_parameters_are_refused(
    ec2: Any, form: dict[str, str], code: str
) -> None:
    """Unknown and malformed parameters are rejected."""
    body = by_hand(ec2, Action="DescribeTrafficMirrorFilters", **form)
    assert f"<Code>{code}</Code>" in body


@pytest.mark.parametrize(
    ("form", "missing"),
    [
        ({"Action": "DeleteTrafficMirrorFilter"}, "TrafficMirrorFilterId"),
        (
            {
                "Action": "CreateTrafficMirrorFilterRule",
                "TrafficMirrorFilterId": FILTER,
            },
            "TrafficDirection",
        ),
    ],
)
def test_missing_parameter_is_refused(
    ec2: Any, form: dict[str, str], missing: str
) -> None:
    """Required parameters are checked, even without botocore."""
    body = by_hand(ec2, **form)
    assert "<Code>MissingParameter</Code>" in body
    assert missing in body


def test_operation_that_ec2_lacks_is_refused(ec2: Any) -> None:
    """An unknown operation gets an EC2 error."""
    assert "<Code>InvalidAction</Code>" in by_hand(ec2, Action="DescribeNothing")
