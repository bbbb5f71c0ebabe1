"""The translation of botocore's exceptions."""

import traceback

import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    CredentialRetrievalError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError

from traffic_mirroring.aws.errors import (
    NotSent,
    aws_errors,
    is_filter_not_found,
    is_in_use,
    is_not_found,
    is_throttling_code,
)
from traffic_mirroring.errors import (
    CallForbidden,
    CredentialsRejected,
    Ec2Failed,
    Ec2NotFound,
    Ec2Unanswered,
)


def refused(code, status=400, operation="CreateTrafficMirrorFilter"):
    """Return the error that boto3 raises for such a response."""
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
    """EC2 sends one spelling; its documentation has the other."""
    assert is_not_found(refused("InvalidTrafficMirror" + spelling.format(kind)))


@pytest.mark.parametrize(
    "code",
    [
        "InvalidNetworkInterfaceID.NotFound",
        "InvalidTrafficMirrorTarget",
        "TrafficMirrorTargetInUse",
    ],
)
def test_other_errors_are_not_taken_for_not_found(code):
    """Retrying doesn't help if a NIC doesn't exist."""
    assert not is_not_found(refused(code))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("InvalidTrafficMirrorFilterId.NotFound", True),
        ("InvalidTrafficMirrorFilterNotFound", True),
        ("InvalidTrafficMirrorTargetId.NotFound", False),
        ("TrafficMirrorFilterInUse", False),
    ],
)
def test_an_unknown_filter_is_told_from_other_unknown_resources(code, expected):
    """A call that names a filter and a target is retried for the filter alone."""
    assert is_filter_not_found(refused(code)) is expected


@pytest.mark.parametrize(
    "code",
    [
        "TrafficMirrorTargetInUse",
        "TrafficMirrorTargetInUseException",
        "TrafficMirrorFilterInUse",
    ],
)
def test_in_use_is_known_in_both_spellings(code):
    """EC2 sends one spelling; its documentation has the other."""
    assert is_in_use(refused(code))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("RequestLimitExceeded", True),
        ("Throttling", True),
        ("ThrottlingException", True),
        ("RequestThrottled", True),
        ("TrafficMirrorSessionsPerInterfaceLimitExceeded", False),
        ("ServiceUnavailable", False),
    ],
)
def test_throttling_is_known_by_the_codes_of_all_services(code, expected):
    """A limit on resources isn't throttling: waiting doesn't help."""
    assert is_throttling_code(code) is expected


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (refused("UnsupportedOperation"), Ec2Failed),
        (refused("InvalidTrafficMirrorFilterId.NotFound"), Ec2NotFound),
        (refused("RequestLimitExceeded", 503), Ec2Failed),
        (refused("AuthFailure", 401), CredentialsRejected),
        (refused("UnauthorizedOperation", 403), CallForbidden),
        (refused("InternalError", 500), Ec2Unanswered),
        (refused("Unavailable", 503), Ec2Unanswered),
        (ConnectionClosedError(endpoint_url="x"), Ec2Unanswered),
        (ReadTimeoutError(endpoint_url="x"), Ec2Unanswered),
        (EndpointConnectionError(endpoint_url="x"), Ec2Unanswered),
        (NoCredentialsError(), Ec2Failed),
        (CredentialRetrievalError(provider="x", error_msg="x"), Ec2Failed),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)[:60]),
)
def test_errors_after_which_the_call_may_have_taken_effect_have_a_class(error, kind):
    """Without a response the effect is unknown; throttling is a response."""
    with pytest.raises(Ec2Failed) as failure, aws_errors("Making it"):
        raise error

    assert type(failure.value) is kind


@pytest.mark.parametrize(
    ("operation", "permission"),
    [
        ("DescribeInstances", "ec2:DescribeInstances"),
        ("DescribeListeners", "elasticloadbalancing:DescribeListeners"),
        ("DescribeTargetHealth", "elasticloadbalancing:DescribeTargetHealth"),
        ("AssumeRole", "sts:AssumeRole"),
    ],
)
def test_a_forbidden_call_names_its_permission(operation, permission):
    """The user can copy it into a policy."""
    with pytest.raises(CallForbidden) as failure, aws_errors("Looking"):
        raise refused("UnauthorizedOperation", operation=operation)

    assert failure.value.permission == permission


def test_an_error_has_action_code_message_request_id_and_advice():
    """In this order."""
    with pytest.raises(Ec2Failed) as failure, aws_errors("Making it"):
        raise refused("UnauthorizedOperation")

    assert str(failure.value) == (
        "Making it: UnauthorizedOperation: AWS says no. (request id req-1); "
        "allow this to the credentials of the cloud provider resource, or if it has "
        "none, to the role of the execution server that 'Execution Server Selector' "
        "chooses"
    )


@pytest.mark.parametrize(
    ("error", "reason", "advice"),
    [
        (
            EndpointConnectionError(endpoint_url="x"),
            'Could not connect to the endpoint URL: "x"',
            "; check the region, and the connection from the execution server to AWS",
        ),
        (
            NotSent(),
            "AWS has not answered any call for about a minute",
            "; check the region, and the connection from the execution server to AWS",
        ),
        (
            NoCredentialsError(),
            "Unable to locate credentials",
            "; give the cloud provider resource keys, or a role to the execution "
            "server that 'Execution Server Selector' chooses",
        ),
        (
            CredentialRetrievalError(provider="x", error_msg="y"),
            "Error when retrieving credentials from x: y",
            "; give the cloud provider resource keys, or a role to the execution "
            "server that 'Execution Server Selector' chooses",
        ),
        (
            refused("InternalError", 500),
            "InternalError: AWS says no. (request id req-1)",
            "; AWS had an internal error: try again later",
        ),
        (BotoCoreError(), "An unspecified error occurred", ""),
    ],
)
def test_errors_without_a_refusal_have_reason_and_advice_too(error, reason, advice):
    """
    No connection, no credentials, and an internal error of AWS or of botocore.

    The log's traceback shows botocore's own error.
    """
    with pytest.raises(Ec2Failed) as failure, aws_errors("Making it"):
        raise error

    assert str(failure.value) == f"Making it: {reason}{advice}"
    assert failure.value.__cause__ is error


def test_what_aws_quotes_of_a_signature_is_shown_nowhere():
    """IncompleteSignature quotes the header, and a traceback has the cause's text."""
    header = "AWS4-HMAC-SHA256 Credential=AKIAOURS/x, SignedHeaders=h, Signature=c0ffee"
    quoted = ClientError(
        {
            "Error": {"Code": "IncompleteSignature", "Message": f"'{header}' is bad"},
            "ResponseMetadata": {"HTTPStatusCode": 400, "RequestId": "req-1"},
        },
        "DescribeTrafficMirrorTargets",
    )

    with pytest.raises(Ec2Failed) as failure, aws_errors("Looking"):
        raise quoted

    printed = "".join(traceback.format_exception(*failure._excinfo))
    assert "IncompleteSignature: '[redacted]' is bad (request id req-1)" in printed
    assert "AKIAOURS" not in printed
    assert "c0ffee" not in printed


def test_an_answer_without_a_code_has_one_in_the_message():
    """A proxy's page, for example; whatever else it lacks is not in the message."""
    error = ClientError({"Error": {}, "ResponseMetadata": {}}, "X")

    with pytest.raises(Ec2Failed, match="Creating x: UnknownCode") as failed:
        raise_translated("Creating x", error)
    assert failed.value.code == "UnknownCode"
    assert failed.value.message == ""
    assert failed.value.request_id == "unknown"


def raise_translated(action, error):
    """Raise an error where AWS's errors are translated."""
    with aws_errors(action):
        raise error


def test_an_answer_that_cannot_be_read_counts_as_lost():
    """The call may have taken effect; the answer may have keys, and isn't shown."""
    answer = "<Credentials>\n<SecretAccessKey>sEcret</SecretAccessKey>"
    with pytest.raises(Ec2Unanswered) as error, aws_errors("Creating it"):
        raise ResponseParserError(f"Unable to parse response (no), invalid:\n{answer}")

    text = "".join(traceback.format_exception(error.type, error.value, error.tb))
    assert str(error.value) == (
        "Creating it: Unable to parse response (no), invalid; check the region, and "
        "the connection from the execution server to AWS"
    )
    assert "sEcret" not in text


def test_texts_of_aws_are_cut_and_printable():
    """Code, message and request id alike."""
    error = ClientError(
        {
            "Error": {"Code": "c\x00", "Message": "m" * 10_000_000},
            "ResponseMetadata": {"HTTPStatusCode": 400, "RequestId": "r\ud800"},
        },
        "CreateTrafficMirrorFilter",
    )
    with pytest.raises(Ec2Failed) as failed, aws_errors("Creating it"):
        raise error

    assert failed.value.code == "c\\x00"
    assert failed.value.request_id == "r\\ud800"
    assert len(str(failed.value)) < 10_100
