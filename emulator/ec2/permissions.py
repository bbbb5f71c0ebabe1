"""
Which resources a call touches, and whether the caller's policies allow that.

The table follows the Service Authorization Reference. A call that creates something
with tags needs CreateTags on it as well. What isn't in the table touches `*`, as the
Describe operations do.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from emulator.ec2.errors import Refusal, refuse
from emulator.ec2.policy import Access, Policy
from emulator.ec2.regions import partition_of
from emulator.ec2.wire import Action
from emulator.ec2.world import World

TARGET, FILTER = "traffic-mirror-target", "traffic-mirror-filter"
RULE, SESSION = "traffic-mirror-filter-rule", "traffic-mirror-session"
_TARGET_ID = {"TrafficMirrorTargetId": TARGET}
_FILTER_ID = {"TrafficMirrorFilterId": FILTER}
_RULE_ID = {"TrafficMirrorFilterRuleId": RULE}
_SESSION_ID = {"TrafficMirrorSessionId": SESSION}
_SOURCE_ID = {"NetworkInterfaceId": "network-interface"}

# Of the resources that CreateTags and DeleteTags name, those not of mirroring.
TYPES_BY_PREFIX = {
    "eni": "network-interface",
    "i": "instance",
    "pl": "prefix-list",
    "sg": "security-group",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}


@dataclass(frozen=True)
class _Touches:
    """Resource types of what a call creates, and of what its parameters name."""

    creates: str | None = None
    needs: Mapping[str, str] = field(default_factory=dict)
    may_name: Mapping[str, str] = field(default_factory=dict)


TABLE = {
    "CreateTrafficMirrorTarget": _Touches(
        creates=TARGET,
        may_name={**_SOURCE_ID, "GatewayLoadBalancerEndpointId": "vpc-endpoint"},
    ),
    "CreateTrafficMirrorFilter": _Touches(creates=FILTER),
    "CreateTrafficMirrorFilterRule": _Touches(creates=RULE, needs=_FILTER_ID),
    "CreateTrafficMirrorSession": _Touches(
        creates=SESSION, needs={**_SOURCE_ID, **_TARGET_ID, **_FILTER_ID}
    ),
    "DeleteTrafficMirrorTarget": _Touches(needs=_TARGET_ID),
    "DeleteTrafficMirrorFilter": _Touches(needs=_FILTER_ID),
    "DeleteTrafficMirrorFilterRule": _Touches(needs=_RULE_ID),
    "DeleteTrafficMirrorSession": _Touches(needs=_SESSION_ID),
    "ModifyTrafficMirrorFilterNetworkServices": _Touches(needs=_FILTER_ID),
    "ModifyTrafficMirrorFilterRule": _Touches(needs=_RULE_ID),
    "ModifyTrafficMirrorSession": _Touches(
        needs=_SESSION_ID, may_name={**_TARGET_ID, **_FILTER_ID}
    ),
    "GetManagedPrefixListEntries": _Touches(needs={"PrefixListId": "prefix-list"}),
}

Keys = dict[str, Sequence[str]]


def refuse_forbidden(
    action: Action, world: World, policies: Sequence[Policy], principal: str
) -> None:
    """Raise unless all policies allow all that the call touches."""
    if (action.service, action.operation) == ("sts", "GetCallerIdentity"):
        return  # nobody can be denied this one
    for access in accesses(action, world):
        for policy in policies:
            if not policy.allows(access):
                raise _forbidden(action, access, policy.denies(access), principal)


def accesses(action: Action, world: World) -> Iterator[Access]:
    """List what a call touches: each action with each of its resources."""
    name = f"{action.service}:{action.operation}"
    if action.service == "ec2":
        yield from _Ec2Call(action, world, name).accesses()
        return
    keys = {"aws:requestedregion": [action.region]}
    role = action.parameters.get("RoleArn", "*")
    yield Access(name, role if name == "sts:AssumeRole" else "*", keys)


class _Ec2Call:
    """One call to EC2, taken apart."""

    def __init__(self, action: Action, world: World, name: str) -> None:
        self._name = name
        self._operation = action.operation
        self._wire = action.parameters
        self._world = world
        self._keys: Keys = {
            "aws:requestedregion": [action.region],
            "ec2:region": [action.region],
        }

    def accesses(self) -> Iterator[Access]:
        touches = TABLE.get(self._operation)
        if self._operation in ("CreateTags", "DeleteTags"):
            yield from self._tagging()
        elif touches is None:
            yield Access(self._name, "*", self._keys)
        else:
            yield from self._touched(touches)
        for index in _indices(self._wire, "TagSpecification"):
            yield from self._tagging_of_new(f"TagSpecification.{index}")

    def _touched(self, touches: _Touches) -> Iterator[Access]:
        if touches.creates:
            tags: dict[str, str] = {}
            for index in _indices(self._wire, "TagSpecification"):
                tags |= _tags(self._wire, f"TagSpecification.{index}.Tag")
            keys = self._keys | _request_tags(tags)
            yield Access(self._name, self._arn(touches.creates, "*"), keys)
        for parameter, kind in touches.needs.items():
            yield self._existing(kind, self._wire.get(parameter, "*"))
        for parameter, kind in touches.may_name.items():
            if parameter in self._wire:
                yield self._existing(kind, self._wire[parameter])
        if RULE in touches.needs.values():
            rule = self._world.rules.find(
                self._wire.get("TrafficMirrorFilterRuleId", "")
            )
            yield self._existing(FILTER, rule.filter_id if rule else "*")

    def _existing(self, kind: str, name: str, more: Keys | None = None) -> Access:
        tags = {
            f"{prefix}:resourcetag/{key.lower()}": [value]
            for key, value in self._world.tags_of(name).items()
            for prefix in ("aws", "ec2")
        }
        keys = {**self._keys, **tags, **(more or {})}
        return Access(self._name, self._arn(kind, name), keys)

    def _tagging(self) -> Iterator[Access]:
        asked = _request_tags(_tags(self._wire, "Tag"))
        for index in _indices(self._wire, "ResourceId"):
            name = self._wire[f"ResourceId.{index}"]
            prefix = name.partition("-")[0]
            shelf = self._world.shelf_of(name)
            kind = TYPES_BY_PREFIX.get(prefix, prefix)
            yield self._existing(shelf.resource_type if shelf else kind, name, asked)

    def _tagging_of_new(self, specification: str) -> Iterator[Access]:
        tags = _tags(self._wire, f"{specification}.Tag")
        arn = self._arn(self._wire.get(f"{specification}.ResourceType", "*"), "*")
        created = {"ec2:createaction": [self._operation]}
        keys = self._keys | _request_tags(tags) | created
        yield Access("ec2:CreateTags", arn, keys)

    def _arn(self, kind: str, name: str) -> str:
        region, account = self._world.region, self._world.account
        return f"arn:{partition_of(region)}:ec2:{region}:{account}:{kind}/{name}"


def _indices(wire: Mapping[str, str], prefix: str) -> list[int]:
    """List the indices that a list has on the wire, in their order."""
    pattern = re.compile(rf"{re.escape(prefix)}\.([0-9]+)(\..*)?")
    found = (pattern.fullmatch(name) for name in wire)
    return sorted({int(match[1]) for match in found if match})


def _tags(wire: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        wire[f"{prefix}.{index}.Key"]: wire.get(f"{prefix}.{index}.Value", "")
        for index in _indices(wire, prefix)
        if f"{prefix}.{index}.Key" in wire
    }


def _request_tags(tags: Mapping[str, str]) -> Keys:
    keys: Keys = {f"aws:requesttag/{key.lower()}": [tags[key]] for key in tags}
    return keys | ({"aws:tagkeys": list(tags)} if tags else {})


def _forbidden(
    action: Action, access: Access, denied: bool, principal: str
) -> Exception:
    details = {
        "principal": principal,
        "action": access.action,
        "resource": access.resource,
        "reason": "a statement denies it" if denied else "no statement allows it",
    }
    if action.service != "ec2":
        return refuse(Refusal.ACCESS_DENIED, **details)
    # EC2 adds why, encoded; only sts:DecodeAuthorizationMessage would read it.
    encoded = secrets.token_urlsafe(240)
    return refuse(Refusal.UNAUTHORIZED, encoded=encoded, **details)
