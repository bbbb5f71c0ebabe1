"""
Which IAM permissions the credentials have, found out by calling AWS.

Owns the list of permissions and one probe for each: reading calls are made, writing
calls are dry runs on resources that don't exist. A permission is missing if AWS denies
the probe; any other answer means that the permission check passed.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

_NONE = "0" * 17
_NIC, _TARGET, _FILTER = f"eni-{_NONE}", f"tmt-{_NONE}", f"tmf-{_NONE}"
_SESSION, _PREFIX_LIST = f"tms-{_NONE}", f"pl-{_NONE}"
_TAGS = tags.target_tags(Sandbox("none", "", "", ""), Destination(_NIC))

_CREATE_TAGS = "ec2:CreateTags"


@dataclass(frozen=True)
class Missing:
    """
    The IAM actions that the credentials lack, e.g. `ec2:CreateTags`.

    Without the optional ones the commands work, but some warnings or fields are
    unavailable.
    """

    needed: list[str]
    optional: list[str]


@dataclass(frozen=True)
class _Probe:
    """A call that AWS denies if the permission is missing, and that changes nothing."""

    permission: str
    call: Callable[[], object]


@dataclass(frozen=True)
class _CreateProbe:
    """A dry run of a creation; `call` takes TagSpecifications."""

    permission: str
    resource_type: str
    call: Callable[..., object]


def find_missing(aws: AwsClients, workers: Workers) -> Missing:
    """
    Return the missing permissions; the probes run in parallel.

    Raises Ec2Unanswered if AWS can't be reached, and CredentialsRejected.
    """
    creates = _create_probes(aws.ec2)
    needed = _collect(
        workers,
        [
            *(partial(_lacks, probe) for probe in _needed_probes(aws.ec2)),
            *(partial(_lacks_create, probe) for probe in creates),
        ],
    )
    if all(probe.permission in needed for probe in creates):
        needed.append(f"{_CREATE_TAGS} (can't be checked without the creating ones)")
    optional = _collect(
        workers, [partial(_lacks, probe) for probe in _optional_probes(aws)]
    )
    return Missing(needed, optional)


def _collect(workers: Workers, checks: Iterable[Callable[[], list[str]]]) -> list[str]:
    return sorted(set(chain.from_iterable(workers.gather(*checks))))


def _lacks(probe: _Probe) -> list[str]:
    return [probe.permission] if _is_denied(probe.permission, probe.call) else []


def _lacks_create(probe: _CreateProbe) -> list[str]:
    """Tell a denied creation from a denied tagging: AWS denies both with one code."""
    tagging = tag_specifications(probe.resource_type, _TAGS)
    if not _is_denied(probe.permission, partial(probe.call, TagSpecifications=tagging)):
        return []
    return _lacks(_Probe(probe.permission, probe.call)) or [_CREATE_TAGS]


def _is_denied(permission: str, call: Callable[[], object]) -> bool:
    try:
        with aws_errors(f"Checking the permission {permission}"):
            call()
    except CallForbidden:
        return True
    except (CredentialsRejected, Ec2Unanswered):
        raise
    except Ec2Failed:
        # DryRunOperation or NotFound: the caller is authorized.
        return False
    return False


def _needed_probes(ec2: EC2Client) -> list[_Probe]:
    return [
        _Probe(
            "ec2:DescribeTrafficMirrorTargets",
            lambda: ec2.describe_traffic_mirror_targets(MaxResults=5),
        ),
        _Probe(
            "ec2:DescribeTrafficMirrorFilters",
            lambda: ec2.describe_traffic_mirror_filters(MaxResults=5),
        ),
        _Probe(
            "ec2:DescribeTrafficMirrorSessions",
            lambda: ec2.describe_traffic_mirror_sessions(MaxResults=5),
        ),
        _Probe(
            "ec2:CreateTrafficMirrorFilterRule",
            lambda: ec2.create_traffic_mirror_filter_rule(
                TrafficMirrorFilterId=_FILTER,
                TrafficDirection="ingress",
                RuleNumber=1,
                RuleAction="accept",
                SourceCidrBlock="0.0.0.0/0",
                DestinationCidrBlock="0.0.0.0/0",
                DryRun=True,
            ),
        ),
        _Probe(
            "ec2:DeleteTrafficMirrorTarget",
            lambda: ec2.delete_traffic_mirror_target(
                TrafficMirrorTargetId=_TARGET, DryRun=True
            ),
        ),
        _Probe(
            "ec2:DeleteTrafficMirrorFilter",
            lambda: ec2.delete_traffic_mirror_filter(
                TrafficMirrorFilterId=_FILTER, DryRun=True
            ),
        ),
        _Probe(
            "ec2:DeleteTrafficMirrorSession",
            lambda: ec2.delete_traffic_mirror_session(
                TrafficMirrorSessionId=_SESSION, DryRun=True
            ),
        ),
    ]


def _create_probes(ec2: EC2Client) -> list[_CreateProbe]:
    return [
        _CreateProbe(
            "ec2:CreateTrafficMirrorTarget",
            "traffic-mirror-target",
            partial(
                ec2.create_traffic_mirror_target, NetworkInterfaceId=_NIC, DryRun=True
            ),
        ),
        _CreateProbe(
            "ec2:CreateTrafficMirrorFilter",
            "traffic-mirror-filter",
            partial(ec2.create_traffic_mirror_filter, DryRun=True),
        ),
        _CreateProbe(
            "ec2:CreateTrafficMirrorSession",
            "traffic-mirror-session",
            partial(
                ec2.create_traffic_mirror_session,
                NetworkInterfaceId=_NIC,
                TrafficMirrorTargetId=_TARGET,
                TrafficMirrorFilterId=_FILTER,
                SessionNumber=1,
                DryRun=True,
            ),
        ),
    ]


def _optional_probes(aws: AwsClients) -> list[_Probe]:
    ec2 = aws.ec2
    balancer_arn = (
        f"arn:aws:elasticloadbalancing:{ec2.meta.region_name}:"
        "000000000000:loadbalancer/net/none/0000000000000000"
    )
    return [
        _Probe(
            "ec2:DescribeNetworkInterfaces",
            lambda: ec2.describe_network_interfaces(MaxResults=5),
        ),
        _Probe("ec2:DescribeInstances", lambda: ec2.describe_instances(MaxResults=5)),
        _Probe(
            "ec2:DescribeInstanceTypes",
            lambda: ec2.describe_instance_types(InstanceTypes=["t3.micro"]),
        ),
        _Probe(
            "ec2:DescribeSecurityGroups",
            lambda: ec2.describe_security_groups(MaxResults=5),
        ),
        _Probe(
            "ec2:DescribeVpcPeeringConnections",
            lambda: ec2.describe_vpc_peering_connections(MaxResults=5),
        ),
        _Probe(
            "ec2:GetManagedPrefixListEntries",
            lambda: ec2.get_managed_prefix_list_entries(PrefixListId=_PREFIX_LIST),
        ),
        _Probe(
            "ec2:ModifyTrafficMirrorFilterNetworkServices",
            lambda: ec2.modify_traffic_mirror_filter_network_services(
                TrafficMirrorFilterId=_FILTER,
                AddNetworkServices=["amazon-dns"],
                DryRun=True,
            ),
        ),
        _Probe(
            "elasticloadbalancing:DescribeListeners",
            lambda: aws.load_balancing.describe_listeners(LoadBalancerArn=balancer_arn),
        ),
    ]
