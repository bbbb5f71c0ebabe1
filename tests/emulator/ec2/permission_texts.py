"""Policies, tags and calls for the tests of permissions."""

from __future__ import annotations

from typing import Any

HERE = "arn:aws:ec2:us-east-1:123456789012"
NIC = "network-interface"
TARGET, FILTER = "traffic-mirror-target", "traffic-mirror-filter"
RULE, SESSION = "traffic-mirror-filter-rule", "traffic-mirror-session"
TAGGED = [{"Key": "a", "Value": "1"}]
A_SESSION = {
    "NetworkInterfaceId": "=nic",
    "TrafficMirrorTargetId": "=target",
    "TrafficMirrorFilterId": "=filter",
    "SessionNumber": 1,
}


def allow(action: str, resource: Any = "*", **condition: Any) -> dict[str, Any]:
    """Return a statement."""
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    """Return a policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def tags(kind: str) -> dict[str, Any]:
    """Return the tags of a create call."""
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": TAGGED}]}


def filled(value: Any, existing: dict[str, str]) -> Any:
    """Replace placeholders by ids."""
    if isinstance(value, dict):
        return {key: filled(each, existing) for key, each in value.items()}
    if isinstance(value, list):
        return [filled(each, existing) for each in value]
    if isinstance(value, str) and "=" in value:
        before, _, name = value.rpartition("=")
        return before + existing[name]
    return value
