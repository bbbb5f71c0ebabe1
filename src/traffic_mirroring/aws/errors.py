"""
What EC2's errors mean: told apart by code, translated once, with what helps.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    NoCredentialsError,
)
from botocore.exceptions import ConnectionError as NotConnected

from traffic_mirroring.errors import (
    CallForbidden,
    CredentialsRejected,
    Ec2Failed,
    Ec2Unanswered,
    Ec2Unknown,
)

# As EC2 really spells the codes, and as its error page does.
_NOT_FOUND = re.compile(
    r"InvalidTrafficMirror(Target|Filter|FilterRule|Session)(Id)?\.?Not?Found"
)
_IN_USE = re.compile(r"TrafficMirror(Target|Filter)InUse(Exception)?")

_FORBIDDEN = re.compile(r"UnauthorizedOperation|AccessDenied\w*")
_REJECTED = re.compile(
    r"AuthFailure|InvalidClientTokenId|SignatureDoesNotMatch|OptInRequired|"
    r"RequestExpired|ExpiredToken"
)
_THROTTLED = re.compile(r"RequestLimitExceeded|\w*Throttl\w*")

_SERVICES = {"AssumeRole": "sts", "DescribeListeners": "elasticloadbalancing"}
"""IAM's word for the service of the few operations that aren't EC2's."""

_ADVICE = {
    r"TrafficMirror\w*LimitExceeded": "remove mirrors that are not needed any more",
    r"InvalidTrafficMirrorTarget": "start the target's instance first",
    _IN_USE.pattern: "remove the sessions that use it first",
    _FORBIDDEN.pattern: "allow the credentials of the cloud provider resource to do "
    "this",
    _REJECTED.pattern: "check the keys of the cloud provider resource, and whether its "
    "region is enabled for the account",
    _THROTTLED.pattern: "AWS limits how often the account may call: try again later",
    r"InternalError|InternalFailure|(Service)?Unavailable": "AWS has a fault: try "
    "again later",
}
_CHECK_CONNECTION = "check the region, and the way from the execution server to AWS"
_NO_CREDENTIALS = (
    "give the cloud provider resource keys, or the execution server a role of its own"
)


def is_unknown(error: BaseException) -> bool:
    """Tell whether EC2 doesn't know the id: not yet, or not any more."""
    return bool(_NOT_FOUND.fullmatch(_code(error)))


def is_in_use(error: BaseException) -> bool:
    """Tell whether a session still uses what was to be deleted."""
    return bool(_IN_USE.fullmatch(_code(error)))


@contextmanager
def aws_errors(what: str) -> Iterator[None]:
    """
    Turn what boto3 raises into Ec2Failed, saying what was being done.

    It is Ec2Unanswered where the call may have taken effect all the same.
    """
    try:
        yield
    except ClientError as error:
        answer = error.response["ResponseMetadata"]
        reason = f"{_code(error)}: {error.response['Error'].get('Message', '')}"
        request_id = answer.get("RequestId", "unknown")
        details = f"{reason} (request id {request_id}){_advice(_code(error))}"
        if _FORBIDDEN.fullmatch(_code(error)):
            raise CallForbidden(what, details, _permission(error)) from error
        raise _kind(error)(what, details) from error
    except (NotConnected, HTTPClientError) as error:
        # Refused now, perhaps, but an attempt before may have got through.
        raise Ec2Unanswered(what, f"{error}; {_CHECK_CONNECTION}") from error
    except NoCredentialsError as error:
        raise Ec2Failed(what, f"{error}; {_NO_CREDENTIALS}") from error
    except BotoCoreError as error:
        raise Ec2Failed(what, error) from error


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
    """Return the permission that a refused call needs."""
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
