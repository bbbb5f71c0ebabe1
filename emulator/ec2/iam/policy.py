"""
IAM policy documents: parsing and evaluation.

Owns: the policy language. Must not know: EC2, which resources a call accesses.

Identity policies only, with the condition keys in `_KEYS` and the operators in
`_CONDITION`. Anything else is rejected when the document is parsed, never ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

VERSIONS = ("2012-10-17", "2008-10-17")
EFFECTS = ("Allow", "Deny")
_ELEMENTS = {"Sid", "Effect", "Action", "Resource", "Condition"}
_ACTION = re.compile(r"\*|\*:\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
_ARN_PARTS = 6

_TAG_KEYS = "aws:tagkeys"
_KEYS = re.compile(
    r"(aws:(request|resource)tag|ec2:resourcetag)/.+"
    r"|aws:tagkeys|aws:requestedregion|ec2:createaction|ec2:region"
)
_CONDITION = re.compile(
    r"(?:(ForAllValues|ForAnyValue):)?"
    r"(Null|String(?:Not)?(?:Equals(?:IgnoreCase)?|Like))(IfExists)?"
)

# Compares a value of the call with one of the policy.
_Compare = Callable[[str, str], bool]


@dataclass(frozen=True)
class Access:
    """An action on a resource (an ARN or `*`), with the values of condition keys."""

    action: str
    resource: str
    keys: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The names are in lower case; only `aws:tagkeys` has several values."""


@dataclass(frozen=True)
class _Condition:
    key: str
    wanted: tuple[str, ...]
    compare: _Compare
    negated: bool
    if_exists: bool
    quantifier: str

    def holds(self, keys: Mapping[str, Sequence[str]]) -> bool:
        values = keys.get(self.key)
        if values is None and self.if_exists:
            return True
        matches = [self._matches(value) for value in values or ()]
        if self.quantifier == "ForAllValues":
            return all(matches)
        if self.quantifier == "ForAnyValue":
            return any(matches)
        return matches[0] if matches else self.negated

    def _matches(self, value: str) -> bool:
        return any(self.compare(value, each) for each in self.wanted) != self.negated


@dataclass(frozen=True)
class _Absence:
    """The operator Null: "true" requires an absent key, "false" a present one."""

    key: str
    wanted: tuple[str, ...]

    def holds(self, keys: Mapping[str, Sequence[str]]) -> bool:
        return ("false" if keys.get(self.key) else "true") in self.wanted


@dataclass(frozen=True)
class _Statement:
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: tuple[_Condition | _Absence, ...]

    def applies(self, access: Access) -> bool:
        return (
            any(_like(access.action.lower(), each.lower()) for each in self.actions)
            and any(_covers(each, access.resource) for each in self.resources)
            and all(condition.holds(access.keys) for condition in self.conditions)
        )


class Policy:
    """An identity policy; raises ValueError if it can't be evaluated."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        _check_elements("policy", document, {"Version", "Statement"})
        if document.get("Version") not in VERSIONS:
            raise ValueError(f"Version must be one of {', '.join(VERSIONS)}")
        entries = document.get("Statement")
        statements = [entries] if isinstance(entries, Mapping) else entries
        if not isinstance(statements, list) or not statements:
            raise ValueError("a policy needs at least one Statement")
        self._statements = [_read_statement(each) for each in statements]
        sids = [each["Sid"] for each in statements if "Sid" in each]
        if len(set(sids)) < len(sids):
            raise ValueError("two statements have the same Sid")

    def allows(self, access: Access) -> bool:
        """Return whether a statement allows this access, and none denies it."""
        effects = {s.effect for s in self._statements if s.applies(access)}
        return effects == {"Allow"}

    def denies(self, access: Access) -> bool:
        """Return whether a statement denies it explicitly."""
        return any(s.effect == "Deny" and s.applies(access) for s in self._statements)


def _read_statement(entry: object) -> _Statement:
    if not isinstance(entry, Mapping):
        raise ValueError(f"a Statement must be an object, not {entry!r}")
    _check_elements("statement", entry, _ELEMENTS)
    if entry.get("Effect") not in EFFECTS:
        raise ValueError("Effect must be Allow or Deny")
    sid = entry.get("Sid", "")
    if not isinstance(sid, str) or not re.fullmatch("[A-Za-z0-9]*", sid):
        raise ValueError(f"the Sid {sid!r} has characters other than A-Z, a-z, 0-9")
    conditions = entry.get("Condition", {})
    if not isinstance(conditions, Mapping):
        raise ValueError("Condition must be an object")
    return _Statement(
        effect=entry["Effect"],
        actions=_texts("Action", entry.get("Action"), _is_action),
        resources=_texts("Resource", entry.get("Resource"), _is_resource),
        conditions=tuple(_read_conditions(conditions)),
    )


def _check_elements(what: str, entry: Mapping[str, Any], known: set[str]) -> None:
    for name in entry:
        if name not in known:
            raise ValueError(f"a {what} with {name} is not supported here")


def _texts(what: str, value: object, valid: Callable[[str], bool]) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not values:
        raise ValueError(f"{what} is empty")
    for each in values:
        if not isinstance(each, str) or "${" in each or not valid(each):
            raise ValueError(f"{what}: {each!r} is not supported here")
    return tuple(values)


def _is_action(text: str) -> bool:
    return _ACTION.fullmatch(text) is not None


def _is_resource(text: str) -> bool:
    parts = text.split(":", _ARN_PARTS - 1)
    return text == "*" or (len(parts) == _ARN_PARTS and parts[0] == "arn")


def _read_conditions(
    conditions: Mapping[str, Any],
) -> Iterable[_Condition | _Absence]:
    for operator, tests in conditions.items():
        if not isinstance(tests, Mapping) or not tests:
            raise ValueError(f"{operator} must be an object with condition keys")
        for key, value in tests.items():
            yield _read_condition(operator, key.lower(), value)


def _read_condition(operator: str, key: str, value: object) -> _Condition | _Absence:
    found = _CONDITION.fullmatch(operator)
    if not found or not _KEYS.fullmatch(key):
        raise ValueError(f"the condition {operator} of {key} is not supported here")
    quantifier, comparison, if_exists = found.groups(default="")
    if comparison == "Null":
        if quantifier or if_exists:
            raise ValueError(f"{operator}: Null takes neither prefix nor suffix")
        return _Absence(key, _texts(key, value, lambda text: text in ("true", "false")))
    if bool(quantifier) != (key == _TAG_KEYS):
        raise ValueError(f"{operator} of {key}: only aws:TagKeys has several values")
    return _Condition(
        key=key,
        wanted=_texts(key, value, lambda _: True),
        compare=_comparison(comparison),
        negated="Not" in comparison,
        if_exists=bool(if_exists),
        quantifier=quantifier,
    )


def _comparison(name: str) -> _Compare:
    if name.endswith("Like"):
        return _like
    if name.endswith("IgnoreCase"):
        return lambda value, wanted: value.lower() == wanted.lower()
    return lambda value, wanted: value == wanted


def _covers(pattern: str, resource: str) -> bool:
    """Match ARNs part by part; only in the last part a wildcard matches colons."""
    if "*" in (pattern, resource):
        return pattern == "*"
    wanted, parts = (text.split(":", _ARN_PARTS - 1) for text in (pattern, resource))
    return all(_like(part, each) for part, each in zip(parts, wanted, strict=True))


def _like(value: str, pattern: str) -> bool:
    return _compiled(pattern).fullmatch(value) is not None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    meanings = {"*": ".*", "?": "."}
    parts = (meanings.get(character) or re.escape(character) for character in pattern)
    return re.compile("".join(parts), re.DOTALL)
