"""
The only EC2 calls, and the only place that speaks AWS's PascalCase.

It decides nothing: what to make or to delete is the conductors' business.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/OperationList-query-mirroring.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal

from .ec2_errors import doing, is_in_use, is_unknown
from .errors import Ec2Unanswered, Ec2Unknown
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
from .patience import Patience
from .tags import RESERVATION_ID

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

Kind = Literal["session", "filter", "target"]

_VALUES_PER_FILTER = 200


class Ec2:
    """
    Traffic mirroring in one account and region, safe between threads.

    Every method raises Ec2Failed. `checkpoint` is called before each call that makes
    something and may raise to stop the command.
    """

    def __init__(
        self, client: EC2Client, patience: Patience, checkpoint: Callable[[], None]
    ) -> None:
        self._client = client
        self._patience = patience
        self._checkpoint = checkpoint

    def find_targets(self, by: str, values: Iterable[str]) -> list[Target]:
        """Return the targets whose field `by`, as EC2 names it, has such a value."""
        return [_target(item) for item in self._describe("target", by, values)]

    def find_filters(self, by: str, values: Iterable[str]) -> list[Filter]:
        """Return the filters whose field `by`, as EC2 names it, has such a value."""
        return [_filter(item) for item in self._describe("filter", by, values)]

    def find_sessions(self, by: str, values: Iterable[str]) -> list[Session]:
        """Return the sessions whose field `by`, as EC2 names it, has such a value."""
        return [_session(item) for item in self._describe("session", by, values)]

    def create_target(self, nic: NicId, tags: Tags) -> TargetId:
        """Make a NIC a traffic mirror target."""
        self._checkpoint()
        with doing(f"Creating a traffic mirror target on {nic}"):
            answer = self._client.create_traffic_mirror_target(
                NetworkInterfaceId=nic,
                Description=tags["Name"],
                TagSpecifications=_specification("traffic-mirror-target", tags),
            )
        return TargetId(answer["TrafficMirrorTarget"]["TrafficMirrorTargetId"])

    def create_filter(self, tags: Tags) -> FilterId:
        """Create a filter, without rules as yet."""
        self._checkpoint()
        with doing(f"Creating the traffic mirror filter {tags['Name']}"):
            answer = self._client.create_traffic_mirror_filter(
                Description=tags["Name"],
                TagSpecifications=_specification("traffic-mirror-filter", tags),
            )
        return FilterId(answer["TrafficMirrorFilter"]["TrafficMirrorFilterId"])

    def create_rule(self, filter_id: FilterId, number: int, rule: FilterRule) -> None:
        """Add a rule to a filter; EC2 evaluates rules in the order of their numbers."""
        self._checkpoint()
        parameters = _rule_parameters(rule)
        with doing(f"Creating rule {number} of traffic mirror filter {filter_id}"):
            self._patience.while_failing(
                is_unknown,
                lambda: self._client.create_traffic_mirror_filter_rule(
                    TrafficMirrorFilterId=filter_id, RuleNumber=number, **parameters
                ),
            )

    def create_session(self, new: NewSession, tags: Tags) -> SessionId:
        """Create a session, which mirrors from this moment on."""
        self._checkpoint()
        with doing(
            f"Creating traffic mirror session {new.number} of {new.source_nic_id}"
        ):
            answer = self._patience.while_failing(
                is_unknown,
                lambda: self._client.create_traffic_mirror_session(
                    NetworkInterfaceId=new.source_nic_id,
                    TrafficMirrorTargetId=new.target_id,
                    TrafficMirrorFilterId=new.filter_id,
                    SessionNumber=new.number,
                    Description=new.description,
                    TagSpecifications=_specification("traffic-mirror-session", tags),
                ),
            )
        return SessionId(answer["TrafficMirrorSession"]["TrafficMirrorSessionId"])

    def delete_session(self, session_id: SessionId, *, fresh: bool = False) -> None:
        """Delete a session; one that is gone is fine, see `_delete` for fresh ones."""
        self._delete("session", session_id, fresh)

    def delete_filter(self, filter_id: FilterId, *, fresh: bool = False) -> None:
        """Delete a filter with its rules; as with sessions."""
        self._delete("filter", filter_id, fresh)

    def delete_target(self, target_id: TargetId, *, fresh: bool = False) -> None:
        """Delete a target; as with sessions."""
        self._delete("target", target_id, fresh)

    def delete_lost(self, kind: Kind, tags: Tags) -> None:
        """Delete what a create call without answer may have made with these tags."""
        owner = tags[RESERVATION_ID]
        found = self._patience.until_found(
            lambda: [
                item[_id_name(kind)]
                for item in self._describe(kind, "tag:Name", [tags["Name"]])
                if _tags(item).get(RESERVATION_ID) == owner
            ]
        )
        for lost_id in found:
            self._delete(kind, lost_id, fresh=True)

    def _delete(self, kind: Kind, thing: str, fresh: bool) -> None:
        """
        Delete, waiting while a use that has just ended still shows.

        A fresh one EC2 may not know yet, so that its absence is not believed at once.
        """
        call = getattr(self._client, f"delete_traffic_mirror_{kind}")

        def passes(error: BaseException) -> bool:
            return is_in_use(error) or (fresh and is_unknown(error))

        try:
            with doing(f"Deleting traffic mirror {kind} {thing}"):
                self._patience.while_failing(
                    passes, lambda: call(**{_id_name(kind): thing})
                )
        except Ec2Unknown:
            return
        except Ec2Unanswered:
            if any(self._describe(kind, f"traffic-mirror-{kind}-id", [thing])):
                raise

    def _describe(self, kind: Kind, by: str, values: Iterable[str]) -> Iterator[Any]:
        """Yield all items of all pages; without values there is nothing to find."""
        paginator = self._client.get_paginator(f"describe_traffic_mirror_{kind}s")  # type: ignore[call-overload]  # each kind has one
        wanted = sorted(set(values))
        with doing(f"Looking up traffic mirror {kind}s by {by}"):
            for start in range(0, len(wanted), _VALUES_PER_FILTER):
                chunk = wanted[start : start + _VALUES_PER_FILTER]
                for page in paginator.paginate(Filters=[{"Name": by, "Values": chunk}]):
                    yield from page[f"TrafficMirror{kind.capitalize()}s"]


def _id_name(kind: Kind) -> str:
    return f"TrafficMirror{kind.capitalize()}Id"


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
