"""Rules of traffic mirror filters: create, describe, modify, delete."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

from emulator.ec2.describe import View, describe_some, named
from emulator.ec2.errors import Refusal, refuse
from emulator.ec2.flows import PROTOCOLS_WITH_PORTS
from emulator.ec2.params import Params
from emulator.ec2.records import Rule
from emulator.ec2.tagging import read_tag_specifications
from emulator.ec2.world import World

DIRECTIONS = ("ingress", "egress")
ACTIONS = ("accept", "reject")
MAX_RULE_NUMBER = 32766  # a guess: AWS documents no range
PORT_RANGES = ("SourcePortRange", "DestinationPortRange")
REMOVABLE = {
    "destination-port-range": ("DestinationPortRange", "destination_ports"),
    "source-port-range": ("SourcePortRange", "source_ports"),
    "protocol": ("Protocol", "protocol"),
    "description": ("Description", "description"),
}

VIEW: View[Rule] = View(
    ids="TrafficMirrorFilterRuleIds",
    result="TrafficMirrorFilterRules",
    fields={
        "traffic-mirror-filter-rule-id": "id",
        "traffic-mirror-filter-id": "filter_id",
        "rule-number": "number",
        "rule-action": "action",
        "traffic-direction": "direction",
        "protocol": "protocol",
        "source-cidr-block": "source_cidr",
        "destination-cidr-block": "destination_cidr",
        "description": "description",
    },
    show=lambda _, rule: rule.as_response(),
)


def create_rule(world: World, params: Params) -> dict[str, Any]:
    """Create a rule; its number must be free in that direction of the filter."""
    mirror_filter = world.filters.get(params.required("TrafficMirrorFilterId"))
    given = _read_fields(params)
    rule = Rule(
        id=world.rules.new_id(),
        serial=world.next_serial(),
        filter_id=mirror_filter.id,
        tags=read_tag_specifications(params, world.rules.resource_type),
        **given,
    )
    _check(world, rule)
    limit = world.knobs.quotas.rules_per_filter
    if len(world.rules.having("filter_id", mirror_filter.id)) >= limit:
        raise refuse(Refusal.RULE_QUOTA, id=mirror_filter.id, limit=limit)
    return {"TrafficMirrorFilterRule": world.add_new(world.rules, rule).as_response()}


def describe_rules(world: World, params: Params) -> dict[str, Any]:
    """Describe rules, those of one filter where one is named."""
    rules = named(world, world.rules, VIEW, params)
    filter_id = params.optional("TrafficMirrorFilterId")
    if filter_id is not None:
        mirror_filter = world.filters.get(filter_id)
        rules = [rule for rule in rules if rule.filter_id == mirror_filter.id]
    return describe_some(world, rules, VIEW, params)


def modify_rule(world: World, params: Params) -> dict[str, Any]:
    """Change fields of a rule, or remove them; the answer shows no tags."""
    rule = world.rules.get(params.required("TrafficMirrorFilterRuleId"))
    # Seen on AWS: ports are refused unless the protocol is in the same request.
    for name in PORT_RANGES:
        if name in params and "Protocol" not in params:
            raise refuse(Refusal.PORTS_WITHOUT_PROTOCOL, name=name)
    changes = _read_fields(params) | params.removals(REMOVABLE)
    if not changes:
        raise refuse(Refusal.NOTHING_TO_MODIFY, operation=params.operation)
    changed = replace(rule, **changes)
    _check(world, changed)
    world.rules.add(changed)
    response = changed.as_response()
    response.pop("Tags", None)
    return {"TrafficMirrorFilterRule": response}


def delete_rule(world: World, params: Params) -> dict[str, Any]:
    """Delete a rule, also of a filter in use."""
    rule = world.rules.get(params.required("TrafficMirrorFilterRuleId"))
    world.rules.remove(rule)
    return {"TrafficMirrorFilterRuleId": rule.id}


def _read_fields(params: Params) -> dict[str, Any]:
    """Read the fields that the call gives, each checked by itself."""
    fields = {
        "direction": params.choice("TrafficDirection", DIRECTIONS),
        "number": params.number("RuleNumber", 1, MAX_RULE_NUMBER),
        "action": params.choice("RuleAction", ACTIONS),
        "protocol": params.number("Protocol", 1, 255),
        "source_cidr": params.cidr("SourceCidrBlock"),
        "destination_cidr": params.cidr("DestinationCidrBlock"),
        "source_ports": params.ports("SourcePortRange"),
        "destination_ports": params.ports("DestinationPortRange"),
        "description": params.description(),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _check(world: World, rule: Rule) -> None:
    """Check what depends on several fields, or on other rules."""
    versions = {
        ip_network(c).version for c in (rule.source_cidr, rule.destination_cidr)
    }
    if len(versions) > 1:
        raise refuse(Refusal.CIDR_FAMILIES)
    for name, ports in zip(
        PORT_RANGES, (rule.source_ports, rule.destination_ports), strict=True
    ):
        if ports and rule.protocol not in PROTOCOLS_WITH_PORTS:
            raise refuse(Refusal.PORTS_WITHOUT_PROTOCOL, name=name)
    for other in world.rules.having("filter_id", rule.filter_id):
        if other.id != rule.id and _same_place(other, rule):
            details = {"number": rule.number, "direction": rule.direction}
            raise refuse(
                Refusal.RULE_NUMBER_TAKEN,
                filter=rule.filter_id,
                rule=other.id,
                **details,
            )


def _same_place(one: Rule, other: Rule) -> bool:
    return (one.direction, one.number) == (other.direction, other.number)
