"""What EC2's errors mean."""

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from traffic_mirroring.aws.errors import aws_errors, is_in_use, is_unknown
from traffic_mirroring.errors import (
    CallForbidden,
    CredentialsRejected,
    Ec2Failed,
    Ec2Unanswered,
    Ec2Unknown,
)


def answered(code, status=400, operation="CreateTrafficMirrorFilter"):
    """Return the error that boto3 makes of such an answer."""
    return ClientError(
        {
            "Error": {"Code": code, "Message": "AWS says no."},
            "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "req-1"},
        },
        operation,
    )


@pytest.mark.parametrize("kind", ["Target", "Filter", "FilterRule", "Session"])
@pytest.mark.parametrize("spelling", ["{}Id.NotFound", "{}NotFound"])
def test_not_found_is_known_in_both_spellings(kind, spelling):
    """EC2 really says one, and its error page says the other."""
    assert is_unknown(answered("InvalidTrafficMirror" + spelling.format(kind)))


@pytest.mark.parametrize(
    "code",
    [
        "InvalidNetworkInterfaceID.NotFound",
        "InvalidTrafficMirrorTarget",
        "TrafficMirrorTargetInUse",
    ],
)
def test_other_errors_are_not_taken_for_not_found(code):
    """A NIC that doesn't exist will not appear by waiting."""
    assert not is_unknown(answered(code))


@pytest.mark.parametrize(
    "code",
    [
        "TrafficMirrorTargetInUse",
        "TrafficMirrorTargetInUseException",
        "TrafficMirrorFilterInUse",
    ],
)
def test_in_use_is_known_in_both_spellings(code):
    """EC2 really says one, and its error page says the other."""
    assert is_in_use(answered(code))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (answered("UnsupportedOperation"), Ec2Failed),
        (answered("InvalidTrafficMirrorFilterId.NotFound"), Ec2Unknown),
        (answered("RequestLimitExceeded", 503), Ec2Failed),
        (answered("AuthFailure", 401), CredentialsRejected),
        (answered("UnauthorizedOperation", 403), CallForbidden),
        (answered("InternalError", 500), Ec2Unanswered),
        (answered("Unavailable", 503), Ec2Unanswered),
        (ConnectionClosedError(endpoint_url="x"), Ec2Unanswered),
        (ReadTimeoutError(endpoint_url="x"), Ec2Unanswered),
        (EndpointConnectionError(endpoint_url="x"), Ec2Unanswered),
        (NoCredentialsError(), Ec2Failed),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)[:60]),
)
def test_what_may_have_taken_effect_is_told_apart(error, kind):
    """Without an answer nobody knows; a refusal, throttling included, is an answer."""
    with pytest.raises(Ec2Failed) as failure, aws_errors("Making it"):
        raise error

    assert type(failure.value) is kind


@pytest.mark.parametrize(
    ("operation", "permission"),
    [
        ("DescribeInstances", "ec2:DescribeInstances"),
        ("DescribeListeners", "elasticloadbalancing:DescribeListeners"),
        ("AssumeRole", "sts:AssumeRole"),
    ],
)
def test_a_forbidden_call_names_its_permission(operation, permission):
    """The user can put it into a policy as it stands."""
    with pytest.raises(CallForbidden) as failure, aws_errors("Looking"):
        raise answered("UnauthorizedOperation", operation=operation)

    assert failure.value.permission == permission


def test_an_error_has_all_that_helps():
    """What was being done, code, message, request id, and what to do."""
    with pytest.raises(Ec2Failed) as failure, aws_errors("Making it"):
        raise answered("UnauthorizedOperation")

    assert str(failure.value) == (
        "Making it: UnauthorizedOperation: AWS says no. (request id req-1); "
        "allow the credentials of the cloud provider resource to do this"
    )


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (
            EndpointConnectionError(endpoint_url="x"),
            "check the region, and the connection from the execution server to AWS",
        ),
        (
            NoCredentialsError(),
            "give the cloud provider resource keys, or the execution server a role of "
            "its own",
        ),
        (answered("InternalError", 500), "AWS had an internal error: try again later"),
    ],
)
def test_a_call_that_aws_did_not_refuse_says_what_to_do_too(error, advice):
    """No way to AWS, nobody to call as, and a fault of AWS."""
    with pytest.raises(Ec2Failed) as failure, aws_errors("Making it"):
        raise error

    assert str(failure.value).startswith("Making it: ")
    assert str(failure.value).endswith(f"; {advice}")
