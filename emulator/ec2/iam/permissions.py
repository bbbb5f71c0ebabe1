"""
The resources that a call needs access to, and whether the policies allow it.

Owns: AWS's Service Authorization Reference for traffic mirroring.
Must not know: who calls, how policies are evaluated.

A create call with tags also needs ec2:CreateTags. Calls that are not in the table, such
as all Describe calls, need access to `*`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from emulator.ec2.actions import Action
from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.iam.policy import Access, Policy
from emulator.ec2.mirroring.state import RegionState
from emulator.ec2.regions import partition_of

TARGET, FILTER = "traffic-mirror-target", "traffic-mirror-filter"
RULE, SESSION = "traffic-mirror-filter-rule", "traffic-mirror-session"
_TARGET_ID = {"TrafficMirrorTargetId": TARGET}
_FILTER_ID = {"TrafficMirrorFilterId": FILTER}
_RULE_ID = {"TrafficMirrorFilterRuleId": RULE}
_SESSION_ID = {"TrafficMirrorSessionId": SESSION}
_SOURCE_ID = {"NetworkInterfaceId": "network-interface"}

# Other resources that CreateTags and DeleteTags may name.
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
class _Resources:
    """The types of the resources that a call creates, and that its parameters name."""

    creates: str | None = None
    needs: Mapping[str, str] = field(default_factory=dict)
    may_name: Mapping[str, str] = field(default_factory=dict)


TABLE = {
    "CreateTrafficMirrorTarget": _Resources(
        creates=TARGET,
        may_name={**_SOURCE_ID, "GatewayLoadBalancerEndpointId": "vpc-endpoint"},
    ),
    "CreateTrafficMirrorFilter": _Resources(creates=FILTER),
    "CreateTrafficMirrorFilterRule": _Resources(creates=RULE, needs=_FILTER_ID),
    "CreateTrafficMirrorSession": _Resources(
        creates=SESSION, needs={**_SOURCE_ID, **_TARGET_ID, **_FILTER_ID}
    ),
    "DeleteTrafficMirrorTarget": _Resources(needs=_TARGET_ID),
    "DeleteTrafficMirrorFilter": _Resources(needs=_FILTER_ID),
    "DeleteTrafficMirrorFilterRule": _Resources(needs=_RULE_ID),
    "DeleteTrafficMirrorSession": _Resources(needs=_SESSION_ID),
    "ModifyTrafficMirrorFilterNetworkServices": _Resources(needs=_FILTER_ID),
    "ModifyTrafficMirrorFilterRule": _Resources(needs=_RULE_ID),
    "ModifyTrafficMirrorSession": _Resources(
        needs=_SESSION_ID, may_name={**_TARGET_ID, **_FILTER_ID}
    ),
    "GetManagedPrefixListEntries": _Resources(needs={"PrefixListId": "prefix-list"}),
}

# The prefixes of IAM actions that are not the service's name in a signature.
_PREFIXES = {"monitoring": "cloudwatch"}

Keys = dict[str, Sequence[str]]


def check_permissions(
    action: Action, state: RegionState, policies: Sequence[Policy], principal: str
) -> None:
    """Raise Ec2Error unless all policies allow the call."""
    if (action.service, action.operation) == ("sts", "GetCallerIdentity"):
        return  # AWS always allows it
    for access in accesses(action, state):
        for policy in policies:
            if not policy.allows(access):
                raise _forbidden(action, access, policy.denies(access), principal)


def accesses(action: Action, state: RegionState) -> Iterator[Access]:
    """Yield each action of a call with each of its resources."""
    name = f"{_PREFIXES.get(action.service, action.service)}:{action.operation}"
    if action.service == "ec2":
        yield from _Ec2Call(action, state, name).accesses()
        return
    keys = {"aws:requestedregion": [action.region]}
    role = action.parameters.get("RoleArn", "*")
    yield Access(name, role if name == "sts:AssumeRole" else "*", keys)


class _Ec2Call:
    """A call to EC2."""

    def __init__(self, action: Action, state: RegionState, name: str) -> None:
        self._name = name
        self._operation = action.operation
        self._parameters = action.parameters
        self._state = state
        self._keys: Keys = {
            "aws:requestedregion": [action.region],
            "ec2:region": [action.region],
        }

    def accesses(self) -> Iterator[Access]:
        needed = TABLE.get(self._operation)
        if self._operation in ("CreateTags", "DeleteTags"):
            yield from self._tagging()
        elif needed is None:
            yield Access(self._name, "*", self._keys)
        else:
            yield from self._of_resources(needed)
        for index in _indices(self._parameters, "TagSpecification"):
            yield from self._tagging_of_new(f"TagSpecification.{index}")

    def _of_resources(self, needed: _Resources) -> Iterator[Access]:
        if needed.creates:
            tags: dict[str, str] = {}
            for index in _indices(self._parameters, "TagSpecification"):
                tags |= _tags(self._parameters, f"TagSpecification.{index}.Tag")
            keys = self._keys | _request_tags(tags)
            yield Access(self._name, self._arn(needed.creates, "*"), keys)
        for parameter, kind in needed.needs.items():
            yield self._existing(kind, self._parameters.get(parameter, "*"))
        for parameter, kind in needed.may_name.items():
            if parameter in self._parameters:
                yield self._existing(kind, self._parameters[parameter])
        if RULE in needed.needs.values():
            rule = self._state.rules.find(
                self._parameters.get("TrafficMirrorFilterRuleId", "")
            )
            yield self._existing(FILTER, rule.filter_id if rule else "*")

    def _existing(self, kind: str, name: str, more: Keys | None = None) -> Access:
        tags = {
            f"{prefix}:resourcetag/{key.lower()}": [value]
            for key, value in self._state.tags_of(name).items()
            for prefix in ("aws", "ec2")
        }
        keys = {**self._keys, **tags, **(more or {})}
        return Access(self._name, self._arn(kind, name), keys)

    def _tagging(self) -> Iterator[Access]:
        requested = _request_tags(_tags(self._parameters, "Tag"))
        for index in _indices(self._parameters, "ResourceId"):
            name = self._parameters[f"ResourceId.{index}"]
            prefix = name.partition("-")[0]
            table = self._state.table_of(name)
            kind = TYPES_BY_PREFIX.get(prefix, prefix)
            yield self._existing(
                table.resource_type if table else kind, name, requested
            )

    def _tagging_of_new(self, specification: str) -> Iterator[Access]:
        tags = _tags(self._parameters, f"{specification}.Tag")
        arn = self._arn(self._parameters.get(f"{specification}.ResourceType", "*"), "*")
        created = {"ec2:createaction": [self._operation]}
        keys = self._keys | _request_tags(tags) | created
        yield Access("ec2:CreateTags", arn, keys)

    def _arn(self, kind: str, name: str) -> str:
        region, account = self._state.region, self._state.account
        return f"arn:{partition_of(region)}:ec2:{region}:{account}:{kind}/{name}"


def _indices(parameters: Mapping[str, str], prefix: str) -> list[int]:
    """Return the indices of a list parameter, sorted."""
    pattern = re.compile(rf"{re.escape(prefix)}\.([0-9]+)(\..*)?")
    found = (pattern.fullmatch(name) for name in parameters)
    return sorted({int(match[1]) for match in found if match})


def _tags(parameters: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {
        parameters[f"{prefix}.{index}.Key"]: parameters.get(
            f"{prefix}.{index}.Value", ""
        )
        for index in _indices(parameters, prefix)
        if f"{prefix}.{index}.Key" in parameters
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
        return ec2_error(Refusal.ACCESS_DENIED, **details)
    # EC2 encodes the reason; only sts:DecodeAuthorizationMessage can decode it.
    encoded = secrets.token_urlsafe(240)
    return ec2_error(Refusal.UNAUTHORIZED, encoded=encoded, **details)
