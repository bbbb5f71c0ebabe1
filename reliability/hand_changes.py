"""
What people change in the AWS console.

Owns: changes and deletions of what a session consists of. Must not know: CloudShell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

Session = Mapping[str, Any]
Change = Callable[["EC2Client", Session], None]


def delete_session(client: EC2Client, session: Session) -> None:
    """Delete the session."""
    client.delete_traffic_mirror_session(
        TrafficMirrorSessionId=session["TrafficMirrorSessionId"]
    )


def delete_all(client: EC2Client, session: Session) -> None:
    """Delete the session, its filter and its target, so all that names its number."""
    delete_session(client, session)
    client.delete_traffic_mirror_filter(
        TrafficMirrorFilterId=session["TrafficMirrorFilterId"]
    )
    client.delete_traffic_mirror_target(
        TrafficMirrorTargetId=session["TrafficMirrorTargetId"]
    )


def shorten_packets(client: EC2Client, session: Session) -> None:
    """Change the session's packet length."""
    client.modify_traffic_mirror_session(
        TrafficMirrorSessionId=session["TrafficMirrorSessionId"], PacketLength=64
    )


def delete_rule(client: EC2Client, session: Session) -> None:
    """Delete the first rule of the session's filter."""
    (found,) = client.describe_traffic_mirror_filters(
        TrafficMirrorFilterIds=[session["TrafficMirrorFilterId"]]
    )["TrafficMirrorFilters"]
    for rule in [*found["IngressFilterRules"], *found["EgressFilterRules"]][:1]:
        client.delete_traffic_mirror_filter_rule(
            TrafficMirrorFilterRuleId=rule["TrafficMirrorFilterRuleId"]
        )


CHANGES: tuple[Change, ...] = (
    delete_session,
    delete_all,
    shorten_packets,
    delete_rule,
)


def change_by_hand(client: EC2Client, change: Change, session: Session) -> None:
    """Make a change, unless EC2 refuses it or does not answer."""
    with suppress(ClientError, BotoCoreError):
        change(client, session)
