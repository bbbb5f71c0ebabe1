"""
boto3 clients, created once per region and credentials.

Owns the configuration of botocore and the assuming of roles. Decrypted keys pass
through here to boto3 and are neither stored nor logged; clients are cached by the
attributes as CloudShell stores them, encrypted.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from difflib import get_close_matches
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote_plus

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
from traffic_mirroring.aws.call_retries import CallRetries
from traffic_mirroring.aws.redaction import (
    keep_secret_logs_off,
    printable_cause,
    redact,
)
from traffic_mirroring.aws.settings import (
    ACCESS_KEY_ID,
    REGION,
    SECRET_ACCESS_KEY,
    SERVER,
    Decrypt,
    ProviderResource,
    ProviderSettings,
    decrypt_keys,
    read_settings,
)
from traffic_mirroring.errors import InvalidConfiguration
from traffic_mirroring.startup import gc_frozen

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_sts import STSClient

_ROLE_SESSION = "CloudShell-Traffic-Mirroring"
"""Role session name, as CloudTrail shows it."""

_quote = lru_cache(maxsize=1024)(quote_plus)
"""Most parameters of a call are those of the calls before it, such as tags."""

_NO_SERVER_SETTINGS: dict[str, Any] = {
    "profile": (None, None, None, None),
    "config_file": (None, None, None, None),
    "credentials_file": (None, None, None, None),
}
"""botocore's session variables, without the execution server's profile and files."""


class AwsClients:
    """
    The clients of one region with one set of credentials.

    Those of CloudWatch, Elastic Load Balancing and STS are created when they are first
    used.
    `use_server_role` means that neither keys nor a role are set on the resource, so
    that the credentials are the execution server's.
    """

    def __init__(
        self,
        session: botocore.session.Session,
        config: Config,
        *,
        use_server_role: bool,
    ) -> None:
        self.use_server_role = use_server_role
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
        """The client of the Security Token Service."""
        client: STSClient = self._other("sts")
        return client

    @property
    def cloudwatch(self) -> Any:
        """The client of CloudWatch, of which only GetMetricData is used."""
        return self._other("cloudwatch")

    def _other(self, service: Literal["cloudwatch", "elbv2", "sts"]) -> Any:
        with self._lock:
            if service not in self._others:
                client = self._session.client(service, config=self._config)
                self._others[service] = client
            return self._others[service]


class ClientCache:
    """
    Create clients and keep them; safe to share between threads.

    `new_retries` makes the retries of one resource's calls; at most `connections` of
    its calls are made at once.
    """

    def __init__(
        self, new_retries: Callable[[], CallRetries], connections: int
    ) -> None:
        self._new_retries = new_retries
        self._config = Config(
            # One attempt: CallRetries repeats it.
            retries={"mode": "standard", "total_max_attempts": 1},
            # mypy checks the types of parameters, and AWS their values.
            parameter_validation=False,
            connect_timeout=10,
            # EC2's look-ups take long in accounts with many resources.
            read_timeout=30,
            max_pool_connections=connections,
            # botocore's own is longer, and built twice for each call.
            user_agent=f"cloudshell-aws-traffic-mirroring/{__version__}",
        )
        self._known: dict[ProviderSettings, AwsClients] = {}
        self._lock = threading.Lock()

    def get(self, resource: ProviderResource, decrypt: Decrypt) -> AwsClients:
        """
        Return the clients for a cloud provider resource.

        Without keys, boto3's credential chain applies; with a role, the credentials
        only serve to assume it. With keys, the execution server's own AWS settings
        (profile, credentials, region) are not used. `decrypt` is called once per
        resource and key.
        Raises InvalidConfiguration for invalid attributes.
        """
        keep_secret_logs_off()
        settings = read_settings(resource)
        with self._lock:
            if settings not in self._known:
                self._known[settings] = self._connect(settings, decrypt)
            return self._known[settings]

    def _connect(self, settings: ProviderSettings, decrypt: Decrypt) -> AwsClients:
        keys = decrypt_keys(settings, decrypt)
        new_session = partial(
            _new_session, settings.region, self._new_retries(), isolated=bool(keys)
        )
        try:
            session = new_session()
            if keys:
                session.set_credentials(keys.id, keys.secret)
            if settings.role_arn:
                session = self._in_role(settings.role_arn, session, new_session())
            with gc_frozen():
                return AwsClients(
                    session,
                    self._config,
                    use_server_role=not (keys or settings.role_arn),
                )
        except (BotoCoreError, ValueError) as error:
            advice = f"check {REGION!r}"
            if not keys:
                advice += f", and the AWS settings of {SERVER}"
            raise InvalidConfiguration(
                f"Connecting to EC2 in {settings.region}: {redact(error)}; {advice}"
            ) from printable_cause(error)

    def _in_role(
        self,
        role_arn: str,
        own: botocore.session.Session,
        session: botocore.session.Session,
    ) -> botocore.session.Session:
        """Return the session with the role's credentials, renewed when they expire."""
        credentials = own.get_credentials()
        if not credentials:
            raise InvalidConfiguration(
                f"There are no credentials to assume {role_arn} with: give "
                f"{ACCESS_KEY_ID!r} and {SECRET_ACCESS_KEY!r}, or a role to {SERVER}"
            )
        fetcher = AssumeRoleCredentialFetcher(
            partial(own.create_client, config=self._config),
            credentials,
            role_arn,
            extra_args={"RoleSessionName": _ROLE_SESSION},
        )
        session.register_component(
            "credential_provider", CredentialResolver([_AssumedRole(fetcher)])
        )
        return session


class _AssumedRole(CredentialProvider):
    """Credential provider that assumes the role and refreshes."""

    METHOD = "assume-role"

    def __init__(self, fetcher: AssumeRoleCredentialFetcher) -> None:
        super().__init__()
        self._fetcher = fetcher

    def load(self) -> DeferredRefreshableCredentials:
        """Return credentials that are fetched when they are first used."""
        return DeferredRefreshableCredentials(
            self._fetcher.fetch_credentials, self.METHOD
        )


def similar_regions(region: str) -> list[str] | None:
    """Suggest regions similar to an unknown one; None if the region is known."""
    session = botocore.session.Session(session_vars=_NO_SERVER_SETTINGS)
    known = {
        each
        for partition in session.get_available_partitions()
        for each in session.get_available_regions("ec2", partition)
    }
    if region in known:
        return None
    return get_close_matches(region.lower(), sorted(known))


def _new_session(
    region: str, retries: CallRetries, *, isolated: bool
) -> botocore.session.Session:
    """Return a session; if isolated, the server's profile and files are not read."""
    session = botocore.session.Session(
        session_vars=_NO_SERVER_SETTINGS if isolated else None
    )
    retries.register(session)
    # As in CallRetries.register, the stubs want a handler that takes any arguments.
    session.register("before-call", _encode_body)  # type: ignore[arg-type]
    session.set_config_variable("region", region)
    session.set_config_variable("sts_regional_endpoints", "regional")
    # Times in responses stay text: nothing reads them, and parsing them is slow.
    parsers = session.get_component("response_parser_factory")
    parsers.set_parser_defaults(timestamp_parser=str)
    return session


def _encode_body(params: dict[str, Any], **_: object) -> None:
    """Encode a request's parameters once; botocore does it to sign, and to send."""
    if isinstance(params["body"], dict):
        pairs = (f"{_quote(k)}={_quote(str(v))}" for k, v in params["body"].items())
        params["body"] = "&".join(pairs).encode()
