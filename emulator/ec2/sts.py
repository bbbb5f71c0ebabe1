"""
STS: who a key belongs to, and temporary keys for roles.

GetCallerIdentity and AssumeRole only. A role is assumed by whoever may, as if its trust
policy named everyone; session policies, session tags and the like are refused.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from emulator.ec2.errors import Refusal, refuse
from emulator.ec2.identities import ROLE_ARN, Identities, TemporaryKey, utc_now
from emulator.ec2.moto_bridge import caller_of, new_temporary_key
from emulator.ec2.wire import Action

PARAMETERS = ("RoleArn", "RoleSessionName", "DurationSeconds", "ExternalId")
SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
SHORTEST = 900
LONGEST = 3600  # a role's longest session, unless one is told otherwise
DEFAULT_SECONDS = 3600


def answer_sts(identities: Identities, action: Action) -> dict[str, Any]:
    """Carry out one operation and return the members of its answer."""
    if action.operation == "GetCallerIdentity":
        caller = caller_of(action.access_key, action.region)
        return {
            "UserId": caller.user_id,
            "Account": caller.account,
            "Arn": caller.arn,
        }
    if action.operation == "AssumeRole":
        return _assume_role(identities, action)
    raise refuse(Refusal.NOT_EMULATED, operation=action.operation)


def _assume_role(identities: Identities, action: Action) -> dict[str, Any]:
    seconds = _read_seconds(action.parameters)
    role, name = _read_role(action.parameters)
    if not identities.has_role(role):
        principal = caller_of(action.access_key, action.region).arn
        details = {"action": "sts:AssumeRole", "resource": role}
        reason = "its trust policy does not name it, or there is no such role"
        raise refuse(
            Refusal.ACCESS_DENIED, principal=principal, reason=reason, **details
        )
    if identities.token_seconds is not None:
        seconds = identities.token_seconds
    key = hand_out(identities, role, name, seconds)
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


def hand_out(
    identities: Identities, role: str, name: str, seconds: int
) -> TemporaryKey:
    """Make a temporary key for a role, good for this many seconds."""
    key = new_temporary_key(role, name, utc_now() + timedelta(seconds=seconds))
    identities.hand_out(key)
    return key


def _read_role(parameters: dict[str, str]) -> tuple[str, str]:
    for name in parameters:
        if name not in PARAMETERS:
            raise refuse(Refusal.NOT_EMULATED, operation=f"AssumeRole with {name}")
    role = parameters.get("RoleArn", "")
    if not ROLE_ARN.fullmatch(role):
        raise refuse(Refusal.VALIDATION, name="RoleArn", value=role)
    name = parameters.get("RoleSessionName", "")
    if not SESSION_NAME.fullmatch(name):
        raise refuse(Refusal.VALIDATION, name="RoleSessionName", value=name)
    return role, name


def _read_seconds(parameters: dict[str, str]) -> int:
    value = parameters.get("DurationSeconds", str(DEFAULT_SECONDS))
    valid = value.isascii() and value.isdecimal()
    if not valid or not SHORTEST <= int(value) <= LONGEST:
        raise refuse(Refusal.VALIDATION, name="DurationSeconds", value=value)
    return int(value)
