"""
EC2 clients, made once per region and credentials, from the resource's attributes.

The attributes are named as the stock AWS shell names them. Secrets pass through here
on their way to boto3 and are neither kept nor logged; a client is remembered by the
attributes as CloudShell stores them, encrypted.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from .errors import InvalidConfiguration

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

REGION = "Region"
ACCESS_KEY_ID = "AWS Access Key ID"
SECRET_ACCESS_KEY = "AWS Secret Access Key"  # noqa: S105 - an attribute's name


class DecryptApi(Protocol):
    """The part of CloudShellAPISession that is used here."""

    def DecryptPassword(  # noqa: N802 - the API's own name
        self,
        encryptedString: str,  # noqa: N803 - the API's own name
    ) -> Any:
        """Return an object whose Value is the plain text."""


class Ec2Clients:
    """
    Makes and remembers clients; several commands may ask at once.

    botocore makes each call up to `attempts` times where it is throttled or a fault
    passes, over at most `connections` connections at once.
    """

    def __init__(self, attempts: int, connections: int) -> None:
        # boto3's own defaults differ between the versions that Python 3.9 and 3.13 get.
        # Adaptive: once EC2 throttles, all threads of the client slow down together.
        self._config = Config(
            retries={"mode": "adaptive", "total_max_attempts": attempts},
            connect_timeout=5,
            read_timeout=5,
            max_pool_connections=connections,
            user_agent_extra="cloudshell-aws-traffic-mirroring",
        )
        self._clients: dict[tuple[str, str, str], EC2Client] = {}
        self._lock = threading.Lock()

    def get(self, resource: Any, api: DecryptApi) -> EC2Client:
        """
        Return the client for a cloud provider resource.

        Where both keys are empty, boto3 looks for credentials in its own places.
        Raises InvalidConfiguration for attributes that can't work.
        """
        region = _attribute(resource, REGION)
        key_id = _attribute(resource, ACCESS_KEY_ID)
        secret = _attribute(resource, SECRET_ACCESS_KEY)
        if not region:
            raise InvalidConfiguration(f"{resource.name} has no value for {REGION!r}")
        if bool(key_id) != bool(secret):
            raise InvalidConfiguration(
                f"{resource.name} has only one of {ACCESS_KEY_ID!r} and "
                f"{SECRET_ACCESS_KEY!r}: give both, or neither to use boto3's own chain"
            )
        with self._lock:
            known = (region, key_id, secret)
            if known not in self._clients:
                keys = _decrypted(api, key_id), _decrypted(api, secret)
                self._clients[known] = self._make(region, *keys)
            return self._clients[known]

    def _make(self, region: str, key_id: str, secret: str) -> EC2Client:
        try:
            return boto3.session.Session().client(
                "ec2",
                region_name=region,
                aws_access_key_id=key_id or None,
                aws_secret_access_key=secret or None,
                config=self._config,
            )
        except (BotoCoreError, ValueError) as error:
            raise InvalidConfiguration(
                f"Connecting to EC2 in {region}: {error}"
            ) from error


def _decrypted(api: DecryptApi, value: str) -> str:
    return str(api.DecryptPassword(value).Value) if value else ""


def _attribute(resource: Any, name: str) -> str:
    """Return an attribute's value; second-generation shells prefix their model."""
    attributes = resource.attributes
    value = attributes.get(f"{resource.model}.{name}", attributes.get(name))
    return (value or "").strip()
