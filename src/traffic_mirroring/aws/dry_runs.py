"""
Dry runs of the calls that create a mirror: EC2 checks them and changes nothing.

Owns what EC2's answers prove. Must not know which calls a command needs.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html#DryRun
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from traffic_mirroring.aws.errors import aws_errors, is_dry_run, is_id_error
from traffic_mirroring.aws.shapes import (
    filter_parameters,
    rule_parameters,
    session_parameters,
    target_parameters,
)
from traffic_mirroring.models import (
    Destination,
    FilterId,
    FilterRule,
    NetworkService,
    SessionSpec,
    Tags,
    TargetId,
)

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

_NONE = "0" * 17
NO_TARGET, NO_FILTER = TargetId(f"tmt-{_NONE}"), FilterId(f"tmf-{_NONE}")
"""The ids in dry runs of calls that need a resource not yet created."""


class DryRuns:
    """
    Dry runs in one account and region, each named as the real call's errors name it.

    Safe to share between threads. Every method raises Ec2Failed if EC2 would refuse the
    call: CallForbidden if a permission is missing. If a call names NO_TARGET or
    NO_FILTER, an answer about its ids proves nothing and is ignored.
    `check_cancelled` is called before each call and may raise to stop the command.
    """

    def __init__(self, client: EC2Client, check_cancelled: Callable[[], None]) -> None:
        self._client = client
        self._check_cancelled = check_cancelled

    def create_target(self, destination: Destination, tags: Tags) -> None:
        """Try to create a target."""
        self._try(
            f"Creating a traffic mirror target on {destination}",
            self._client.create_traffic_mirror_target,
            target_parameters(destination, tags),
        )

    def create_filter(self, tags: Tags) -> None:
        """Try to create a filter."""
        self._try(
            f"Creating the traffic mirror filter {tags['Name']}",
            self._client.create_traffic_mirror_filter,
            filter_parameters(tags),
        )

    def create_rule(self, number: int, rule: FilterRule, tags: Tags) -> None:
        """Try to add a rule to a filter that does not exist yet."""
        self._try(
            f"Creating rule {number} of a new traffic mirror filter",
            self._client.create_traffic_mirror_filter_rule,
            rule_parameters(NO_FILTER, number, rule, tags),
        )

    def add_services(self, services: Sequence[NetworkService]) -> None:
        """Try to add AWS services to a filter that does not exist yet."""
        self._try(
            f"Adding {', '.join(services)} to a new traffic mirror filter",
            self._client.modify_traffic_mirror_filter_network_services,
            {"TrafficMirrorFilterId": NO_FILTER, "AddNetworkServices": services},
        )

    def create_session(self, new: SessionSpec, tags: Tags) -> None:
        """Try to create a session on a filter that does not exist yet."""
        self._try(
            f"Creating traffic mirror session {new.number} of "
            f"{new.mirror.source_nic_id}",
            self._client.create_traffic_mirror_session,
            session_parameters(new, tags),
        )

    def _try(
        self, action: str, call: Callable[..., object], parameters: dict[str, Any]
    ) -> None:
        self._check_cancelled()
        unknown_ids = not {NO_TARGET, NO_FILTER}.isdisjoint(
            value for value in parameters.values() if isinstance(value, str)
        )
        with aws_errors(action):
            try:
                call(**parameters, DryRun=True)
            except ClientError as error:
                if not (is_dry_run(error) or (unknown_ids and is_id_error(error))):
                    raise
