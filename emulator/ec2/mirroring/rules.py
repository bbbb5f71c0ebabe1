"""
Rules of traffic mirror filters: create, describe, modify, delete.

Owns: what is allowed for rules. Must not know: requests, packets.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.mirroring.describe import View, describe_records, named_records
from emulator.ec2.mirroring.params import Params
from emulator.ec2.mirroring.records import PROTOCOLS_WITH_PORTS, Rule
from emulator.ec2.mirroring.state import RegionState
from emulator.ec2.mirroring.tags import read_tag_specifications

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


def create_rule(state: RegionState, params: Params) -> dict[str, Any]:
    """Create a rule; its number must be unused in this direction of the filter."""
    mirror_filter = state.filters.get(params.required("TrafficMirrorFilterId"))
    fields = _read_fields(state, params)
    rule = Rule(
        id=state.rules.new_id(),
        serial=state.next_serial(),
        filter_id=mirror_filter.id,
        tags=read_tag_specifications(params, state.rules.resource_type),
        **fields,
    )
    _check(state, rule)
    limit = state.settings.quotas.rules_per_filter
    if len(state.rules.find_by("filter_id", mirror_filter.id)) >= limit:
        raise ec2_error(Refusal.RULE_QUOTA, id=mirror_filter.id, limit=limit)
    return {
        "TrafficMirrorFilterRule": state.add_created(state.rules, rule).as_response()
    }


def describe_rules(state: RegionState, params: Params) -> dict[str, Any]:
    """Describe all rules, or the rules of one filter."""
    rules = named_records(state, state.rules, VIEW, params)
    filter_id = params.optional("TrafficMirrorFilterId")
    if filter_id is not None:
        mirror_filter = state.filters.get(filter_id)
        rules = [rule for rule in rules if rule.filter_id == mirror_filter.id]
    return describe_records(state, rules, VIEW, params)


def modify_rule(state: RegionState, params: Params) -> dict[str, Any]:
    """Change or remove fields of a rule; the response has no tags."""
    rule = state.rules.get(params.required("TrafficMirrorFilterRuleId"))
    # Observed on AWS: ports are rejected unless the protocol is in the same request.
    for name in PORT_RANGES:
        if name in params and "Protocol" not in params:
            raise ec2_error(Refusal.PORTS_WITHOUT_PROTOCOL, name=name)
    changes = _read_fields(state, params) | params.removals(REMOVABLE)
    if not changes:
        raise ec2_error(Refusal.NOTHING_TO_MODIFY, operation=params.operation)
    changed = replace(rule, **changes)
    _check(state, changed)
    state.rules.add(changed)
    response = changed.as_response()
    response.pop("Tags", None)
    return {"TrafficMirrorFilterRule": response}


def delete_rule(state: RegionState, params: Params) -> dict[str, Any]:
    """Delete a rule, even if its filter is in use."""
    rule = state.rules.get(params.required("TrafficMirrorFilterRuleId"))
    state.remove(state.rules, rule)
    return {"TrafficMirrorFilterRuleId": rule.id}


def _read_fields(state: RegionState, params: Params) -> dict[str, Any]:
    """Return the fields in the request, after checking each one."""
    zero_is_all = state.settings.protocol_0_is_all
    protocol = params.number("Protocol", 0 if zero_is_all else 1, 255)
    fields = {
        "direction": params.choice("TrafficDirection", DIRECTIONS),
        "number": params.number("RuleNumber", 1, MAX_RULE_NUMBER),
        "action": params.choice("RuleAction", ACTIONS),
        "protocol": protocol,
        "source_cidr": params.cidr("SourceCidrBlock"),
        "destination_cidr": params.cidr("DestinationCidrBlock"),
        "source_ports": params.ports("SourcePortRange"),
        "destination_ports": params.ports("DestinationPortRange"),
        "description": params.description(),
    }
    given = {name: value for name, value in fields.items() if value is not None}
    return {**given, "protocol": None} if protocol == 0 else given


def _check(state: RegionState, rule: Rule) -> None:
    """Check the fields that depend on each other or on other rules."""
    versions = {
        ip_network(c).version for c in (rule.source_cidr, rule.destination_cidr)
    }
    if len(versions) > 1:
        raise ec2_error(Refusal.CIDR_FAMILIES)
    for name, ports in zip(
        PORT_RANGES, (rule.source_ports, rule.destination_ports), strict=True
    ):
        if ports and rule.protocol not in PROTOCOLS_WITH_PORTS:
            raise ec2_error(Refusal.PORTS_WITHOUT_PROTOCOL, name=name)
    for other in state.rules.find_by("filter_id", rule.filter_id):
        if other.id != rule.id and _same_number(other, rule):
            details = {"number": rule.number, "direction": rule.direction}
            raise ec2_error(
                Refusal.RULE_NUMBER_TAKEN,
                filter=rule.filter_id,
                rule=other.id,
                **details,
            )


def _same_number(one: Rule, other: Rule) -> bool:
    return (one.direction, one.number) == (other.direction, other.number)
