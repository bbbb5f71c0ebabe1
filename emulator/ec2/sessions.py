"""Traffic mirror sessions: create, describe, modify, delete."""

from __future__ import annotations

import secrets
from collections.abc import Set
from dataclasses import replace
from typing import Any

from emulator.ec2.describe import View, describe
from emulator.ec2.errors import Refusal, refuse
from emulator.ec2.params import Params
from emulator.ec2.records import Session, Target
from emulator.ec2.tagging import read_tag_specifications
from emulator.ec2.targets import find_target_on
from emulator.ec2.world import World

MAX_SESSION_NUMBER = 32766
MAX_PACKET_LENGTH = 8500
MAX_VIRTUAL_NETWORK = 2**24 - 1
REMOVABLE = {
    "packet-length": ("PacketLength", "packet_length"),
    "description": ("Description", "description"),
    "virtual-network-id": ("VirtualNetworkId", "virtual_network_id"),
}

VIEW: View[Session] = View(
    ids="TrafficMirrorSessionIds",
    result="TrafficMirrorSessions",
    fields={
        "description": "description",
        "network-interface-id": "network_interface_id",
        "owner-id": "owner",
        "packet-length": "packet_length",
        "session-number": "number",
        "traffic-mirror-filter-id": "filter_id",
        "traffic-mirror-session-id": "id",
        "traffic-mirror-target-id": "target_id",
        "virtual-network-id": "virtual_network_id",
    },
    show=lambda _, session: session.as_response(),
)


def create_session(world: World, params: Params) -> dict[str, Any]:
    """Create a session from an attached source to a running target."""
    source = params.required("NetworkInterfaceId")
    given = _choose_network({"virtual_network_id": None} | _read_fields(params), world)
    tags = read_tag_specifications(params, world.sessions.resource_type)
    _check_source(world, source)
    session = Session(
        id=world.sessions.new_id(),
        serial=world.next_serial(),
        owner=world.account,
        network_interface_id=source,
        tags=tags,
        **given,
    )
    _check_target(world, session)
    world.filters.get(session.filter_id)
    _check_number(world, session)
    _check_quotas(world, session)
    _set_default_length(world, session)
    world.add_new(world.sessions, session)
    return {"TrafficMirrorSession": session.as_response()}


def describe_sessions(world: World, params: Params) -> dict[str, Any]:
    """Describe sessions."""
    return describe(world, world.sessions, VIEW, params)


def modify_session(world: World, params: Params) -> dict[str, Any]:
    """Change a session in place; all but its source can be changed."""
    session = world.sessions.get(params.required("TrafficMirrorSessionId"))
    changes = _read_fields(params) | params.removals(REMOVABLE)
    if not changes:
        raise refuse(Refusal.NOTHING_TO_MODIFY, operation=params.operation)
    changed = replace(session, **_choose_network(changes, world))
    if "target_id" in changes:
        _check_target(world, changed)
    world.filters.get(changed.filter_id)
    _check_number(world, changed)
    _set_default_length(world, changed)
    return {"TrafficMirrorSession": world.sessions.add(changed).as_response()}


def delete_session(world: World, params: Params) -> dict[str, Any]:
    """Delete a session; its target and filter stay."""
    session = world.sessions.get(params.required("TrafficMirrorSessionId"))
    world.end_session(session)
    return {"TrafficMirrorSessionId": session.id}


def _read_fields(params: Params) -> dict[str, Any]:
    """Read the fields that the call gives, each checked by itself."""
    fields = {
        "target_id": params.optional("TrafficMirrorTargetId"),
        "filter_id": params.optional("TrafficMirrorFilterId"),
        "number": params.number("SessionNumber", 1, MAX_SESSION_NUMBER),
        "packet_length": params.number("PacketLength", 1, MAX_PACKET_LENGTH),
        "virtual_network_id": params.number("VirtualNetworkId", 1, MAX_VIRTUAL_NETWORK),
        "description": params.description(),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _check_source(world: World, interface_id: str) -> None:
    interface = world.get_interface(interface_id)
    if interface.kind != "interface":
        raise refuse(Refusal.SOURCE_TYPE, kind=interface.kind)
    if not interface.attached:
        raise refuse(Refusal.SOURCE_DETACHED, interface=interface_id)
    if interface.instance_type in world.knobs.refuse_source_types:
        kind = interface.instance_type
        raise refuse(Refusal.SOURCE_INSTANCE_TYPE, interface=interface_id, type=kind)


def _check_target(world: World, session: Session) -> None:
    """Check that the target can take this session's source."""
    target = world.targets.get(session.target_id)
    source = session.network_interface_id
    if target.network_interface_id == source:
        raise refuse(Refusal.SOURCE_IS_OWN_TARGET, interface=source)
    on_source = find_target_on(world, source)
    if on_source:
        raise refuse(
            Refusal.INTERFACE_HAS_TARGET, interface=source, target=on_source.id
        )
    _check_destination(world, target)
    if target.network_interface_id:
        _check_sources_of(world, target, source)


def _check_destination(world: World, target: Target) -> None:
    """Check that what the target stands on is there, and runs."""
    around = world.surroundings
    balancer = target.network_load_balancer_arn
    endpoint = target.gateway_load_balancer_endpoint_id
    if target.network_interface_id:
        interface = around.interface(target.network_interface_id)
        if interface is None or not interface.running:
            raise refuse(Refusal.TARGET_UNUSABLE, target=target.id)
    elif balancer and not around.has_balancer(balancer):
        raise refuse(Refusal.TARGET_GONE, target=target.id, destination=balancer)
    elif endpoint and not around.has_endpoint(endpoint):
        raise refuse(Refusal.TARGET_GONE, target=target.id, destination=endpoint)


def _check_sources_of(world: World, target: Target, source: str) -> None:
    limit = world.knobs.quotas.sources_per_target
    sources = {
        other.network_interface_id
        for other in world.sessions.having("target_id", target.id)
    }
    if len(sources | {source}) > limit:
        raise refuse(Refusal.SOURCES_PER_TARGET, limit=limit, target=target.id)


def _check_number(world: World, session: Session) -> None:
    source = session.network_interface_id
    for other in world.sessions.having("network_interface_id", source):
        if other.id != session.id and other.number == session.number:
            raise refuse(
                Refusal.SESSION_NUMBER_TAKEN,
                number=session.number,
                interface=source,
                session=other.id,
            )


def _check_quotas(world: World, session: Session) -> None:
    source, quotas = session.network_interface_id, world.knobs.quotas
    on_source = world.sessions.having("network_interface_id", source)
    if len(on_source) >= quotas.sessions_per_source:
        limit = quotas.sessions_per_source
        raise refuse(Refusal.SESSIONS_PER_SOURCE, interface=source, limit=limit)
    if len(world.sessions) >= quotas.sessions:
        raise refuse(Refusal.SESSION_QUOTA, limit=quotas.sessions)


def _set_default_length(world: World, session: Session) -> None:
    # AWS sets a length by itself only where the target is a load balancer.
    target = world.targets.get(session.target_id)
    if session.packet_length is None and target.network_load_balancer_arn:
        session.packet_length = MAX_PACKET_LENGTH


def _choose_network(fields: dict[str, Any], world: World) -> dict[str, Any]:
    """Replace a virtual network id of None by a random one that is free."""
    if fields.get("virtual_network_id", 0) is None:
        taken = world.sessions.values("virtual_network_id")
        return {**fields, "virtual_network_id": free_virtual_network(taken)}
    return fields


def free_virtual_network(taken: Set[object], highest: int = MAX_VIRTUAL_NETWORK) -> int:
    """Choose a random virtual network id that is not taken."""
    while True:
        chosen = 1 + secrets.randbelow(highest)
        if chosen not in taken:
            return chosen
