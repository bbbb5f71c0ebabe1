"""How the demo shows Apps, traffic mirrors and session numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.tree import Tree

from emulator.cloudshell import Reservation

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp"}


def app_table(sandbox: Reservation) -> Table:
    """Return the sandbox's Apps with their network interfaces."""
    table = Table("App", "Instance", "Network interface", "Address")
    for app in sandbox.apps:
        for nic in app.nics:
            table.add_row(app.name, app.instance_id, nic.id, nic.address)
    return table


def mirror_trees(client: EC2Client) -> list[Tree]:
    """Return everything of traffic mirroring in EC2: a tree per target or filter."""
    targets = client.describe_traffic_mirror_targets()["TrafficMirrorTargets"]
    filters = client.describe_traffic_mirror_filters()["TrafficMirrorFilters"]
    sessions = client.describe_traffic_mirror_sessions()["TrafficMirrorSessions"]
    return [
        *(_session_tree(session) for session in sessions),
        *(_filter_tree(each) for each in filters),
        *(_target_tree(each) for each in targets),
    ]


def number_table(held: Mapping[str, Mapping[int, object]]) -> Table | str:
    """Return the session numbers that are checked out of CloudShell's pools."""
    if not held:
        return "CloudShell's pools have no session number out."
    table = Table("Pool (source NIC)", "Session numbers out")
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
    tree.add(f"target NIC {target['NetworkInterfaceId']}")
    return _tagged(tree, target)


def _tagged(tree: Tree, item: Any) -> Tree:
    tags = ", ".join(f"{tag['Key']}={tag['Value']}" for tag in item["Tags"])
    tree.add(f"[dim]tags: {tags}")
    return tree
