"""
Translation of botocore's exceptions to the package's errors.

Owns the table of AWS's error codes, and the advice for each. Must not look at AWS's
prose.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.exceptions import ConnectionError as NotConnected

from traffic_mirroring.aws.redaction import printable_cause, redact
from traffic_mirroring.aws.settings import SERVER
from traffic_mirroring.errors import (
    CallForbidden,
    CredentialsRejected,
    Ec2Failed,
    Ec2Unanswered,
    Ec2Unknown,
)

# EC2 spells some codes differently than its documentation does.
_NOT_FOUND = re.compile(
    r"InvalidTrafficMirror(Target|Filter|FilterRule|Session)(Id)?\.?Not?Found"
)
_IN_USE = re.compile(r"TrafficMirror(Target|Filter)InUse(Exception)?")

_FORBIDDEN = re.compile(r"UnauthorizedOperation|AccessDenied\w*")
_REJECTED = re.compile(
    r"AuthFailure|InvalidClientTokenId|SignatureDoesNotMatch|OptInRequired|"
    r"RequestExpired|ExpiredToken"
)
_CREDENTIAL_ERRORS = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
)
_THROTTLED = re.compile(r"RequestLimitExceeded|\w*Throttl\w*")

_PARAMETERS = re.compile(
    r"(?!InvalidClientTokenId)Invalid\w+(\.\w+)?|\w+(NotFound|Malformed)(Exception)?|"
    r"MissingParameter|Unsupported\w*|TrafficMirror\w+LimitExceeded"
)

_SERVICES = {"AssumeRole": "sts", "DescribeListeners": "elasticloadbalancing"}
"""IAM's prefix for the operations that aren't EC2's."""

_ADVICE = {
    r"TrafficMirror\w*LimitExceeded": "remove mirrors that are not needed any more",
    r"InvalidTrafficMirrorTarget": "start the target's instance first",
    _IN_USE.pattern: "remove the sessions that use it first",
    _FORBIDDEN.pattern: "allow this to the credentials of the cloud provider resource, "
    f"or if it has none, to the role of {SERVER}",
    _REJECTED.pattern: "check the keys of the cloud provider resource, or if it has "
    f"none, the role of {SERVER}, and whether the region is enabled for the account",
    _THROTTLED.pattern: "AWS limits how often the account may call: try again later",
    r"InternalError|InternalFailure|(Service)?Unavailable": "AWS had an internal "
    "error: try again later",
}
_CHECK_CONNECTION = (
    "check the region, and the connection from the execution server to AWS"
)
_NO_CREDENTIALS = f"give the cloud provider resource keys, or a role to {SERVER}"


def is_unknown(error: BaseException) -> bool:
    """Return whether EC2 answered NotFound: not yet known, or deleted."""
    return bool(_NOT_FOUND.fullmatch(_code(error)))


def is_in_use(error: BaseException) -> bool:
    """Return whether a session still uses the resource that was to be deleted."""
    return bool(_IN_USE.fullmatch(_code(error)))


def is_dry_run(error: BaseException) -> bool:
    """Return whether the error says that a dry run would have succeeded."""
    return _code(error) == "DryRunOperation"


def is_parameter_error(error: BaseException) -> bool:
    """Return whether AWS refused a call for its parameters, unknown ids included."""
    return bool(_PARAMETERS.fullmatch(_code(error)))


@contextmanager
def aws_errors(action: str) -> Iterator[None]:
    """
    Translate botocore's exceptions to Ec2Failed, whose message starts with `action`.

    Raises Ec2Unanswered if the call may have taken effect nevertheless. No message and
    no traceback has a key, a token or a signature.
    """
    try:
        yield
    except ClientError as error:
        metadata = error.response["ResponseMetadata"]
        reason = redact(f"{_code(error)}: {error.response['Error'].get('Message', '')}")
        request_id = metadata.get("RequestId", "unknown")
        details = f"{reason} (request id {request_id}){_advice(_code(error))}"
        if _FORBIDDEN.fullmatch(_code(error)):
            raise CallForbidden(
                action, details, _permission(error)
            ) from printable_cause(error)
        raise _kind(error)(action, details) from printable_cause(error)
    except (NotConnected, HTTPClientError) as error:
        # An earlier attempt of the same call may have succeeded.
        raise Ec2Unanswered(
            action, f"{redact(error)}; {_CHECK_CONNECTION}"
        ) from printable_cause(error)
    except _CREDENTIAL_ERRORS as error:
        raise Ec2Failed(
            action, f"{redact(error)}; {_NO_CREDENTIALS}"
        ) from printable_cause(error)
    except BotoCoreError as error:
        raise Ec2Failed(action, redact(error)) from printable_cause(error)


def _kind(error: ClientError) -> type[Ec2Failed]:
    if is_unknown(error):
        return Ec2Unknown
    if _REJECTED.fullmatch(_code(error)):
        return CredentialsRejected
    status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
    if status >= 500 and not _THROTTLED.fullmatch(_code(error)):
        return Ec2Unanswered
    return Ec2Failed


def _permission(error: ClientError) -> str:
    """Return the IAM action that a denied call needs."""
    operation = error.operation_name
    return f"{_SERVICES.get(operation, 'ec2')}:{operation}"


def _advice(code: str) -> str:
    for pattern, advice in _ADVICE.items():
        if re.fullmatch(pattern, code):
            return f"; {advice}"
    return ""


def _code(error: BaseException) -> str:
    if isinstance(error, ClientError):
        return error.response["Error"].get("Code", "")
    return ""
