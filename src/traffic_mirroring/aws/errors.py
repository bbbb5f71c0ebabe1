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
from botocore.parsers import ResponseParserError

from traffic_mirroring.aws.redaction import printable_cause, redact
from traffic_mirroring.aws.settings import SERVER
from traffic_mirroring.errors import (
    CallForbidden,
    CredentialsRejected,
    Ec2Conflict,
    Ec2Failed,
    Ec2InUse,
    Ec2NotFound,
    Ec2Unanswered,
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
# Not documented: what EC2 answers if a session number is in use, or a NIC has a target.
_CONFLICT = re.compile(
    r"InvalidParameter(Value)?|InvalidInput|[\w.]*(InUse|AlreadyExists|Duplicate)\w*"
)

_KINDS: tuple[tuple[re.Pattern[str], type[Ec2Failed]], ...] = (
    (_NOT_FOUND, Ec2NotFound),
    (_IN_USE, Ec2InUse),
    (_FORBIDDEN, CallForbidden),
    (_REJECTED, CredentialsRejected),
    (_THROTTLED, Ec2Failed),
    (_CONFLICT, Ec2Conflict),
)

_PARAMETERS = re.compile(
    r"(?!InvalidClientTokenId)Invalid\w+(\.\w+)?|\w+(NotFound|Malformed)(Exception)?|"
    r"MissingParameter|Unsupported\w*|TrafficMirror\w+LimitExceeded"
)

_BAD_ID = re.compile(
    r"InvalidTrafficMirror(Target|Filter)(Id)?\.?Malformed|InvalidParameter(Value)?|"
    r"InvalidInput"
)

_SERVICES = {
    "AssumeRole": "sts",
    "DescribeListeners": "elasticloadbalancing",
    "DescribeTargetHealth": "elasticloadbalancing",
    "GetMetricData": "cloudwatch",
}
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
UNCONFIRMED = "Unconfirmed"
"""Marks the metadata of a throttled answer if an earlier attempt got no answer."""

_NO_CREDENTIALS = f"give the cloud provider resource keys, or a role to {SERVER}"


class NotSent(BotoCoreError):
    """A call was not sent, because the service has not answered for a while."""

    fmt = "AWS has not answered any call for about a minute"


def is_throttling_code(code: str) -> bool:
    """Return whether AWS has throttled a call; then it had no effect."""
    return bool(_THROTTLED.fullmatch(code))


def is_not_found(error: BaseException) -> bool:
    """Return whether EC2 answered NotFound: not yet known, or deleted."""
    return bool(_NOT_FOUND.fullmatch(_code(error)))


def is_filter_not_found(error: BaseException) -> bool:
    """Return whether EC2 answered that it does not know a filter."""
    return is_not_found(error) and "TrafficMirrorFilter" in _code(error)


def is_in_use(error: BaseException) -> bool:
    """Return whether a session still uses the resource that was to be deleted."""
    return bool(_IN_USE.fullmatch(_code(error)))


def is_dry_run(error: BaseException) -> bool:
    """Return whether the error says that a dry run would have succeeded."""
    return _code(error) == "DryRunOperation"


def is_parameter_error(error: BaseException) -> bool:
    """Return whether AWS refused a call for its parameters, unknown ids included."""
    return bool(_PARAMETERS.fullmatch(_code(error)))


def is_id_error(error: BaseException) -> bool:
    """Return whether EC2 refused the id of a target or filter, or any value."""
    return bool(_NOT_FOUND.fullmatch(_code(error)) or _BAD_ID.fullmatch(_code(error)))


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
        raise _translated(action, error) from printable_cause(error)
    except (NotConnected, HTTPClientError) as error:
        # An earlier attempt of the same call may have succeeded.
        raise Ec2Unanswered(
            action, redact(error), advice=_CHECK_CONNECTION
        ) from printable_cause(error)
    except ResponseParserError as error:
        # The rest of its text is the whole answer, perhaps with a role's keys.
        reason = redact(str(error).partition("\n")[0].removesuffix(":"))
        raise Ec2Unanswered(action, reason, advice=_CHECK_CONNECTION) from None
    except _CREDENTIAL_ERRORS as error:
        raise Ec2Failed(
            action, redact(error), advice=_NO_CREDENTIALS
        ) from printable_cause(error)
    except NotSent as error:
        raise Ec2Failed(action, str(error), advice=_CHECK_CONNECTION) from error
    except BotoCoreError as error:
        raise Ec2Failed(action, redact(error)) from printable_cause(error)


def _translated(action: str, error: ClientError) -> Ec2Failed:
    code = _code(error)
    translated = _kind(error)(
        action,
        redact(error.response["Error"].get("Message", "")),
        code=redact(code) or "UnknownCode",
        request_id=redact(
            error.response["ResponseMetadata"].get("RequestId", "unknown")
        ),
        advice=_advice(code),
    )
    if isinstance(translated, CallForbidden):
        translated.permission = _permission(error)
    return translated


def _kind(error: ClientError) -> type[Ec2Failed]:
    code = _code(error)
    if error.response["ResponseMetadata"].get(UNCONFIRMED):
        return Ec2Unanswered
    for pattern, kind in _KINDS:
        if pattern.fullmatch(code):
            return kind
    status = error.response["ResponseMetadata"].get("HTTPStatusCode", 0)
    return Ec2Unanswered if status >= 500 else Ec2Failed


def _permission(error: ClientError) -> str:
    """Return the IAM action that a denied call needs."""
    operation = error.operation_name
    return f"{_SERVICES.get(operation, 'ec2')}:{operation}"


def _advice(code: str) -> str | None:
    for pattern, advice in _ADVICE.items():
        if re.fullmatch(pattern, code):
            return advice
    return None


def _code(error: BaseException) -> str:
    if isinstance(error, ClientError):
        return error.response["Error"].get("Code", "")
    return ""
