"""
The only EC2 calls, and the only place that speaks AWS's PascalCase.

Errors are told apart here, by code, once. It decides nothing: what to make or to
delete is the conductors' business.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/OperationList-query-mirroring.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from retrying import Retrying

from .errors import Ec2Failed
from .models import (
    Filter,
    FilterId,
    FilterRule,
    NewSession,
    NicId,
    PortRange,
    Session,
    SessionId,
    Tags,
    Target,
    TargetId,
)

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

T = TypeVar("T")

# As EC2 really spells the codes, and as its error page does.
_NOT_FOUND = re.compile(
    r"InvalidTrafficMirror(Target|Filter|FilterRule|Session)(Id)?\.?No[t]?Found"
)
_IN_USE = re.compile(r"TrafficMirror(Target|Filter)InUse")

_VALUES_PER_FILTER = 200


class Ec2:
    """
    Traffic mirroring in one account and region.

    Every method raises Ec2Failed. `checkpoint` is called before each call that makes
    something and may raise to stop the command.
    """

    def __init__(self, client: EC2Client, checkpoint: Callable[[], None]) -> None:
        self._client = client
        self._checkpoint = checkpoint

    def find_targets(self, by: str, values: Iterable[str]) -> list[Target]:
        """Return the targets whose field `by`, as EC2 names it, has such a value."""
        return [_target(item) for item in self._describe("targets", by, values)]

    def find_filters(self, by: str, values: Iterable[str]) -> list[Filter]:
        """Return the filters whose field `by`, as EC2 names it, has such a value."""
        return [_filter(item) for item in self._describe("filters", by, values)]

    def find_sessions(self, by: str, values: Iterable[str]) -> list[Session]:
        """Return the sessions whose field `by`, as EC2 names it, has such a value."""
        return [_session(item) for item in self._describe("sessions", by, values)]

    def create_target(self, nic: NicId, tags: Tags) -> TargetId:
        """Make a NIC a traffic mirror target."""
        self._checkpoint()
        with _doing(f"Creating a traffic mirror target on {nic}"):
            answer = self._client.create_traffic_mirror_target(
                NetworkInterfaceId=nic,
                Description=tags["Name"],
                TagSpecifications=_specification("traffic-mirror-target", tags),
            )
        return TargetId(answer["TrafficMirrorTarget"]["TrafficMirrorTargetId"])

    def create_filter(self, tags: Tags) -> FilterId:
        """Create a filter, without rules as yet."""
        self._checkpoint()
        with _doing(f"Creating the traffic mirror filter {tags['Name']}"):
            answer = self._client.create_traffic_mirror_filter(
                Description=tags["Name"],
                TagSpecifications=_specification("traffic-mirror-filter", tags),
            )
        return FilterId(answer["TrafficMirrorFilter"]["TrafficMirrorFilterId"])

    def create_rule(self, filter_id: FilterId, number: int, rule: FilterRule) -> None:
        """Add a rule to a filter; EC2 evaluates rules in the order of their numbers."""
        self._checkpoint()
        parameters = _rule_parameters(rule)
        with _doing(f"Creating rule {number} of traffic mirror filter {filter_id}"):
            _until_known(
                lambda: self._client.create_traffic_mirror_filter_rule(
                    TrafficMirrorFilterId=filter_id, RuleNumber=number, **parameters
                )
            )

    def create_session(self, new: NewSession, tags: Tags) -> SessionId:
        """Create a session, which mirrors from this moment on."""
        self._checkpoint()
        with _doing(
            f"Creating traffic mirror session {new.number} of {new.source_nic_id}"
        ):
            answer = _until_known(
                lambda: self._client.create_traffic_mirror_session(
                    NetworkInterfaceId=new.source_nic_id,
                    TrafficMirrorTargetId=new.target_id,
                    TrafficMirrorFilterId=new.filter_id,
                    SessionNumber=new.number,
                    Description=new.description,
                    TagSpecifications=_specification("traffic-mirror-session", tags),
                )
            )
        return SessionId(answer["TrafficMirrorSession"]["TrafficMirrorSessionId"])

    def delete_session(self, session_id: SessionId) -> None:
        """Delete a session; one that is gone is fine."""
        with _doing(f"Deleting traffic mirror session {session_id}"):
            _until_gone(
                lambda: self._client.delete_traffic_mirror_session(
                    TrafficMirrorSessionId=session_id
                )
            )

    def delete_filter(self, filter_id: FilterId) -> None:
        """Delete a filter with its rules; one that is gone is fine."""
        with _doing(f"Deleting traffic mirror filter {filter_id}"):
            _until_gone(
                lambda: self._client.delete_traffic_mirror_filter(
                    TrafficMirrorFilterId=filter_id
                )
            )

    def delete_target(self, target_id: TargetId) -> None:
        """Delete a target; one that is gone is fine."""
        with _doing(f"Deleting traffic mirror target {target_id}"):
            _until_gone(
                lambda: self._client.delete_traffic_mirror_target(
                    TrafficMirrorTargetId=target_id
                )
            )

    def _describe(self, kind: str, by: str, values: Iterable[str]) -> Iterator[Any]:
        """Yield all items of all pages; without values there is nothing to find."""
        paginator = self._client.get_paginator(f"describe_traffic_mirror_{kind}")  # type: ignore[call-overload]  # the three kinds have one each
        wanted = sorted(set(values))
        with _doing(f"Looking up traffic mirror {kind} by {by}"):
            for start in range(0, len(wanted), _VALUES_PER_FILTER):
                chunk = wanted[start : start + _VALUES_PER_FILTER]
                for page in paginator.paginate(Filters=[{"Name": by, "Values": chunk}]):
                    yield from page[f"TrafficMirror{kind.capitalize()}"]


@contextmanager
def _doing(what: str) -> Iterator[None]:
    """Turn what boto3 raises into Ec2Failed, saying what was being done."""
    try:
        yield
    except ClientError as error:
        answer = error.response
        request_id = answer.get("ResponseMetadata", {}).get("RequestId", "")
        message = answer.get("Error", {}).get("Message", "")
        raise Ec2Failed(what, _code(error), message, request_id) from error
    except BotoCoreError as error:
        raise Ec2Failed(what, "", str(error), "") from error


def _until_known(call: Callable[[], T]) -> T:
    """Repeat a call that names an id which EC2 returned but may not know yet."""
    return _patiently(_NOT_FOUND, call)


def _until_gone(delete: Callable[[], object]) -> None:
    """Delete, repeating while a use that has just ended still shows."""
    try:
        _patiently(_IN_USE, delete)
    except ClientError as error:
        if not _NOT_FOUND.fullmatch(_code(error)):
            raise


def _patiently(passing: re.Pattern[str], call: Callable[[], T]) -> T:
    def passes(error: BaseException) -> bool:
        return isinstance(error, ClientError) and bool(passing.match(_code(error)))

    retrying = Retrying(
        retry_on_exception=passes,
        wait_exponential_multiplier=250,
        wait_exponential_max=4_000,
        stop_max_attempt_number=6,
    )
    result: T = retrying.call(call)
    return result


def _code(error: ClientError) -> str:
    return error.response.get("Error", {}).get("Code", "")


def _specification(resource_type: str, tags: Tags) -> Any:
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    return [{"ResourceType": resource_type, "Tags": pairs}]


def _rule_parameters(rule: FilterRule) -> Any:
    parameters = {
        "TrafficDirection": rule.direction,
        "RuleAction": "accept",
        "Protocol": rule.protocol,
        "SourceCidrBlock": rule.source_cidr,
        "DestinationCidrBlock": rule.destination_cidr,
        "SourcePortRange": _port_range(rule.source_ports),
        "DestinationPortRange": _port_range(rule.destination_ports),
    }
    return {name: value for name, value in parameters.items() if value is not None}


def _port_range(ports: PortRange | None) -> dict[str, int] | None:
    return {"FromPort": ports.first, "ToPort": ports.last} if ports else None


def _tags(item: Any) -> Tags:
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", ())}


def _target(item: Any) -> Target:
    return Target(
        item["TrafficMirrorTargetId"], item.get("NetworkInterfaceId"), _tags(item)
    )


def _filter(item: Any) -> Filter:
    return Filter(item["TrafficMirrorFilterId"], _tags(item))


def _session(item: Any) -> Session:
    return Session(
        item["TrafficMirrorSessionId"],
        item["NetworkInterfaceId"],
        item["TrafficMirrorTargetId"],
        item["TrafficMirrorFilterId"],
        item["SessionNumber"],
        _tags(item),
    )
