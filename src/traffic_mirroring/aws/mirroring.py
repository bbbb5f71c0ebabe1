"""
The calls of traffic mirroring, and the only ones that change anything in EC2.

It decides nothing: what to make or to delete is the conductors' business.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/OperationList-query-mirroring.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from traffic_mirroring.aws.errors import aws_errors, is_in_use, is_unknown
from traffic_mirroring.aws.pages import filters, find_items
from traffic_mirroring.aws.retries import RetryPolicy
from traffic_mirroring.aws.shapes import (
    destination_filter,
    destination_parameter,
    read_filter,
    read_session,
    read_tags,
    read_target,
    rule_parameters,
    session_parameters,
    tag_specifications,
)
from traffic_mirroring.errors import Ec2Unanswered, Ec2Unknown
from traffic_mirroring.models import (
    Destination,
    Filter,
    FilterId,
    FilterRule,
    NetworkService,
    Session,
    SessionId,
    SessionSpec,
    Tags,
    Target,
    TargetId,
)
from traffic_mirroring.tags import RESERVATION_ID

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

Kind = Literal["session", "filter", "target"]


class Ec2Mirroring:
    """
    Traffic mirroring in one account and region, safe between threads.

    Every method raises Ec2Failed. `checkpoint` is called before each call that makes
    something and may raise to stop the command.
    """

    def __init__(
        self,
        client: EC2Client,
        retry_policy: RetryPolicy,
        check_cancelled: Callable[[], None],
    ) -> None:
        self._client = client
        self._retry_policy = retry_policy
        self._check_cancelled = check_cancelled

    def find_targets(self, by: str, values: Iterable[str]) -> list[Target]:
        """Return the targets whose field `by`, as EC2 names it, has such a value."""
        return [read_target(item) for item in self._describe("target", by, values)]

    def find_targets_to(self, destinations: Iterable[Destination]) -> list[Target]:
        """Return the targets on these NICs, balancers and endpoints."""
        wanted = set(destinations)
        found: list[Target] = []
        for by in {destination_filter(each) for each in wanted}:
            here = [each for each in wanted if destination_filter(each) == by]
            found += self.find_targets(by, here) if by else self._targets_among(here)
        return found

    def find_filters(self, by: str, values: Iterable[str]) -> list[Filter]:
        """Return the filters whose field `by`, as EC2 names it, has such a value."""
        return [read_filter(item) for item in self._describe("filter", by, values)]

    def find_sessions(self, by: str, values: Iterable[str]) -> list[Session]:
        """Return the sessions whose field `by`, as EC2 names it, has such a value."""
        return [read_session(item) for item in self._describe("session", by, values)]

    def create_target(self, destination: Destination, tags: Tags) -> TargetId:
        """Make a NIC, balancer or endpoint a traffic mirror target."""
        self._check_cancelled()
        with aws_errors(f"Creating a traffic mirror target on {destination}"):
            answer = self._client.create_traffic_mirror_target(
                **destination_parameter(destination),
                Description=tags["Name"],
                TagSpecifications=tag_specifications("traffic-mirror-target", tags),
            )
        return TargetId(answer["TrafficMirrorTarget"]["TrafficMirrorTargetId"])

    def create_filter(self, tags: Tags) -> FilterId:
        """Create a filter, without rules as yet."""
        self._check_cancelled()
        with aws_errors(f"Creating the traffic mirror filter {tags['Name']}"):
            answer = self._client.create_traffic_mirror_filter(
                Description=tags["Name"],
                TagSpecifications=tag_specifications("traffic-mirror-filter", tags),
            )
        return FilterId(answer["TrafficMirrorFilter"]["TrafficMirrorFilterId"])

    def create_rule(self, filter_id: FilterId, number: int, rule: FilterRule) -> None:
        """Add a rule to a filter; EC2 evaluates rules in the order of their numbers."""
        self._check_cancelled()
        parameters = rule_parameters(rule)
        with aws_errors(f"Creating rule {number} of traffic mirror filter {filter_id}"):
            self._retry_policy.retry(
                is_unknown,
                lambda: self._client.create_traffic_mirror_filter_rule(
                    TrafficMirrorFilterId=filter_id, RuleNumber=number, **parameters
                ),
            )

    def add_services(
        self, filter_id: FilterId, services: Sequence[NetworkService]
    ) -> None:
        """Have a filter let through what its rules can't: traffic to AWS's services."""
        self._check_cancelled()
        with aws_errors(
            f"Adding {', '.join(services)} to traffic mirror filter {filter_id}"
        ):
            self._retry_policy.retry(
                is_unknown,
                lambda: self._client.modify_traffic_mirror_filter_network_services(
                    TrafficMirrorFilterId=filter_id, AddNetworkServices=services
                ),
            )

    def create_session(self, new: SessionSpec, tags: Tags) -> SessionId:
        """Create a session, which mirrors from this moment on."""
        self._check_cancelled()
        with aws_errors(
            f"Creating traffic mirror session {new.number} of "
            f"{new.mirror.source_nic_id}"
        ):
            answer = self._retry_policy.retry(
                is_unknown,
                lambda: self._client.create_traffic_mirror_session(
                    **session_parameters(new),
                    TagSpecifications=tag_specifications(
                        "traffic-mirror-session", tags
                    ),
                ),
            )
        return SessionId(answer["TrafficMirrorSession"]["TrafficMirrorSessionId"])

    def delete_session(
        self, session_id: SessionId, *, just_created: bool = False
    ) -> None:
        """Delete a session; one that is gone is fine, see `_delete` for fresh ones."""
        self._delete("session", session_id, just_created)

    def delete_filter(self, filter_id: FilterId, *, just_created: bool = False) -> None:
        """Delete a filter with its rules; as with sessions."""
        self._delete("filter", filter_id, just_created)

    def delete_target(self, target_id: TargetId, *, just_created: bool = False) -> None:
        """Delete a target; as with sessions."""
        self._delete("target", target_id, just_created)

    def delete_unconfirmed(self, kind: Kind, tags: Tags) -> None:
        """Delete what a create call without answer may have made with these tags."""
        owner = tags[RESERVATION_ID]
        found = self._retry_policy.retry_until_found(
            lambda: [
                item[_id_name(kind)]
                for item in self._describe(kind, "tag:Name", [tags["Name"]])
                if read_tags(item).get(RESERVATION_ID) == owner
            ]
        )
        for lost_id in found:
            self._delete(kind, lost_id, just_created=True)

    def _targets_among(self, destinations: Sequence[Destination]) -> list[Target]:
        """Find targets where EC2 has no filter for it: look through all there are."""
        items = self._items("target", f"to {', '.join(destinations)}")
        targets = [read_target(item) for item in items]
        return [target for target in targets if target.destination in destinations]

    def _delete(self, kind: Kind, thing: str, just_created: bool) -> None:
        """
        Delete, waiting while a use that has just ended still shows.

        A fresh one EC2 may not know yet, so that its absence is not believed at once.
        """
        call = getattr(self._client, f"delete_traffic_mirror_{kind}")

        def is_transient(error: BaseException) -> bool:
            return is_in_use(error) or (just_created and is_unknown(error))

        try:
            with aws_errors(f"Deleting traffic mirror {kind} {thing}"):
                self._retry_policy.retry(
                    is_transient, lambda: call(**{_id_name(kind): thing})
                )
        except Ec2Unknown:
            return
        except Ec2Unanswered:
            if any(self._describe(kind, f"traffic-mirror-{kind}-id", [thing])):
                raise

    def _describe(self, kind: Kind, by: str, values: Iterable[str]) -> Iterator[Any]:
        """Yield all items with such a value; without values there is nothing."""
        for wanted in filters(by, values):
            yield from self._items(kind, f"by {by}", Filters=wanted)

    def _items(self, kind: Kind, which: str, **question: Any) -> Iterator[Any]:
        return find_items(
            self._client,
            f"describe_traffic_mirror_{kind}s",
            f"TrafficMirror{kind.capitalize()}s",
            f"Looking up traffic mirror {kind}s {which}",
            **question,
        )


def _id_name(kind: Kind) -> str:
    return f"TrafficMirror{kind.capitalize()}Id"
