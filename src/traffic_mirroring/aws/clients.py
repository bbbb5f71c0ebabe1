"""
Clients of AWS, made once per region and credentials, from the resource's attributes.

The attributes are named as the stock AWS shell names them. Secrets pass through here
on their way to boto3 and are neither kept nor logged; clients are remembered by the
attributes as CloudShell stores them, encrypted.
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Protocol

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import BotoCoreError

from traffic_mirroring import __version__
from traffic_mirroring.errors import InvalidConfiguration
from traffic_mirroring.startup import gc_frozen

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_sts import STSClient

REGION = "Region"
ACCESS_KEY_ID = "AWS Access Key ID"
SECRET_ACCESS_KEY = "AWS Secret Access Key"  # noqa: S105 - an attribute's name
ROLE_ARN = "Shared VPC Role Arn"

_ROLE_SESSION = "CloudShell-Traffic-Mirroring"
"""By this the role's owner finds the calls in CloudTrail."""


class DecryptApi(Protocol):
    """The part of CloudShellAPISession that is used here."""

    def DecryptPassword(  # noqa: N802 - the API's own name
        self,
        encryptedString: str,  # noqa: N803 - the API's own name
    ) -> Any:
        """Return an object whose Value is the plain text."""


@dataclass(frozen=True)
class _Settings:
    """A resource's attributes, as CloudShell stores them."""

    region: str
    key_id: str
    secret: str
    role_arn: str


class AwsClients:
    """
    One account in one region, as one principal.

    Clients other than EC2's are made when they are first asked for.
    """

    def __init__(self, session: botocore.session.Session, config: Config) -> None:
        self._session = boto3.session.Session(botocore_session=session)
        self._config = config
        self._lock = threading.Lock()
        self._others: dict[str, Any] = {}
        self.ec2: EC2Client = self._session.client("ec2", config=config)

    @property
    def load_balancing(self) -> ElasticLoadBalancingv2Client:
        """The client of Elastic Load Balancing."""
        client: ElasticLoadBalancingv2Client = self._other("elbv2")
        return client

    @property
    def sts(self) -> STSClient:
        """The client that says whose the credentials are."""
        client: STSClient = self._other("sts")
        return client

    def _other(self, service: Literal["elbv2", "sts"]) -> Any:
        with self._lock:
            if service not in self._others:
                client = self._session.client(service, config=self._config)
                self._others[service] = client
            return self._others[service]


class ClientCache:
    """
    Makes and remembers clients; several commands may ask at once.

    botocore makes each call up to `max_attempts` times if it is throttled or the fault
    is transient, over at most `connections` connections at once.
    """

    def __init__(self, max_attempts: int, connections: int) -> None:
        # boto3's own defaults differ between the versions that Python 3.9 and 3.13 get.
        # Adaptive: once EC2 throttles, all threads of the client slow down together.
        self._config = Config(
            retries={"mode": "adaptive", "total_max_attempts": max_attempts},
            connect_timeout=5,
            read_timeout=5,
            max_pool_connections=connections,
            # botocore's own is longer, and put together twice for each call.
            user_agent=f"cloudshell-aws-traffic-mirroring/{__version__}",
        )
        self._known: dict[_Settings, AwsClients] = {}
        self._lock = threading.Lock()

    def get(self, resource: Any, api: DecryptApi) -> AwsClients:
        """
        Return the clients for a cloud provider resource.

        Where both keys are empty, boto3 looks for credentials in its own places; where
        there is a role, the credentials only serve to assume it.
        Raises InvalidConfiguration for attributes that can't work.
        """
        settings = _read_settings(resource)
        with self._lock:
            if settings not in self._known:
                self._known[settings] = self._connect(settings, api)
            return self._known[settings]

    def _connect(self, settings: _Settings, api: DecryptApi) -> AwsClients:
        session = _new_session(settings)
        if settings.key_id:
            keys = (
                _decrypted(api, each) for each in (settings.key_id, settings.secret)
            )
            session.set_credentials(*keys)
        try:
            if settings.role_arn:
                session = self._in_role(session, settings)
            with gc_frozen():
                return AwsClients(session, self._config)
        except (BotoCoreError, ValueError) as error:
            raise InvalidConfiguration(
                f"Connecting to EC2 in {settings.region}: {error}; check {REGION!r}"
            ) from error

    def _in_role(
        self, own: botocore.session.Session, settings: _Settings
    ) -> botocore.session.Session:
        """Return a session that assumes the role, anew whenever its token runs out."""
        credentials = own.get_credentials()
        if not credentials:
            raise InvalidConfiguration(
                f"There are no credentials to assume {settings.role_arn} with: give "
                f"{ACCESS_KEY_ID!r} and {SECRET_ACCESS_KEY!r}, or the execution server "
                "a role of its own"
            )
        fetcher = AssumeRoleCredentialFetcher(
            partial(own.create_client, config=self._config),
            credentials,
            settings.role_arn,
            extra_args={"RoleSessionName": _ROLE_SESSION},
        )
        session = _new_session(settings)
        session.register_component(
            "credential_provider", CredentialResolver([_AssumedRole(fetcher)])
        )
        return session


class _AssumedRole(CredentialProvider):
    """Where botocore finds credentials that it can refresh by itself."""

    METHOD = "assume-role"

    def __init__(self, fetcher: AssumeRoleCredentialFetcher) -> None:
        super().__init__()
        self._fetcher = fetcher

    def load(self) -> DeferredRefreshableCredentials:
        """Return credentials that are fetched once they are needed."""
        return DeferredRefreshableCredentials(
            self._fetcher.fetch_credentials, self.METHOD
        )


def similar_regions(region: str) -> list[str] | None:
    """Return regions whose names are similar, or None if AWS has the region."""
    session = boto3.session.Session()
    known = {
        each
        for partition in session.get_available_partitions()
        for each in session.get_available_regions("ec2", partition)
    }
    return None if region in known else get_close_matches(region, sorted(known))


def _new_session(settings: _Settings) -> botocore.session.Session:
    session = botocore.session.Session()
    session.set_config_variable("region", settings.region)
    session.set_config_variable("sts_regional_endpoints", "regional")
    # Times in answers stay text: nothing here reads one, and reading them takes long.
    answers = session.get_component("response_parser_factory")
    answers.set_parser_defaults(timestamp_parser=str)
    return session


def _read_settings(resource: Any) -> _Settings:
    names = (REGION, ACCESS_KEY_ID, SECRET_ACCESS_KEY, ROLE_ARN)
    settings = _Settings(*(_attribute(resource, name) for name in names))
    if not settings.region:
        raise InvalidConfiguration(
            f"{resource.name} has no value for {REGION!r}: give the AWS region of the "
            "Apps, as in us-east-1"
        )
    if bool(settings.key_id) != bool(settings.secret):
        raise InvalidConfiguration(
            f"{resource.name} has only one of {ACCESS_KEY_ID!r} and "
            f"{SECRET_ACCESS_KEY!r}: give both, or neither to use the execution "
            "server's own role"
        )
    role = settings.role_arn
    if role and not re.fullmatch(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/\S+", role):
        raise InvalidConfiguration(
            f"{resource.name} has {role!r} for {ROLE_ARN!r}: give the ARN of a role, "
            "as in arn:aws:iam::123456789012:role/name, or nothing"
        )
    return settings


def _decrypted(api: DecryptApi, value: str) -> str:
    return str(api.DecryptPassword(value).Value)


def _attribute(resource: Any, name: str) -> str:
    """Return an attribute's value; second-generation shells prefix their model."""
    attributes = resource.attributes
    value = attributes.get(f"{resource.model}.{name}", attributes.get(name))
    return (value or "").strip()
