"""
Traffic mirror sessions: create, describe, modify, delete.

Owns: what is allowed for sessions. Must not know: requests, packets.
"""

from __future__ import annotations

import secrets
from collections.abc import Set
from dataclasses import replace
from typing import Any

from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.mirroring.describe import View, describe
from emulator.ec2.mirroring.large_targets import LARGE_TARGETS
from emulator.ec2.mirroring.params import Params
from emulator.ec2.mirroring.records import Session, Target
from emulator.ec2.mirroring.state import RegionState
from emulator.ec2.mirroring.tags import read_tag_specifications
from emulator.ec2.mirroring.targets import find_target_on

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


def create_session(state: RegionState, params: Params) -> dict[str, Any]:
    """Create a session; the source must be attached, the target must be running."""
    source = params.required("NetworkInterfaceId")
    fields = _choose_network({"virtual_network_id": None} | _read_fields(params), state)
    tags = read_tag_specifications(params, state.sessions.resource_type)
    _check_source(state, source)
    session = Session(
        id=state.sessions.new_id(),
        serial=state.next_serial(),
        owner=state.account,
        network_interface_id=source,
        tags=tags,
        **fields,
    )
    _check_target(state, session)
    state.filters.get(session.filter_id)
    _check_number(state, session)
    _check_equal_sessions(state, session)
    _check_quotas(state, session)
    _set_default_length(state, session)
    state.add_created(state.sessions, session)
    return {"TrafficMirrorSession": session.as_response()}


def describe_sessions(state: RegionState, params: Params) -> dict[str, Any]:
    """Describe sessions."""
    return describe(state, state.sessions, VIEW, params)


def modify_session(state: RegionState, params: Params) -> dict[str, Any]:
    """Change a session; its source cannot be changed."""
    session = state.sessions.get(params.required("TrafficMirrorSessionId"))
    changes = _read_fields(params) | params.removals(REMOVABLE)
    if not changes:
        raise ec2_error(Refusal.NOTHING_TO_MODIFY, operation=params.operation)
    changed = replace(session, **_choose_network(changes, state))
    if "target_id" in changes:
        _check_target(state, changed)
    state.filters.get(changed.filter_id)
    _check_number(state, changed)
    _check_equal_sessions(state, changed)
    _set_default_length(state, changed)
    return {"TrafficMirrorSession": state.sessions.add(changed).as_response()}


def delete_session(state: RegionState, params: Params) -> dict[str, Any]:
    """Delete a session, but not its target and filter."""
    session = state.sessions.get(params.required("TrafficMirrorSessionId"))
    state.delete_session(session)
    return {"TrafficMirrorSessionId": session.id}


def _read_fields(params: Params) -> dict[str, Any]:
    """Return the fields in the request, after checking each one."""
    fields = {
        "target_id": params.optional("TrafficMirrorTargetId"),
        "filter_id": params.optional("TrafficMirrorFilterId"),
        "number": params.number("SessionNumber", 1, MAX_SESSION_NUMBER),
        "packet_length": params.number("PacketLength", 1, MAX_PACKET_LENGTH),
        "virtual_network_id": params.number("VirtualNetworkId", 1, MAX_VIRTUAL_NETWORK),
        "description": params.description(),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _check_source(state: RegionState, interface_id: str) -> None:
    interface = state.get_interface(interface_id)
    if interface.kind != "interface":
        raise ec2_error(Refusal.SOURCE_TYPE, kind=interface.kind)
    requester = interface.requester
    if requester and requester not in state.settings.source_requesters:
        raise ec2_error(Refusal.SOURCE_REQUESTER, id=interface_id, requester=requester)
    if not interface.attached:
        raise ec2_error(Refusal.SOURCE_DETACHED, interface=interface_id)
    if interface.instance_type in state.settings.unsupported_source_types:
        kind = interface.instance_type
        raise ec2_error(Refusal.SOURCE_INSTANCE_TYPE, interface=interface_id, type=kind)


def _check_target(state: RegionState, session: Session) -> None:
    """Check that the target accepts this session's source."""
    target = state.targets.get(session.target_id)
    source = session.network_interface_id
    if target.network_interface_id == source:
        raise ec2_error(Refusal.SOURCE_IS_OWN_TARGET, interface=source)
    on_source = find_target_on(state, source)
    if on_source:
        raise ec2_error(
            Refusal.INTERFACE_HAS_TARGET, interface=source, target=on_source.id
        )
    _check_destination(state, target)
    if target.network_interface_id:
        _check_sources_of(state, target, source)


def _check_destination(state: RegionState, target: Target) -> None:
    """Check that the target's destination exists and is running."""
    resources = state.resources
    load_balancer = target.network_load_balancer_arn
    endpoint = target.gateway_load_balancer_endpoint_id
    if target.network_interface_id:
        interface = resources.interface(target.network_interface_id)
        if interface is None or not interface.running:
            raise ec2_error(Refusal.TARGET_UNUSABLE, target=target.id)
    elif load_balancer and not resources.has_load_balancer(load_balancer):
        gone = load_balancer
        raise ec2_error(Refusal.TARGET_GONE, target=target.id, destination=gone)
    elif endpoint and not resources.has_endpoint(endpoint):
        raise ec2_error(Refusal.TARGET_GONE, target=target.id, destination=endpoint)


def _check_sources_of(state: RegionState, target: Target, source: str) -> None:
    """Check the quota, which several targets on one interface have together."""
    nic = target.network_interface_id
    sources = {source} | {
        session.network_interface_id
        for each in state.targets.find_by("network_interface_id", nic)
        for session in state.sessions.find_by("target_id", each.id)
    }
    interface, quotas = state.resources.interface(nic or ""), state.settings.quotas
    large = interface is not None and interface.instance_type in LARGE_TARGETS
    limit = quotas.sources_per_large_target if large else quotas.sources_per_target
    if len(sources) > limit:
        raise ec2_error(Refusal.SOURCES_PER_TARGET, count=len(sources))


def _check_number(state: RegionState, session: Session) -> None:
    source = session.network_interface_id
    for other in state.sessions.find_by("network_interface_id", source):
        if other.id != session.id and other.number == session.number:
            raise ec2_error(
                Refusal.SESSION_NUMBER_TAKEN,
                number=session.number,
                interface=source,
                session=other.id,
            )
    if session.number in state.hidden_numbers(source):
        raise ec2_error(
            Refusal.SESSION_NUMBER_HIDDEN, number=session.number, interface=source
        )


def _check_equal_sessions(state: RegionState, session: Session) -> None:
    """Check the target and filter, unless the settings allow equal ones."""
    if state.settings.equal_sessions:
        return
    target, mirror_filter = session.target_id, session.filter_id
    source = session.network_interface_id
    for other in state.sessions.find_by("network_interface_id", source):
        if other.id != session.id and (other.target_id, other.filter_id) == (
            target,
            mirror_filter,
        ):
            raise ec2_error(
                Refusal.SESSION_DUPLICATE,
                session=other.id,
                interface=source,
                target=target,
                filter=mirror_filter,
            )


def _check_quotas(state: RegionState, session: Session) -> None:
    source, quotas = session.network_interface_id, state.settings.quotas
    on_source = len(state.sessions.find_by("network_interface_id", source))
    on_source += len(state.hidden_numbers(source))
    if on_source >= quotas.sessions_per_source:
        limit = quotas.sessions_per_source
        raise ec2_error(Refusal.SESSIONS_PER_SOURCE, interface=source, limit=limit)
    if len(state.sessions) >= quotas.sessions:
        raise ec2_error(Refusal.SESSION_QUOTA, limit=quotas.sessions)


def _set_default_length(state: RegionState, session: Session) -> None:
    # AWS sets a default length only if the target is a load balancer.
    target = state.targets.get(session.target_id)
    if session.packet_length is None and target.network_load_balancer_arn:
        session.packet_length = MAX_PACKET_LENGTH


def _choose_network(fields: dict[str, Any], state: RegionState) -> dict[str, Any]:
    """Replace a virtual network id of None by a random unused one."""
    if fields.get("virtual_network_id", 0) is None:
        taken = state.sessions.values_of("virtual_network_id")
        return {**fields, "virtual_network_id": free_virtual_network(taken)}
    return fields


def free_virtual_network(taken: Set[object], highest: int = MAX_VIRTUAL_NETWORK) -> int:
    """Return a random virtual network id that is not taken."""
    while True:
        chosen = 1 + secrets.randbelow(highest)
        if chosen not in taken:
            return chosen
