"""The resources that each call needs access to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator.ec2.conftest import ANYWHERE, KEY
from tests.emulator.ec2.permission_texts import (
    A_SESSION,
    FILTER,
    HERE,
    NIC,
    RULE,
    SESSION,
    TAGGED,
    TARGET,
    allow,
    filled,
    policy,
    tags,
)

RULE_FIELDS = {
    "TrafficDirection": "ingress",
    "RuleNumber": 9,
    "RuleAction": "accept",
    "SourceCidrBlock": ANYWHERE,
    "DestinationCidrBlock": ANYWHERE,
}
A_FILTER = {"TrafficMirrorFilterId": "=filter"}
A_RULE = {"TrafficMirrorFilterRuleId": "=rule"}
# Calls, and the resources that each needs; `=nic` is replaced by an id.
TOUCHED: list[tuple[str, dict[str, Any], list[str]]] = [
    (
        "create_traffic_mirror_target",
        {"NetworkInterfaceId": "=nic"},
        [f"{TARGET}/*", f"{NIC}/=nic"],
    ),
    (
        "create_traffic_mirror_target",
        {"GatewayLoadBalancerEndpointId": "=endpoint"},
        [f"{TARGET}/*", "vpc-endpoint/=endpoint"],
    ),
    (
        "create_traffic_mirror_target",
        {"NetworkLoadBalancerArn": "=balancer", **tags(TARGET)},
        [f"{TARGET}/*", f"CreateTags {TARGET}/*"],
    ),
    ("create_traffic_mirror_filter", {}, [f"{FILTER}/*"]),
    (
        "create_traffic_mirror_filter",
        tags(FILTER),
        [f"{FILTER}/*", f"CreateTags {FILTER}/*"],
    ),
    (
        "create_traffic_mirror_filter_rule",
        A_FILTER | RULE_FIELDS | tags(RULE),
        [f"{RULE}/*", f"{FILTER}/=filter", f"CreateTags {RULE}/*"],
    ),
    (
        "create_traffic_mirror_session",
        A_SESSION | tags(SESSION),
        [
            f"{SESSION}/*",
            f"{NIC}/=nic",
            f"{TARGET}/=target",
            f"{FILTER}/=filter",
            f"CreateTags {SESSION}/*",
        ],
    ),
    (
        "delete_traffic_mirror_target",
        {"TrafficMirrorTargetId": "=target"},
        [f"{TARGET}/=target"],
    ),
    ("delete_traffic_mirror_filter", A_FILTER, [f"{FILTER}/=filter"]),
    (
        "delete_traffic_mirror_filter_rule",
        A_RULE,
        [f"{RULE}/=rule", f"{FILTER}/=filter"],
    ),
    (
        "delete_traffic_mirror_session",
        {"TrafficMirrorSessionId": "=session"},
        [f"{SESSION}/=session"],
    ),
    (
        "modify_traffic_mirror_filter_network_services",
        A_FILTER | {"AddNetworkServices": ["amazon-dns"]},
        [f"{FILTER}/=filter"],
    ),
    (
        "modify_traffic_mirror_filter_rule",
        A_RULE | {"RuleNumber": 3},
        [f"{RULE}/=rule", f"{FILTER}/=filter"],
    ),
    (
        "modify_traffic_mirror_session",
        {"TrafficMirrorSessionId": "=session", "SessionNumber": 3},
        [f"{SESSION}/=session"],
    ),
    (
        "modify_traffic_mirror_session",
        {"TrafficMirrorSessionId": "=session", **A_FILTER},
        [f"{SESSION}/=session", f"{FILTER}/=filter"],
    ),
    (
        "create_tags",
        {"Resources": ["=target", "=nic", "=endpoint"], "Tags": TAGGED},
        [f"{TARGET}/=target", f"{NIC}/=nic", "vpc-endpoint/=endpoint"],
    ),
    (
        "delete_tags",
        {"Resources": ["=rule", "=session"], "Tags": TAGGED},
        [f"{RULE}/=rule", f"{SESSION}/=session"],
    ),
    (
        "get_managed_prefix_list_entries",
        {"PrefixListId": "=list"},
        ["prefix-list/=list"],
    ),
    ("describe_traffic_mirror_targets", {}, ["*"]),
    ("describe_traffic_mirror_filters", {}, ["*"]),
    ("describe_traffic_mirror_filter_rules", {}, ["*"]),
    ("describe_traffic_mirror_sessions", {}, ["*"]),
    ("describe_tags", {}, ["*"]),
    ("describe_network_interfaces", {"NetworkInterfaceIds": ["=nic"]}, ["*"]),
    ("describe_instances", {}, ["*"]),
    ("describe_instance_types", {"InstanceTypes": ["t3.nano"]}, ["*"]),
    ("describe_security_groups", {}, ["*"]),
    ("describe_vpc_peering_connections", {}, ["*"]),
    ("describe_managed_prefix_lists", {}, ["*"]),
    ("create_vpc", {"CidrBlock": "10.0.0.0/16"}, ["*"]),
    (
        "create_vpc",
        {"CidrBlock": "10.0.0.0/16", **tags("vpc")},
        ["*", "CreateTags vpc/*"],
    ),
]


def needed(operation: str, touched: str) -> tuple[str, str]:
    """Return the action and the resource of one entry of the table."""
    action, _, resource = touched.rpartition(" ")
    action = action or "".join(word.title() for word in operation.split("_"))
    return f"ec2:{action}", resource if resource == "*" else f"{HERE}:{resource}"


@pytest.mark.parametrize(("operation", "asked", "touched"), TOUCHED)
def test_every_resource_must_be_allowed(
    ec2: Any,
    lab: Any,
    restricted: Any,
    existing: dict[str, str],
    operation: str,
    asked: dict[str, Any],
    touched: list[str],
) -> None:
    """A call needs access to all its resources; without one it is denied."""
    call = getattr(restricted, operation)
    asked, touched = filled(asked, existing), filled(touched, existing)
    pairs = [needed(operation, each) for each in touched]
    ec2.restrict(KEY, policy(*(allow(*pair) for pair in pairs)))
    with lab.refused("DryRunOperation"):
        call(DryRun=True, **asked)
    for missing in pairs:
        others = [allow(*pair) for pair in pairs if pair != missing]
        ec2.restrict(KEY, policy(allow("s3:*"), *others))
        with lab.refused("UnauthorizedOperation", *missing):
            call(DryRun=True, **asked)
        denied = {**allow(*missing), "Effect": "Deny"}
        ec2.restrict(KEY, policy(allow("*"), denied))
        with lab.refused("UnauthorizedOperation", *missing, "denies"):
            call(DryRun=True, **asked)


@pytest.mark.parametrize(
    "operation", [each[0] for each in TOUCHED if each[2] == ["*"] and not each[1]]
)
def test_describing_is_not_allowed_for_arns(
    ec2: Any, lab: Any, restricted: Any, operation: str
) -> None:
    """A statement for all ARNs of the account does not allow Describe calls."""
    ec2.restrict(KEY, policy(allow("ec2:*", "arn:aws:ec2:*:*:*")))
    with lab.refused("UnauthorizedOperation"):
        getattr(restricted, operation)()
    ec2.restrict(KEY, policy(allow("ec2:*", "*")))
    getattr(restricted, operation)()
