"""
Tables and trees of Apps, mirroring resources, calls and session numbers.

Owns: how they are shown. Must not know: the steps of a demo.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.markup import escape
from rich.table import Column, Table
from rich.tree import Tree

from emulator.cloudshell import Reservation
from emulator.ec2 import Call

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

_DESTINATIONS = (
    "NetworkInterfaceId",
    "NetworkLoadBalancerArn",
    "GatewayLoadBalancerEndpointId",
)
_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp"}


def make_table(*columns: str) -> Table:
    """Return an empty table that is narrow and readable without colors."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def result_grid(result: Mapping[str, object]) -> Table:
    """Return an action result, one line per field."""
    grid = Table.grid("", Column(overflow="fold"), padding=(0, 2))
    for name, value in result.items():
        style = "red" if name == "errorMessage" and value else ""
        grid.add_row(f"[dim]{name}", escape(json.dumps(value)), style=style)
    return grid


def app_table(sandbox: Reservation) -> Table:
    """Return the sandbox's Apps with their network interfaces."""
    table = make_table("App", "Instance", "Network interface", "Address")
    for app in sandbox.apps:
        for nic in app.nics:
            table.add_row(escape(app.name), app.instance_id, nic.id, nic.address)
    return table


def mirror_trees(client: EC2Client) -> list[Tree]:
    """Return a tree for each session, filter and target in EC2."""
    targets = client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]
    filters = client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    sessions = client.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]
    return [
        *(_session_tree(session) for session in sessions),
        *(_filter_tree(each) for each in filters),
        *(_target_tree(each) for each in targets),
    ]


def call_table(calls: Sequence[Call]) -> Table:
    """Return the calls to EC2 in order, with EC2's answers."""
    table = make_table("Call to EC2", "Answer")
    for call in calls:
        style = "red" if call.error_code else ""
        table.add_row(call.operation, call.error_code or "done", style=style)
    return table


def number_table(held: Mapping[str, Mapping[int, object]]) -> Table | str:
    """Return the session numbers that are checked out."""
    if not held:
        return "No session number is checked out of CloudShell's pools."
    table = make_table("Pool (source NIC)", "Checked-out session numbers")
    for nic, numbers in held.items():
        table.add_row(nic, ", ".join(map(str, sorted(numbers))))
    return table


def _session_tree(session: Any) -> Tree:
    tree = Tree(f"[bold green]session {session['TrafficMirrorSessionId']}")
    tree.add(f"source NIC {session['NetworkInterfaceId']}")
    tree.add(f"filter {session['TrafficMirrorFilterId']}")
    tree.add(f"target {session['TrafficMirrorTargetId']}")
    tree.add(
        f"session number {session['SessionNumber']}, "
        f"VXLAN network {session['VirtualNetworkId']}"
    )
    return _tagged(tree, session)


def _filter_tree(mirror_filter: Any) -> Tree:
    tree = Tree(f"[bold cyan]filter {mirror_filter['TrafficMirrorFilterId']}")
    for name in ("IngressFilterRules", "EgressFilterRules"):
        for rule in mirror_filter[name]:
            tree.add(_rule(rule))
    return _tagged(tree, mirror_filter)


def _rule(rule: Any) -> str:
    number = rule.get("Protocol")
    protocol = _PROTOCOLS.get(number, f"protocol {number}") if number else "everything"
    source = rule["SourceCidrBlock"] + _ports(rule.get("SourcePortRange"))
    target = rule["DestinationCidrBlock"] + _ports(rule.get("DestinationPortRange"))
    return (
        f"rule {rule['RuleNumber']}: {rule['RuleAction']} {rule['TrafficDirection']} "
        f"{protocol} from {source} to {target}"
    )


def _ports(ports: Any) -> str:
    return f" ports {ports['FromPort']}-{ports['ToPort']}" if ports else ""


def _target_tree(target: Any) -> Tree:
    tree = Tree(f"[bold yellow]target {target['TrafficMirrorTargetId']}")
    tree.add(next(target[name] for name in _DESTINATIONS if target.get(name)))
    return _tagged(tree, target)


def _tagged(tree: Tree, item: Any) -> Tree:
    tags = ", ".join(f"{tag['Key']}={tag['Value']}" for tag in item["Tags"])
    tree.add(f"[dim]tags: {tags}")
    return tree
