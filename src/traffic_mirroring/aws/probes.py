"""
One call per IAM permission, by which AWS shows whether the credentials have it.

Owns the list of permissions. Reading calls are made, writing calls are dry runs on
resources that don't exist: no probe changes anything. Must not know what the answers
mean.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from traffic_mirroring import tags
from traffic_mirroring.aws.clients import AwsClients
from traffic_mirroring.aws.cloudwatch import CloudWatch
from traffic_mirroring.models import Destination, Sandbox

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

_NONE = "0" * 17
_NIC, _TARGET, _FILTER = f"eni-{_NONE}", f"tmt-{_NONE}", f"tmf-{_NONE}"
_SESSION, _PREFIX_LIST = f"tms-{_NONE}", f"pl-{_NONE}"

TAGS = tags.target_tags(Sandbox("none", "", "", ""), Destination(_NIC), {})
"""The tags of the creations: a policy may allow only CloudShell's."""


@dataclass(frozen=True)
class Probe:
    """A call that AWS denies if the permission is missing, and that changes nothing."""

    permission: str
    call: Callable[[], object]


@dataclass(frozen=True)
class CreateProbe:
    """A dry run of a creation; `call` takes TagSpecifications."""

    permission: str
    resource_type: str
    call: Callable[..., object]


def needed_probes(ec2: EC2Client) -> list[Probe]:
    """Return the probes of what the commands can't do without."""
    return [
        _lookup_probe(
            "ec2:DescribeTrafficMirrorTargets", ec2.describe_traffic_mirror_targets
        ),
        _lookup_probe(
            "ec2:DescribeTrafficMirrorFilters", ec2.describe_traffic_mirror_filters
        ),
        _lookup_probe(
            "ec2:DescribeTrafficMirrorSessions", ec2.describe_traffic_mirror_sessions
        ),
        Probe(
            "ec2:DeleteTrafficMirrorTarget",
            lambda: ec2.delete_traffic_mirror_target(
                TrafficMirrorTargetId=_TARGET, DryRun=True
            ),
        ),
        Probe(
            "ec2:DeleteTrafficMirrorFilter",
            lambda: ec2.delete_traffic_mirror_filter(
                TrafficMirrorFilterId=_FILTER, DryRun=True
            ),
        ),
        Probe(
            "ec2:DeleteTrafficMirrorSession",
            lambda: ec2.delete_traffic_mirror_session(
                TrafficMirrorSessionId=_SESSION, DryRun=True
            ),
        ),
    ]


def create_probes(ec2: EC2Client) -> list[CreateProbe]:
    """Return the probes of the creations that also need ec2:CreateTags."""
    return [
        CreateProbe(
            "ec2:CreateTrafficMirrorTarget",
            "traffic-mirror-target",
            partial(
                ec2.create_traffic_mirror_target, NetworkInterfaceId=_NIC, DryRun=True
            ),
        ),
        CreateProbe(
            "ec2:CreateTrafficMirrorFilter",
            "traffic-mirror-filter",
            partial(ec2.create_traffic_mirror_filter, DryRun=True),
        ),
        CreateProbe(
            "ec2:CreateTrafficMirrorFilterRule",
            "traffic-mirror-filter-rule",
            partial(
                ec2.create_traffic_mirror_filter_rule,
                TrafficMirrorFilterId=_FILTER,
                TrafficDirection="ingress",
                RuleNumber=1,
                RuleAction="accept",
                SourceCidrBlock="0.0.0.0/0",
                DestinationCidrBlock="0.0.0.0/0",
                DryRun=True,
            ),
        ),
        CreateProbe(
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


def optional_probes(aws: AwsClients) -> list[Probe]:
    """Return the probes of what only warnings, figures and `networkServices` need."""
    ec2 = aws.ec2
    balancing = f"arn:aws:elasticloadbalancing:{ec2.meta.region_name}:000000000000"
    balancer_arn = f"{balancing}:loadbalancer/net/none/0000000000000000"
    group_arn = f"{balancing}:targetgroup/none/0000000000000000"
    return [
        _lookup_probe("ec2:DescribeNetworkInterfaces", ec2.describe_network_interfaces),
        _lookup_probe("ec2:DescribeInstances", ec2.describe_instances),
        _lookup_probe("ec2:DescribeNetworkAcls", ec2.describe_network_acls),
        _lookup_probe("ec2:DescribeRouteTables", ec2.describe_route_tables),
        _lookup_probe("ec2:DescribeSecurityGroups", ec2.describe_security_groups),
        _lookup_probe(
            "ec2:DescribeTransitGatewayVpcAttachments",
            ec2.describe_transit_gateway_vpc_attachments,
        ),
        _lookup_probe(
            "ec2:DescribeVpcPeeringConnections", ec2.describe_vpc_peering_connections
        ),
        Probe(
            "ec2:GetManagedPrefixListEntries",
            lambda: ec2.get_managed_prefix_list_entries(
                PrefixListId=_PREFIX_LIST, DryRun=True
            ),
        ),
        Probe(
            "ec2:ModifyTrafficMirrorFilterNetworkServices",
            lambda: ec2.modify_traffic_mirror_filter_network_services(
                TrafficMirrorFilterId=_FILTER,
                AddNetworkServices=["amazon-dns"],
                DryRun=True,
            ),
        ),
        Probe(
            "elasticloadbalancing:DescribeListeners",
            lambda: aws.load_balancing.describe_listeners(LoadBalancerArn=balancer_arn),
        ),
        Probe(
            "elasticloadbalancing:DescribeTargetHealth",
            lambda: aws.load_balancing.describe_target_health(TargetGroupArn=group_arn),
        ),
        Probe(
            "cloudwatch:GetMetricData",
            lambda: CloudWatch(aws).find_traffic([f"i-{_NONE}"], lambda call: [call()]),
        ),
    ]


def _lookup_probe(permission: str, look_up: Callable[..., object]) -> Probe:
    """Return a probe that reads one page, of the smallest size that EC2 allows."""
    return Probe(permission, partial(look_up, MaxResults=5))
