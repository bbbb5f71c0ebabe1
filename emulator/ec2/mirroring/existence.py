"""
Whether the resources that a request names by id exist.

Owns: which parameters are ids. Must not know: what the request does with them.

Only the setting `ids_before_permissions` needs this; otherwise each operation looks up
its resources itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.mirroring.state import RegionState
from emulator.ec2.mirroring.table import Table


def check_ids(state: RegionState, parameters: Mapping[str, str]) -> None:
    """Raise Ec2Error for an id that is malformed or unknown; interfaces come first."""
    if "NetworkInterfaceId" in parameters:
        state.get_interface(parameters["NetworkInterfaceId"])
    tables: dict[str, Table[Any]] = {
        "TrafficMirrorTargetId": state.targets,
        "TrafficMirrorFilterId": state.filters,
        "TrafficMirrorFilterRuleId": state.rules,
        "TrafficMirrorSessionId": state.sessions,
    }
    for name, table in tables.items():
        if name in parameters:
            table.get(parameters[name])
    others = {
        "NetworkLoadBalancerArn": (
            state.resources.has_load_balancer,
            Refusal.LOAD_BALANCER_MISSING,
        ),
        "GatewayLoadBalancerEndpointId": (
            state.resources.has_endpoint,
            Refusal.ENDPOINT_MISSING,
        ),
        "PrefixListId": (state.resources.has_prefix_list, Refusal.PREFIX_LIST_MISSING),
    }
    for name, (exists, missing) in others.items():
        if name in parameters and not exists(parameters[name]):
            raise ec2_error(missing, id=parameters[name])
