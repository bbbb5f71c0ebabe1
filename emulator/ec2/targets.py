"""Traffic mirror targets: create, describe, delete."""

from __future__ import annotations

import re
from typing import Any

from emulator.ec2.describe import View, describe
from emulator.ec2.errors import Refusal, refuse
from emulator.ec2.params import Params
from emulator.ec2.records import Target
from emulator.ec2.tagging import read_tag_specifications
from emulator.ec2.world import World

DESTINATIONS = (
    "NetworkInterfaceId",
    "NetworkLoadBalancerArn",
    "GatewayLoadBalancerEndpointId",
)
BALANCER_ARN = re.compile(
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


def create_target(world: World, params: Params) -> dict[str, Any]:
    """Create a target on exactly one destination."""
    if sum(1 for name in DESTINATIONS if name in params) != 1:
        raise refuse(Refusal.DESTINATION_COUNT)
    interface = params.optional("NetworkInterfaceId")
    if interface is not None:
        _check_interface(world, interface)
    balancer, endpoint = _balancer(world, params), _endpoint(world, params)
    target = Target(
        id=world.targets.new_id(),
        serial=world.next_serial(),
        owner=world.account,
        description=params.description(),
        tags=read_tag_specifications(params, world.targets.resource_type),
        network_interface_id=interface,
        network_load_balancer_arn=balancer,
        gateway_load_balancer_endpoint_id=endpoint,
    )
    _check_quota(world)
    return {"TrafficMirrorTarget": world.add_new(world.targets, target).as_response()}


def describe_targets(world: World, params: Params) -> dict[str, Any]:
    """Describe targets."""
    return describe(world, world.targets, VIEW, params)


def delete_target(world: World, params: Params) -> dict[str, Any]:
    """Delete a target that no session uses."""
    target = world.targets.get(params.required("TrafficMirrorTargetId"))
    users = world.users_of("target_id", target)
    if users:
        raise refuse(Refusal.TARGET_IN_USE, id=target.id, sessions=users)
    world.targets.remove(target)
    return {"TrafficMirrorTargetId": target.id}


def find_target_on(world: World, interface_id: str) -> Target | None:
    """Find the target that a network interface is the destination of."""
    on_it = world.targets.having("network_interface_id", interface_id)
    return next(iter(on_it), None)


def _check_interface(world: World, interface_id: str) -> None:
    world.get_interface(interface_id)
    other = find_target_on(world, interface_id)
    if other:
        raise refuse(
            Refusal.INTERFACE_HAS_TARGET, interface=interface_id, target=other.id
        )
    for session in world.sessions.having("network_interface_id", interface_id):
        raise refuse(
            Refusal.INTERFACE_IS_SOURCE, interface=interface_id, session=session.id
        )


def _check_quota(world: World) -> None:
    limit = world.knobs.quotas.targets
    if len(world.targets) >= limit:
        raise refuse(Refusal.TARGET_QUOTA, limit=limit)


def _balancer(world: World, params: Params) -> str | None:
    arn = params.optional("NetworkLoadBalancerArn")
    if arn is None:
        return None
    if not BALANCER_ARN.fullmatch(arn):
        raise refuse(Refusal.BALANCER_MALFORMED, id=arn)
    if not world.surroundings.has_balancer(arn):
        raise refuse(Refusal.BALANCER_MISSING, id=arn)
    _check_free(world, "network_load_balancer_arn", arn)
    return arn


def _endpoint(world: World, params: Params) -> str | None:
    endpoint = params.optional("GatewayLoadBalancerEndpointId")
    if endpoint is None:
        return None
    if not ENDPOINT_ID.fullmatch(endpoint):
        raise refuse(Refusal.ENDPOINT_MALFORMED, id=endpoint)
    if not world.surroundings.has_endpoint(endpoint):
        raise refuse(Refusal.ENDPOINT_MISSING, id=endpoint)
    _check_free(world, "gateway_load_balancer_endpoint_id", endpoint)
    return endpoint


def _check_free(world: World, field: str, destination: str) -> None:
    for other in world.targets.having(field, destination):
        raise refuse(
            Refusal.DESTINATION_TAKEN, destination=destination, target=other.id
        )
