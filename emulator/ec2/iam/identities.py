"""
Access keys, roles and the temporary keys of roles.

Owns: which keys are valid, and their policies. Must not know: what a call accesses (see
permissions.py), moto.

No signature is verified: only access keys and session tokens are compared. A key is
valid in the regions of one partition: `aws`, unless a test says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from hmac import compare_digest
from typing import Any, Protocol

from emulator.ec2.actions import Action
from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.iam.policy import Policy
from emulator.ec2.regions import partition_of

ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/[\w+=,.@/-]{1,512}")
_KEY_ID = re.compile(r"\w+", re.ASCII)
_TEMPORARY = "ASIA"


@dataclass(frozen=True)
class Caller:
    """The owner of a key, as GetCallerIdentity returns it."""

    user_id: str
    account: str
    arn: str


@dataclass(frozen=True)
class TemporaryKey:
    """The credentials that AssumeRole returns."""

    role: str
    access_key: str
    secret_key: str
    session_token: str
    expires: datetime
    caller: Caller


class Accounts(Protocol):
    """The accounts that keys belong to."""

    def account_of(self, access_key: str) -> str:
        """Return the account of a key; unknown keys belong to the default account."""

    def caller_of(self, access_key: str, region: str) -> Caller:
        """Return the owner of a key."""

    def new_temporary_key(
        self, role: str, session_name: str, expires: datetime
    ) -> TemporaryKey:
        """Make a key that acts in the role's account."""


def utc_now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(timezone.utc)


class Identities:
    """Any key is valid and may do everything, until it is rejected or restricted."""

    def __init__(self) -> None:
        self._rejected: set[str] = set()
        self._policies: dict[str, Policy] = {}
        self._roles: dict[str, Policy | None] = {}
        self._temporary_keys: dict[str, TemporaryKey] = {}
        self._partitions: dict[str, str] = {}

    def reject(self, access_key: str) -> None:
        """Make a key invalid."""
        self._rejected.add(access_key)

    def restrict(self, access_key: str, document: Mapping[str, Any]) -> None:
        """Attach a policy to a key, in place of its last one; raises ValueError."""
        self._policies[access_key] = Policy(document)

    def add_role(self, arn: str, document: Mapping[str, Any] | None) -> None:
        """Add a role; without a policy it may do everything. Raises ValueError."""
        if not ROLE_ARN.fullmatch(arn):
            raise ValueError(f"'{arn}' is not the ARN of a role")
        self._roles[arn] = None if document is None else Policy(document)

    def has_role(self, arn: str) -> bool:
        """Return whether the role exists."""
        return arn in self._roles

    def add_key(self, key: TemporaryKey) -> None:
        """Make a temporary key valid."""
        self._temporary_keys[key.access_key] = key

    def set_partition(self, access_key: str, partition: str) -> None:
        """Move a key that is not temporary to another partition than `aws`."""
        self._partitions[access_key] = partition

    def _accepts(self, action: Action) -> bool:
        """Return whether AWS can have issued the key, in the region's partition."""
        if not action.service:
            return True  # an unsigned request
        return (
            _KEY_ID.fullmatch(action.access_key) is not None
            and action.access_key not in self._rejected
            and self._partition_of(action.access_key) == partition_of(action.region)
        )

    def _partition_of(self, access_key: str) -> str:
        key = self._temporary_keys.get(access_key)
        if key is not None:
            return key.role.split(":")[1]
        return self._partitions.get(access_key, "aws")

    def expire_all(self) -> None:
        """Make all present temporary keys expire now."""
        for name, key in list(self._temporary_keys.items()):
            self._temporary_keys[name] = replace(key, expires=utc_now())

    def policies_of(self, access_key: str) -> list[Policy]:
        """Return the policies that must all allow a key's calls; none: all allowed."""
        key = self._temporary_keys.get(access_key)
        found = self._policies.get(access_key), key and self._roles.get(key.role)
        return [policy for policy in found if policy]

    def authenticate(self, action: Action) -> None:
        """Raise unless the key is valid, has its own token, and has not expired."""
        ec2 = action.service == "ec2"
        key = self._temporary_keys.get(action.access_key)
        known = key is not None or not action.access_key.startswith(_TEMPORARY)
        token = key.session_token if key else ""
        matches = compare_digest(token.encode(), action.session_token.encode())
        if not (known and matches and self._accepts(action)):
            raise ec2_error(Refusal.AUTH_FAILURE if ec2 else Refusal.KEY_UNKNOWN)
        if key and key.expires <= utc_now():
            raise ec2_error(Refusal.REQUEST_EXPIRED if ec2 else Refusal.TOKEN_EXPIRED)
