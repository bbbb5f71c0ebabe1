"""Traffic mirror filters: create, describe, delete, network services."""

from __future__ import annotations

from typing import Any

from emulator.ec2.describe import View, describe
from emulator.ec2.errors import Refusal, refuse
from emulator.ec2.flows import AMAZON_DNS
from emulator.ec2.params import Params
from emulator.ec2.records import Filter, Rule
from emulator.ec2.tagging import read_tag_specifications
from emulator.ec2.world import World

NETWORK_SERVICES = (AMAZON_DNS,)


def rules_of(world: World, mirror_filter: Filter) -> list[Rule]:
    """List the rules of a filter, both directions."""
    return world.rules.having("filter_id", mirror_filter.id)


def show_filter(world: World, mirror_filter: Filter) -> dict[str, Any]:
    """Show a filter with its rules."""
    return mirror_filter.as_response(rules_of(world, mirror_filter))


VIEW: View[Filter] = View(
    ids="TrafficMirrorFilterIds",
    result="TrafficMirrorFilters",
    fields={"description": "description", "traffic-mirror-filter-id": "id"},
    show=show_filter,
)


def create_filter(world: World, params: Params) -> dict[str, Any]:
    """Create a filter without rules."""
    mirror_filter = Filter(
        id=world.filters.new_id(),
        serial=world.next_serial(),
        description=params.description(),
        tags=read_tag_specifications(params, world.filters.resource_type),
    )
    limit = world.knobs.quotas.filters
    if len(world.filters) >= limit:
        raise refuse(Refusal.FILTER_QUOTA, limit=limit)
    world.add_new(world.filters, mirror_filter)
    return {"TrafficMirrorFilter": show_filter(world, mirror_filter)}


def describe_filters(world: World, params: Params) -> dict[str, Any]:
    """Describe filters."""
    return describe(world, world.filters, VIEW, params)


def delete_filter(world: World, params: Params) -> dict[str, Any]:
    """Delete a filter that no session uses, and its rules with it."""
    mirror_filter = world.filters.get(params.required("TrafficMirrorFilterId"))
    users = world.users_of("filter_id", mirror_filter)
    if users:
        raise refuse(Refusal.FILTER_IN_USE, id=mirror_filter.id, sessions=users)
    for rule in rules_of(world, mirror_filter):
        world.rules.remove(rule)
    world.filters.remove(mirror_filter)
    return {"TrafficMirrorFilterId": mirror_filter.id}


def modify_network_services(world: World, params: Params) -> dict[str, Any]:
    """Add and remove network services; what is so already stays so."""
    mirror_filter = world.filters.get(params.required("TrafficMirrorFilterId"))
    added = params.choices("AddNetworkServices", NETWORK_SERVICES)
    removed = params.choices("RemoveNetworkServices", NETWORK_SERVICES)
    if not added and not removed:
        raise refuse(Refusal.NOTHING_TO_MODIFY, operation=params.operation)
    for service in set(added) & set(removed):
        raise refuse(Refusal.SET_AND_REMOVED, name=service)
    services = dict.fromkeys([*mirror_filter.network_services, *added])
    mirror_filter.network_services = [s for s in services if s not in removed]
    return {"TrafficMirrorFilter": show_filter(world, mirror_filter)}
