"""
Traffic mirror targets: create, describe, delete.

Owns: what is allowed for targets. Must not know: requests, packets.
"""

from __future__ import annotations

import re
from typing import Any

from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.mirroring.describe import View, describe
from emulator.ec2.mirroring.params import Params
from emulator.ec2.mirroring.records import Target
from emulator.ec2.mirroring.state import RegionState
from emulator.ec2.mirroring.tags import read_tag_specifications

DESTINATIONS = (
    "NetworkInterfaceId",
    "NetworkLoadBalancerArn",
    "GatewayLoadBalancerEndpointId",
)
LOAD_BALANCER_ARN = re.compile(
    r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}"
    r":loadbalancer/net/[A-Za-z0-9-]{1,32}/[0-9a-f]{16}"
)
ENDPOINT_ID = re.compile(r"vpce-([0-9a-f]{8}|[0-9a-f]{17})")

VIEW: View[Target] = View(
    ids="TrafficMirrorTargetIds",
    result="TrafficMirrorTargets",
    fields={
        "description": "description",
        "network-interface-id": "network_interface_id",
        "network-load-balancer-arn": "network_load_balancer_arn",
        "owner-id": "owner",
        "traffic-mirror-target-id": "id",
    },
    show=lambda _, target: target.as_response(),
)


def create_target(state: RegionState, params: Params) -> dict[str, Any]:
    """
    Create a target on exactly one destination.

    The setting `second_targets` decides whether it may have a target already.
    """
    if sum(1 for name in DESTINATIONS if name in params) != 1:
        raise ec2_error(Refusal.DESTINATION_COUNT)
    interface = params.optional("NetworkInterfaceId")
    if interface is not None:
        _check_interface(state, interface)
    load_balancer = _read_load_balancer(state, params)
    endpoint = _read_endpoint(state, params)
    target = Target(
        id=state.targets.new_id(),
        serial=state.next_serial(),
        owner=state.account,
        description=params.description(),
        tags=read_tag_specifications(params, state.targets.resource_type),
        network_interface_id=interface,
        network_load_balancer_arn=load_balancer,
        gateway_load_balancer_endpoint_id=endpoint,
    )
    _check_quota(state)
    return {
        "TrafficMirrorTarget": state.add_created(state.targets, target).as_response()
    }


def describe_targets(state: RegionState, params: Params) -> dict[str, Any]:
    """Describe targets."""
    return describe(state, state.targets, VIEW, params)


def delete_target(state: RegionState, params: Params) -> dict[str, Any]:
    """Delete a target; raises Ec2Error if a session uses it."""
    target = state.targets.get(params.required("TrafficMirrorTargetId"))
    users = state.sessions_using("target_id", target)
    if users:
        raise ec2_error(Refusal.TARGET_IN_USE, id=target.id, sessions=users)
    state.remove(state.targets, target)
    return {"TrafficMirrorTargetId": target.id}


def find_target_on(state: RegionState, interface_id: str) -> Target | None:
    """Return the first target whose destination is this network interface."""
    found = state.targets.find_by("network_interface_id", interface_id)
    return next(iter(found), None)


def _check_interface(state: RegionState, interface_id: str) -> None:
    interface = state.get_interface(interface_id)
    if interface.kind != "interface":
        raise ec2_error(Refusal.TARGET_TYPE, kind=interface.kind)
    if interface.requester:
        raise ec2_error(
            Refusal.TARGET_REQUESTER, id=interface_id, requester=interface.requester
        )
    other = find_target_on(state, interface_id)
    if other and not state.settings.second_targets:
        raise ec2_error(
            Refusal.INTERFACE_HAS_TARGET, interface=interface_id, target=other.id
        )
    for session in state.sessions.find_by("network_interface_id", interface_id):
        raise ec2_error(
            Refusal.INTERFACE_IS_SOURCE, interface=interface_id, session=session.id
        )
    if state.hidden_numbers(interface_id):
        raise ec2_error(
            Refusal.INTERFACE_IS_SOURCE,
            interface=interface_id,
            session="(another account's)",
        )


def _check_quota(state: RegionState) -> None:
    limit = state.settings.quotas.targets
    if len(state.targets) >= limit:
        raise ec2_error(Refusal.TARGET_QUOTA, limit=limit)


def _read_load_balancer(state: RegionState, params: Params) -> str | None:
    arn = params.optional("NetworkLoadBalancerArn")
    if arn is None:
        return None
    if not LOAD_BALANCER_ARN.fullmatch(arn):
        raise ec2_error(Refusal.LOAD_BALANCER_MALFORMED, id=arn)
    if not state.resources.has_load_balancer(arn):
        raise ec2_error(Refusal.LOAD_BALANCER_MISSING, id=arn)
    _check_free(state, "network_load_balancer_arn", arn)
    return arn


def _read_endpoint(state: RegionState, params: Params) -> str | None:
    endpoint = params.optional("GatewayLoadBalancerEndpointId")
    if endpoint is None:
        return None
    if not ENDPOINT_ID.fullmatch(endpoint):
        raise ec2_error(Refusal.ENDPOINT_MALFORMED, id=endpoint)
    if not state.resources.has_endpoint(endpoint):
        raise ec2_error(Refusal.ENDPOINT_MISSING, id=endpoint)
    _check_free(state, "gateway_load_balancer_endpoint_id", endpoint)
    return endpoint


def _check_free(state: RegionState, field: str, destination: str) -> None:
    if state.settings.second_targets:
        return
    for other in state.targets.find_by(field, destination):
        raise ec2_error(
            Refusal.DESTINATION_TAKEN, destination=destination, target=other.id
        )
