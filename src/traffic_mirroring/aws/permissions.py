"""
Which of AWS's permissions the credentials have, asked of AWS itself.

Reading calls are made, writing ones are dry runs on what doesn't exist. A permission
is missing if AWS says so; any other answer comes from behind the check.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from botocore import xform_name

from traffic_mirroring import tags
from traffic_mirroring.aws.clients import AwsClients
from traffic_mirroring.aws.errors import aws_errors
from traffic_mirroring.aws.shapes import tag_specifications
from traffic_mirroring.errors import (
    CallForbidden,
    CredentialsRejected,
    Ec2Failed,
    Ec2Unanswered,
)
from traffic_mirroring.models import Destination, Sandbox
from traffic_mirroring.workers import Workers

_NONE = "0" * 17
_NIC, _TARGET, _FILTER = f"eni-{_NONE}", f"tmt-{_NONE}", f"tmf-{_NONE}"
_OWN_TAGS = tags.target_tags(Sandbox("none", "", "", ""), Destination(_NIC))

_LISTENERS = "elasticloadbalancing:DescribeListeners"
_CREATE_TAGS = "ec2:CreateTags"

_READS: dict[str, dict[str, Any]] = {
    "DescribeTrafficMirrorTargets": {"MaxResults": 5},
    "DescribeTrafficMirrorFilters": {"MaxResults": 5},
    "DescribeTrafficMirrorSessions": {"MaxResults": 5},
}
_CREATES: dict[str, dict[str, Any]] = {
    "target": {"NetworkInterfaceId": _NIC},
    "filter": {},
    "session": {
        "NetworkInterfaceId": _NIC,
        "TrafficMirrorTargetId": _TARGET,
        "TrafficMirrorFilterId": _FILTER,
        "SessionNumber": 1,
    },
}
_WRITES: dict[str, dict[str, Any]] = {
    "CreateTrafficMirrorFilterRule": {
        "TrafficMirrorFilterId": _FILTER,
        "TrafficDirection": "ingress",
        "RuleNumber": 1,
        "RuleAction": "accept",
        "SourceCidrBlock": "0.0.0.0/0",
        "DestinationCidrBlock": "0.0.0.0/0",
    },
    "DeleteTrafficMirrorTarget": {"TrafficMirrorTargetId": _TARGET},
    "DeleteTrafficMirrorFilter": {"TrafficMirrorFilterId": _FILTER},
    "DeleteTrafficMirrorSession": {"TrafficMirrorSessionId": f"tms-{_NONE}"},
}
_OPTIONAL_READS: dict[str, dict[str, Any]] = {
    "DescribeNetworkInterfaces": {"MaxResults": 5},
    "DescribeInstances": {"MaxResults": 5},
    "DescribeInstanceTypes": {"InstanceTypes": ["t3.micro"]},
    "DescribeSecurityGroups": {"MaxResults": 5},
    "DescribeVpcPeeringConnections": {"MaxResults": 5},
    "GetManagedPrefixListEntries": {"PrefixListId": f"pl-{_NONE}"},
}
_OPTIONAL_WRITES: dict[str, dict[str, Any]] = {
    "ModifyTrafficMirrorFilterNetworkServices": {
        "TrafficMirrorFilterId": _FILTER,
        "AddNetworkServices": ["amazon-dns"],
    },
}


@dataclass(frozen=True)
class Missing:
    """
    The permissions that the credentials lack, by IAM's names.

    Without the optional ones the commands work, with warnings or fields missing.
    """

    needed: list[str]
    optional: list[str]


class Permissions:
    """Asks in one account and region, many things at once."""

    def __init__(self, aws: AwsClients, workers: Workers) -> None:
        self._aws = aws
        self._workers = workers

    def find_missing(self) -> Missing:
        """Return what is missing; raises Ec2Failed where EC2 doesn't answer."""
        needed = self._missing(
            [
                *(partial(self._lacks, *read) for read in _READS.items()),
                *(partial(self._lacks_write, *write) for write in _WRITES.items()),
                *(partial(self._lacks_create, *create) for create in _CREATES.items()),
            ]
        )
        if all(f"ec2:{_create(kind)}" in needed for kind in _CREATES):
            needed.append(
                f"{_CREATE_TAGS} (can't be checked without the creating ones)"
            )
        optional = self._missing(
            [
                *(partial(self._lacks, *read) for read in _OPTIONAL_READS.items()),
                *(partial(self._lacks_write, *one) for one in _OPTIONAL_WRITES.items()),
                self._lacks_listeners,
            ]
        )
        return Missing(needed, optional)

    def _missing(self, checks: Iterable[Callable[[], list[str]]]) -> list[str]:
        found = self._workers.gather(*checks)
        return sorted(set(chain.from_iterable(found)))

    def _lacks(self, operation: str, parameters: dict[str, Any]) -> list[str]:
        call = getattr(self._aws.ec2, xform_name(operation))
        name = f"ec2:{operation}"
        return [name] if _is_refused(name, lambda: call(**parameters)) else []

    def _lacks_write(self, operation: str, parameters: dict[str, Any]) -> list[str]:
        return self._lacks(operation, {**parameters, "DryRun": True})

    def _lacks_create(self, kind: str, parameters: dict[str, Any]) -> list[str]:
        """Tell a refusal to create from one to tag, as creating alone is allowed."""
        tagging = tag_specifications(f"traffic-mirror-{kind}", _OWN_TAGS)
        tagged = {**parameters, "TagSpecifications": tagging}
        if not self._lacks_write(_create(kind), tagged):
            return []
        return self._lacks_write(_create(kind), parameters) or [_CREATE_TAGS]

    def _lacks_listeners(self) -> list[str]:
        arn = (
            f"arn:aws:elasticloadbalancing:{self._aws.ec2.meta.region_name}:"
            "000000000000:loadbalancer/net/none/0000000000000000"
        )
        balancers = self._aws.load_balancing
        refused = _is_refused(
            _LISTENERS, lambda: balancers.describe_listeners(LoadBalancerArn=arn)
        )
        return [_LISTENERS] if refused else []


def _create(kind: str) -> str:
    return f"CreateTrafficMirror{kind.capitalize()}"


def _is_refused(permission: str, call: Callable[[], object]) -> bool:
    try:
        with aws_errors(f"Checking the permission {permission}"):
            call()
    except CallForbidden:
        return True
    except (CredentialsRejected, Ec2Unanswered):
        raise
    except Ec2Failed:
        # The end of a dry run that is allowed, or what doesn't exist.
        return False
    return False
