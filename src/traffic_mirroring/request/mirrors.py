"""
Mirrors as EC2 has them, in the words of a request: the reverse of shapes and rules.

Owns the objects of GetTrafficMirroring's answer, and what a request can't express. Must
not know how mirrors are looked up.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from traffic_mirroring import tags
from traffic_mirroring.errors import NotAllowed
from traffic_mirroring.models import (
    EVERYTHING,
    DestinationKind,
    Filter,
    FilterRule,
    PortRange,
    Session,
    Target,
    destination_kind,
)
from traffic_mirroring.request import fields
from traffic_mirroring.request.problems import describe
from traffic_mirroring.request.protocols import in_words
from traffic_mirroring.request.shapes import CreateTrafficMirroring
from traffic_mirroring.request.values import Value
from traffic_mirroring.results import ListedMirror, Traffic

_DESTINATIONS: dict[DestinationKind, str] = {
    "NIC": "targetNicId",
    "nlb": "networkLoadBalancerArn",
    "gwlbe": "gatewayLoadBalancerEndpointId",
}

_PATH = "actions[0].actionParams."


def listed_mirror(mirror: ListedMirror) -> dict[str, object]:
    """Return a mirror of GetTrafficMirroring's answer."""
    session = mirror.session
    return {
        "actionParams": action_params(session, mirror.target, mirror.filter),
        "sessionId": session.id,
        "sessionNumber": session.number,
        "virtualNetworkId": session.virtual_network_id,
        "targetId": session.target_id,
        "filterId": session.filter_id,
        "warnings": list(mirror.warnings),
        "traffic": _traffic(mirror.traffic),
    }


def action_params(
    session: Session, target: Target | None, filter_: Filter | None
) -> dict[str, object]:
    """
    Return the actionParams of a Create action that finds this mirror.

    Descriptions and tags that a request can't have are left out; they don't make
    another mirror. Without a filter, `filterRules` is None.
    """
    params: dict[str, object] = {"sourceNicId": session.source_nic_id}
    if target and target.destination:
        name = _DESTINATIONS[destination_kind(target.destination)]
        params[name] = target.destination
    params["sessionNumber"] = session.number
    if not filter_:
        params["filterRules"] = None
    elif filter_.rules != EVERYTHING:
        params["filterRules"] = [_rule(rule) for rule in filter_.rules]
    if filter_ and filter_.network_services:
        params["networkServices"] = list(filter_.network_services)
    if session.packet_length is not None:
        params["packetLength"] = session.packet_length
    params["virtualNetworkId"] = session.virtual_network_id
    if _is_users_description(session):
        params["description"] = session.description
    user_tags = _user_tags(session)
    if user_tags:
        params["tags"] = user_tags
    return params


def find_inexpressible(
    session: Session, target: Target | None, filter_: Filter | None
) -> str | None:
    """Return why no request can express the mirror; None if one can."""
    if not target or not target.destination:
        return f"its target {session.target_id} can't be found"
    if not filter_:
        return f"its filter {session.filter_id} can't be found"
    if not filter_.rules:
        return (
            f"its filter {filter_.id} has no rules, and a request without rules "
            "mirrors everything"
        )
    params = action_params(session, target, filter_)
    action: Any = {"type": "CreateTrafficMirroring", "actionParams": params}
    try:
        read = CreateTrafficMirroring.model_validate(action).to_action().mirror
    except ValidationError as error:
        lines = [describe(CreateTrafficMirroring, 0, each) for each in error.errors()]
        return "; ".join(line.removeprefix(_PATH) for line in lines)
    if read.rules != filter_.rules:
        return f"a request reads the CIDRs of filter {filter_.id} without host bits"
    return None


def _is_users_description(session: Session) -> bool:
    """Return whether a request gave the description, instead of the mirror's name."""
    description = session.description
    is_name = session.tags.get(tags.NAME) == f"session-{description}"
    return (
        bool(description) and not is_name and _is_valid(fields.DESCRIPTION, description)
    )


def _rule(rule: FilterRule) -> dict[str, object]:
    fields_of_rule: dict[str, object] = {
        "direction": rule.direction,
        "protocol": in_words(rule.protocol),
        "sourceCidr": rule.source_cidr,
        "destinationCidr": rule.destination_cidr,
    }
    for name, ports in (
        ("sourcePortRange", rule.source_ports),
        ("destinationPortRange", rule.destination_ports),
    ):
        if ports:
            fields_of_rule[name] = _ports(ports)
    fields_of_rule["ruleAction"] = rule.action
    if rule.description and _is_valid(fields.DESCRIPTION, rule.description):
        fields_of_rule["description"] = rule.description
    return fields_of_rule


def _ports(ports: PortRange) -> dict[str, object]:
    return {"fromPort": ports.first, "toPort": ports.last}


def _user_tags(session: Session) -> dict[str, str]:
    valid = {
        key: value
        for key, value in tags.user_tags(session.tags).items()
        if _is_valid(fields.TAG_KEY, key) and _is_valid(fields.TAG_VALUE, value)
    }
    return dict(list(valid.items())[: tags.MAX_USER_TAGS])


def _traffic(traffic: Traffic | None) -> dict[str, object] | None:
    if traffic is None:
        return None
    return {
        "packetsMirrored": traffic.packets_mirrored,
        "bytesMirrored": traffic.bytes_mirrored,
        "packetsSkipped": traffic.packets_skipped,
    }


def _is_valid(value: Value, text: str) -> bool:
    try:
        value.read(text)
    except NotAllowed:
        return False
    return True
