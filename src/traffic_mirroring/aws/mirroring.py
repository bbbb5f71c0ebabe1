"""
The calls of traffic mirroring, the only ones that change anything in EC2.

Owns the names of the operations, the retries while EC2's state is not consistent yet,
and what counts as deleted. Must not know which resources a command needs.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/OperationList-query-mirroring.html
"""

from __future__ import annotations

from collections.abc import (
    Callable,
    Collection,
    Mapping,
    Sequence,
)
from typing import TYPE_CHECKING

from traffic_mirroring.aws.errors import (
    aws_errors,
    is_filter_not_found,
    is_in_use,
    is_not_found,
)
from traffic_mirroring.aws.mirroring_lookups import MirroringLookups
from traffic_mirroring.aws.retries import RetryPolicy
from traffic_mirroring.aws.shapes import (
    NAMES,
    Kind,
    filter_parameters,
    read_session,
    read_tags,
    rule_parameters,
    session_parameters,
    target_parameters,
)
from traffic_mirroring.errors import Ec2InUse, Ec2NotFound, Ec2Unanswered
from traffic_mirroring.models import (
    Destination,
    FilterId,
    FilterRule,
    NetworkService,
    Session,
    SessionId,
    SessionSpec,
    Tags,
    TargetId,
)
from traffic_mirroring.tags import RESERVATION_ID

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


class Ec2Mirroring(MirroringLookups):
    """
    Make the calls of traffic mirroring in one account and region.

    Safe to share between threads. Every method raises Ec2Failed. `check_cancelled` is
    called before each create call and may raise to stop the command.
    """

    def __init__(
        self,
        client: EC2Client,
        retry_policy: RetryPolicy,
        check_cancelled: Callable[[], None],
    ) -> None:
        super().__init__(client)
        self._retry_policy = retry_policy
        self._check_cancelled = check_cancelled
        self._deletes: Mapping[Kind, Callable[..., bool]] = {
            "session": self.delete_session,
            "filter": self.delete_filter,
            "target": self.delete_target,
        }

    def create_target(self, destination: Destination, tags: Tags) -> TargetId:
        """Create a target on a NIC, load balancer or endpoint."""
        self._check_cancelled()
        with aws_errors(f"Creating a traffic mirror target on {destination}"):
            response = self._client.create_traffic_mirror_target(
                **target_parameters(destination, tags)
            )
        return TargetId(response["TrafficMirrorTarget"]["TrafficMirrorTargetId"])

    def create_filter(self, tags: Tags) -> FilterId:
        """Create a filter without rules."""
        self._check_cancelled()
        with aws_errors(f"Creating the traffic mirror filter {tags['Name']}"):
            response = self._client.create_traffic_mirror_filter(
                **filter_parameters(tags)
            )
        return FilterId(response["TrafficMirrorFilter"]["TrafficMirrorFilterId"])

    def create_rule(
        self, filter_id: FilterId, number: int, rule: FilterRule, tags: Tags
    ) -> None:
        """Add a rule to a filter; EC2 evaluates rules in the order of their numbers."""
        self._check_cancelled()
        parameters = rule_parameters(filter_id, number, rule, tags)
        with aws_errors(f"Creating rule {number} of traffic mirror filter {filter_id}"):
            self._retry_policy.retry(
                is_not_found,
                lambda: self._client.create_traffic_mirror_filter_rule(**parameters),
            )

    def add_services(
        self, filter_id: FilterId, services: Sequence[NetworkService]
    ) -> None:
        """Mirror traffic to AWS services (DNS), whatever the rules say."""
        self._check_cancelled()
        with aws_errors(
            f"Adding {', '.join(services)} to traffic mirror filter {filter_id}"
        ):
            self._retry_policy.retry(
                is_not_found,
                lambda: self._client.modify_traffic_mirror_filter_network_services(
                    TrafficMirrorFilterId=filter_id, AddNetworkServices=services
                ),
            )

    def create_session(self, new: SessionSpec, tags: Tags) -> Session:
        """
        Create a session on a new filter; mirroring starts at once.

        NotFound is retried for the filter, which EC2 may not know yet, and raised as
        Ec2NotFound for the target.
        """
        self._check_cancelled()
        parameters = session_parameters(new, tags)
        with aws_errors(
            f"Creating traffic mirror session {new.number} of "
            f"{new.mirror.source_nic_id}"
        ):
            response = self._retry_policy.retry(
                is_filter_not_found,
                lambda: self._client.create_traffic_mirror_session(**parameters),
            )
        return read_session(response["TrafficMirrorSession"])

    def delete_session(
        self, session_id: SessionId, *, just_created: bool = False
    ) -> bool:
        """
        Delete a session; return whether this call deleted it or it was gone already.

        With `just_created`, NotFound is retried first: EC2 may not know a new id yet.
        """
        return self._delete(
            "session",
            session_id,
            lambda: self._client.delete_traffic_mirror_session(
                TrafficMirrorSessionId=session_id
            ),
            just_created,
        )

    def delete_filter(
        self,
        filter_id: FilterId,
        *,
        just_created: bool = False,
        deleted: Collection[SessionId] = (),
    ) -> bool:
        """
        Delete a filter with its rules, as `delete_session` does with sessions.

        Raises Ec2InUse if a session uses it, other than the `deleted` ones, which EC2
        may still list; retries if EC2 reports it in use but lists no such session.
        """
        return self._delete(
            "filter",
            filter_id,
            lambda: self._client.delete_traffic_mirror_filter(
                TrafficMirrorFilterId=filter_id
            ),
            just_created,
            deleted,
        )

    def delete_target(
        self,
        target_id: TargetId,
        *,
        just_created: bool = False,
        deleted: Collection[SessionId] = (),
    ) -> bool:
        """Delete a target, as `delete_filter` does with filters."""
        return self._delete(
            "target",
            target_id,
            lambda: self._client.delete_traffic_mirror_target(
                TrafficMirrorTargetId=target_id
            ),
            just_created,
            deleted,
        )

    def delete_unconfirmed(self, kind: Kind, tags: Tags) -> None:
        """
        Delete what a create call that got no response may have created.

        The resource is identified by its name and reservation id in `tags`.
        """
        owner = tags[RESERVATION_ID]
        id_key = NAMES[kind].id_key
        found = self._retry_policy.retry_until_found(
            lambda: [
                item[id_key]
                for item in self.find_items(kind, "tag:Name", [tags["Name"]])
                if read_tags(item).get(RESERVATION_ID) == owner
            ]
        )
        for resource_id in found:
            self._deletes[kind](resource_id, just_created=True)

    def _delete(
        self,
        kind: Kind,
        resource_id: str,
        call: Callable[[], object],
        just_created: bool,
        deleted: Collection[SessionId] = (),
    ) -> bool:
        users: list[Session] = []

        def is_listed() -> bool:
            return any(self.find_items(kind, NAMES[kind].id_filter, [resource_id]))

        def is_transient(error: BaseException) -> bool:
            if is_in_use(error):
                found = self.find_sessions(NAMES[kind].id_filter, [resource_id])
                users[:] = [session for session in found if session.id not in deleted]
                return not users
            # EC2 may list a new resource before other requests know its id.
            return is_not_found(error) and (just_created or is_listed())

        try:
            with aws_errors(f"Deleting traffic mirror {kind} {resource_id}"):
                self._retry_policy.retry(is_transient, call)
        except Ec2NotFound:
            return False
        except Ec2InUse as error:
            error.users = tuple(users)
            raise
        except Ec2Unanswered:
            if is_listed():
                raise
        return True
