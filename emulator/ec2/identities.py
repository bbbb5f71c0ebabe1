"""
Who calls: keys, roles, the temporary keys handed out for them, and their policies.

Secrets are not checked: no signature is computed, only names and session tokens are
compared. What a call may touch is for permissions.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from hmac import compare_digest
from typing import Any

from emulator.ec2.errors import Refusal, refuse
from emulator.ec2.policy import Policy
from emulator.ec2.wire import Action

ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/[\w+=,.@/-]{1,512}")
_TEMPORARY = "ASIA"


@dataclass(frozen=True)
class Caller:
    """Who a key belongs to, as GetCallerIdentity says it."""

    user_id: str
    account: str
    arn: str


@dataclass(frozen=True)
class TemporaryKey:
    """What AssumeRole hands out."""

    role: str
    access_key: str
    secret_key: str
    session_token: str
    expires: datetime
    caller: Caller


def utc_now() -> datetime:
    """Return the present time, with its zone."""
    return datetime.now(timezone.utc)


class Identities:
    """Keys are good for everything until they're rejected or restricted."""

    def __init__(self) -> None:
        self.token_seconds: int | None = None
        self._rejected: set[str] = set()
        self._policies: dict[str, Policy] = {}
        self._roles: dict[str, Policy | None] = {}
        self._handed_out: dict[str, TemporaryKey] = {}

    def reject(self, access_key: str) -> None:
        """Know a key no more."""
        self._rejected.add(access_key)

    def restrict(self, access_key: str, document: Mapping[str, Any]) -> None:
        """Allow a key no more than a policy allows; ValueError if that is malformed."""
        self._policies[access_key] = Policy(document)

    def add_role(self, arn: str, document: Mapping[str, Any] | None) -> None:
        """Let a role be assumed, with a policy or allowed everything."""
        if not ROLE_ARN.fullmatch(arn):
            raise ValueError(f"'{arn}' is not the ARN of a role")
        self._roles[arn] = None if document is None else Policy(document)

    def has_role(self, arn: str) -> bool:
        """Tell whether this role may be assumed."""
        return arn in self._roles

    def hand_out(self, key: TemporaryKey) -> None:
        """Know a temporary key from now on."""
        self._handed_out[key.access_key] = key

    def expire_all(self) -> None:
        """Let all temporary keys so far have expired."""
        for name, key in list(self._handed_out.items()):
            self._handed_out[name] = replace(key, expires=utc_now())

    def policies_of(self, access_key: str) -> list[Policy]:
        """List the policies that must all allow what a key does; none: it may all."""
        key = self._handed_out.get(access_key)
        found = self._policies.get(access_key), key and self._roles.get(key.role)
        return [policy for policy in found if policy]

    def authenticate(self, action: Action) -> None:
        """Raise unless the key is known, with its own token, and not expired."""
        ec2 = action.service == "ec2"
        key = self._handed_out.get(action.access_key)
        known = key is not None or not action.access_key.startswith(_TEMPORARY)
        token = key.session_token if key else ""
        fits = compare_digest(token.encode(), action.session_token.encode())
        if action.access_key in self._rejected or not known or not fits:
            raise refuse(Refusal.AUTH_FAILURE if ec2 else Refusal.KEY_UNKNOWN)
        if key and key.expires <= utc_now():
            raise refuse(Refusal.REQUEST_EXPIRED if ec2 else Refusal.TOKEN_EXPIRED)
