"""
The accounts that access keys belong to, in moto's state.

Owns: callers and temporary keys as moto knows them. Must not know: policies, requests.
"""

from __future__ import annotations

import re
from datetime import datetime

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from emulator.ec2.iam.identities import Caller, TemporaryKey
from emulator.ec2.regions import partition_of
from emulator.secret_values import new_secret


class MotoAccounts:
    """Keys that moto doesn't know belong to its default account."""

    default = DEFAULT_ACCOUNT_ID

    def account_of(self, access_key: str) -> str:
        """Return the account of a key."""
        for account, partitions in iam_backends.items():
            if any(access_key in iam.access_keys for iam in partitions.values()):
                return account
        return self.default

    def caller_of(self, access_key: str, region: str) -> Caller:
        """Return the owner of a key."""
        account = self.account_of(access_key)
        backend = sts_backends[account][partition_of(region)]
        user_id, arn, account = backend.get_caller_identity(access_key, region)
        # moto's user of an unknown key has an ARN of STS, which has no users.
        return Caller(user_id, account, re.sub(r":sts:(:\d*:user/)", r":iam:\1", arn))

    def new_temporary_key(
        self, role: str, session_name: str, expires: datetime
    ) -> TemporaryKey:
        """Make a key that acts in the role's account, also for moto."""
        _, partition, _, _, account, _ = role.split(":", 5)
        made = sts_backends[account][partition].assume_role(
            region_name=partition,
            role_session_name=session_name,
            role_arn=role,
            policy="",
            duration=0,  # moto doesn't check the expiration
            external_id="",
        )
        return TemporaryKey(
            role=role,
            access_key=made.access_key_id,
            secret_key=new_secret(),
            session_token=new_secret(),
            expires=expires,
            caller=Caller(made.user_id, account, made.arn),
        )
