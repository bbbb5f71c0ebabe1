"""
Traffic mirror filters: create, describe, delete, network services.

Owns: what is allowed for filters. Must not know: requests, packets.
"""

from __future__ import annotations

from typing import Any

from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.mirroring.describe import View, describe
from emulator.ec2.mirroring.params import Params
from emulator.ec2.mirroring.records import AMAZON_DNS, Filter, Rule
from emulator.ec2.mirroring.state import RegionState
from emulator.ec2.mirroring.tags import read_tag_specifications

NETWORK_SERVICES = (AMAZON_DNS,)


def rules_of(state: RegionState, mirror_filter: Filter) -> list[Rule]:
    """Return the rules of a filter, of both directions."""
    rules = state.rules.find_by("filter_id", mirror_filter.id)
    return rules or mirror_filter.last_rules


def show_filter(state: RegionState, mirror_filter: Filter) -> dict[str, Any]:
    """Return the response members of a filter, with its rules."""
    return mirror_filter.as_response(rules_of(state, mirror_filter))


VIEW: View[Filter] = View(
    ids="TrafficMirrorFilterIds",
    result="TrafficMirrorFilters",
    fields={"description": "description", "traffic-mirror-filter-id": "id"},
    show=show_filter,
)


def create_filter(state: RegionState, params: Params) -> dict[str, Any]:
    """Create a filter without rules."""
    mirror_filter = Filter(
        id=state.filters.new_id(),
        serial=state.next_serial(),
        description=params.description(),
        tags=read_tag_specifications(params, state.filters.resource_type),
    )
    limit = state.settings.quotas.filters
    if len(state.filters) >= limit:
        raise ec2_error(Refusal.FILTER_QUOTA, limit=limit)
    state.add_created(state.filters, mirror_filter)
    return {"TrafficMirrorFilter": show_filter(state, mirror_filter)}


def describe_filters(state: RegionState, params: Params) -> dict[str, Any]:
    """Describe filters."""
    return describe(state, state.filters, VIEW, params)


def delete_filter(state: RegionState, params: Params) -> dict[str, Any]:
    """Delete a filter and its rules; raises Ec2Error if a session uses it."""
    mirror_filter = state.filters.get(params.required("TrafficMirrorFilterId"))
    users = state.sessions_using("filter_id", mirror_filter)
    if users:
        raise ec2_error(Refusal.FILTER_IN_USE, id=mirror_filter.id, sessions=users)
    mirror_filter.last_rules = rules_of(state, mirror_filter)
    for rule in mirror_filter.last_rules:
        state.remove(state.rules, rule)
    state.remove(state.filters, mirror_filter)
    return {"TrafficMirrorFilterId": mirror_filter.id}


def modify_network_services(state: RegionState, params: Params) -> dict[str, Any]:
    """Add and remove network services; adding or removing one twice is allowed."""
    mirror_filter = state.filters.get(params.required("TrafficMirrorFilterId"))
    added = params.choices("AddNetworkServices", NETWORK_SERVICES)
    removed = params.choices("RemoveNetworkServices", NETWORK_SERVICES)
    if not added and not removed:
        raise ec2_error(Refusal.NOTHING_TO_MODIFY, operation=params.operation)
    for service in set(added) & set(removed):
        raise ec2_error(Refusal.SET_AND_REMOVED, name=service)
    services = dict.fromkeys([*mirror_filter.network_services, *added])
    mirror_filter.network_services = [s for s in services if s not in removed]
    return {"TrafficMirrorFilter": show_filter(state, mirror_filter)}
