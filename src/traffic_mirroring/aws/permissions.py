"""
Which IAM permissions the credentials have, found out by calling AWS.

Owns what AWS's answer to a probe says. A permission is missing if AWS denies the probe.
NotFound proves nothing: it is not documented whether AWS checks permissions before it
looks for the resource.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html#DryRun
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Literal

from botocore.exceptions import ClientError

from traffic_mirroring.aws.clients import AwsClients
from traffic_mirroring.aws.errors import aws_errors, is_dry_run, is_parameter_error
from traffic_mirroring.aws.probes import (
    TAGS,
    CreateProbe,
    Probe,
    create_probes,
    needed_probes,
    optional_probes,
)
from traffic_mirroring.aws.shapes import tag_specifications
from traffic_mirroring.errors import CallForbidden
from traffic_mirroring.workers import Workers

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


def check_permissions(aws: AwsClients, workers: Workers) -> Permissions:
    """
    Probe all permissions, in parallel.

    Raises Ec2Failed if a probe is neither allowed nor denied nor refused for its
    parameters: the credentials are rejected, AWS can't be reached, or it throttles.
    """
    needed = _verdicts(
        workers,
        [
            *(partial(_check, probe) for probe in needed_probes(aws.ec2)),
            *(partial(_check_create, probe) for probe in create_probes(aws.ec2)),
        ],
    )
    optional = _verdicts(
        workers, [partial(_check, probe) for probe in optional_probes(aws)]
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


def _check(probe: Probe) -> _Findings:
    return [(probe.permission, _verdict(probe.permission, probe.call))]


def _check_create(probe: CreateProbe) -> _Findings:
    """Return whether the tagging was denied: AWS denies it with the creation's code."""
    tagging = tag_specifications(probe.resource_type, TAGS)
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
