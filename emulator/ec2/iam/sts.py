"""
AWS's Security Token Service: GetCallerIdentity and AssumeRole.

Owns: these operations and the lifetime of temporary keys. Must not know: EC2, moto.

Any caller that is allowed sts:AssumeRole can assume a role, as if its trust policy
named everyone. Session policies, session tags and other parameters are not emulated.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from emulator.ec2.actions import Action
from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.iam.identities import (
    ROLE_ARN,
    Accounts,
    Identities,
    TemporaryKey,
    utc_now,
)
from emulator.ec2.regions import partition_of
from emulator.ec2.settings import Settings

PARAMETERS = ("RoleArn", "RoleSessionName", "DurationSeconds", "ExternalId")
SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
MIN_SECONDS = 900
MAX_SECONDS = 3600  # the default maximum of a role
DEFAULT_SECONDS = 3600


class Sts:
    """Answers the operations of STS."""

    def __init__(
        self, identities: Identities, accounts: Accounts, settings: Settings
    ) -> None:
        self._identities = identities
        self._accounts = accounts
        self._settings = settings

    def answer(self, action: Action) -> dict[str, Any]:
        """Carry out an operation, and return the members of its result."""
        if action.operation == "GetCallerIdentity":
            caller = self._accounts.caller_of(action.access_key, action.region)
            return {
                "UserId": caller.user_id,
                "Account": caller.account,
                "Arn": caller.arn,
            }
        if action.operation == "AssumeRole":
            return self._assume_role(action)
        raise ec2_error(Refusal.NOT_EMULATED, operation=action.operation)

    def issue_key(
        self, role: str, session_name: str, seconds: int = DEFAULT_SECONDS
    ) -> TemporaryKey:
        """Make a temporary key of a role; the setting token_seconds has priority."""
        if self._settings.token_seconds is not None:
            seconds = self._settings.token_seconds
        expires = utc_now() + timedelta(seconds=seconds)
        key = self._accounts.new_temporary_key(role, session_name, expires)
        self._identities.add_key(key)
        return key

    def _assume_role(self, action: Action) -> dict[str, Any]:
        seconds = _read_seconds(action.parameters)
        role, name = _read_role(action.parameters)
        same_partition = role.split(":")[1] == partition_of(action.region)
        if not (same_partition and self._identities.has_role(role)):
            raise ec2_error(
                Refusal.ACCESS_DENIED,
                principal=self._accounts.caller_of(
                    action.access_key, action.region
                ).arn,
                action="sts:AssumeRole",
                resource=role,
                reason="its trust policy does not name it, or this partition has no "
                "such role",
            )
        key = self.issue_key(role, name, seconds)
        return {
            "Credentials": {
                "AccessKeyId": key.access_key,
                "SecretAccessKey": key.secret_key,
                "SessionToken": key.session_token,
                "Expiration": key.expires,
            },
            "AssumedRoleUser": {
                "AssumedRoleId": key.caller.user_id,
                "Arn": key.caller.arn,
            },
        }


def _read_role(parameters: dict[str, str]) -> tuple[str, str]:
    for name in parameters:
        if name not in PARAMETERS:
            raise ec2_error(Refusal.NOT_EMULATED, operation=f"AssumeRole with {name}")
    role = parameters.get("RoleArn", "")
    if not ROLE_ARN.fullmatch(role):
        raise ec2_error(Refusal.VALIDATION, name="RoleArn", value=role)
    name = parameters.get("RoleSessionName", "")
    if not SESSION_NAME.fullmatch(name):
        raise ec2_error(Refusal.VALIDATION, name="RoleSessionName", value=name)
    return role, name


def _read_seconds(parameters: dict[str, str]) -> int:
    value = parameters.get("DurationSeconds", str(DEFAULT_SECONDS))
    valid = value.isascii() and value.isdecimal()
    if not valid or not MIN_SECONDS <= int(value) <= MAX_SECONDS:
        raise ec2_error(Refusal.VALIDATION, name="DurationSeconds", value=value)
    return int(value)
