"""
Which IAM permissions the credentials have, found out by calling AWS.

Owns the list of permissions and one probe for each: reading calls are made, writing
calls are dry runs on resources that don't exist. A permission is missing if AWS denies
the probe. NotFound proves nothing: it is not documented whether AWS checks permissions
before it looks for the resource.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import ClientError

from traffic_mirroring import tags
from traffic_mirroring.aws.clients import AwsClients
from traffic_mirroring.aws.errors import aws_errors, is_dry_run, is_parameter_error
from traffic_mirroring.aws.shapes import tag_specifications
from traffic_mirroring.errors import CallForbidden
from traffic_mirroring.models import Destination, Sandbox
from traffic_mirroring.workers import Workers

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

_NONE = "0" * 17
_NIC, _TARGET, _FILTER = f"eni-{_NONE}", f"tmt-{_NONE}", f"tmf-{_NONE}"
_SESSION, _PREFIX_LIST = f"tms-{_NONE}", f"pl-{_NONE}"
_TAGS = tags.target_tags(Sandbox("none", "", "", ""), Destination(_NIC))

_CREATE_TAGS = "ec2:CreateTags"


Verdict = Literal["allowed", "denied", "unchecked"]
_Findings = list[tuple[str, Verdict]]


@dataclass(frozen=True)
class Permissions:
    """
    What the probes found out, by IAM action, e.g. `ec2:CreateTags`.

    Without the optional ones the commands work, but some warnings or fields are
    unavailable. AWS's answers said nothing about the unchecked ones.
    """

    missing: list[str]
    missing_optional: list[str]
    unchecked: list[str]


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


def check_permissions(aws: AwsClients, workers: Workers) -> Permissions:
    """
    Probe all permissions, in parallel.

    Raises Ec2Failed if a probe is neither allowed nor denied nor refused for its
    parameters: the credentials are rejected, AWS can't be reached, or it throttles.
    """
    needed = _verdicts(
        workers,
        [
            *(partial(_check, probe) for probe in _needed_probes(aws.ec2)),
            *(partial(_check_create, probe) for probe in _create_probes(aws.ec2)),
        ],
    )
    optional = _verdicts(
        workers, [partial(_check, probe) for probe in _optional_probes(aws)]
    )
    return Permissions(
        _with_verdict("denied", needed),
        _with_verdict("denied", optional),
        _with_verdict("unchecked", {**needed, **optional}),
    )


def _verdicts(
    workers: Workers, checks: Iterable[Callable[[], _Findings]]
) -> dict[str, Verdict]:
    """Run the checks; one denial counts more than anything else that was found."""
    found = list(chain.from_iterable(workers.gather(*checks)))
    by_weight: Sequence[Verdict] = ("unchecked", "allowed", "denied")
    found.sort(key=lambda finding: by_weight.index(finding[1]))
    return dict(found)


def _with_verdict(verdict: Verdict, verdicts: Mapping[str, Verdict]) -> list[str]:
    return sorted(name for name, each in verdicts.items() if each == verdict)


def _check(probe: _Probe) -> _Findings:
    return [(probe.permission, _verdict(probe.permission, probe.call))]


def _check_create(probe: _CreateProbe) -> _Findings:
    """Tell a denied creation from a denied tagging: AWS denies both with one code."""
    tagging = tag_specifications(probe.resource_type, _TAGS)
    tagged = _verdict(probe.permission, partial(probe.call, TagSpecifications=tagging))
    if tagged != "denied":
        return [(probe.permission, tagged), (_CREATE_TAGS, tagged)]
    untagged = _verdict(probe.permission, probe.call)
    tags_verdict: Verdict = "unchecked" if untagged == "denied" else "denied"
    return [(probe.permission, untagged), (_CREATE_TAGS, tags_verdict)]


def _verdict(permission: str, call: Callable[[], object]) -> Verdict:
    try:
        with aws_errors(f"Checking the permission {permission}"):
            return _answer(call)
    except CallForbidden:
        return "denied"


def _answer(call: Callable[[], object]) -> Verdict:
    try:
        call()
    except ClientError as error:
        if is_parameter_error(error):
            # AWS may check parameters, and whether ids exist, before permissions.
            return "unchecked"
        if not is_dry_run(error):
            raise
    return "allowed"


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
            lambda: ec2.get_managed_prefix_list_entries(
                PrefixListId=_PREFIX_LIST, DryRun=True
            ),
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
