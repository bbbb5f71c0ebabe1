"""
Owns: the public commands, and what all commands of a driver process share.

Shared are the AWS clients, one set per region and credentials, a lock per sandbox and
one per target. Flows and request parsing are imported with the first command that
needs them, so that a driver process starts faster (pydantic takes long).
Must not know: JSON, boto3, what a flow does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from logging import Logger

from cloudshell.api.cloudshell_api import CloudShellAPISession

from traffic_mirroring.aws.call_retries import CallRetries
from traffic_mirroring.aws.clients import AwsClients, ClientCache
from traffic_mirroring.aws.cloudwatch import CloudWatch
from traffic_mirroring.aws.current_command import calls_of_command
from traffic_mirroring.aws.dry_runs import DryRuns
from traffic_mirroring.aws.mirroring import Ec2Mirroring
from traffic_mirroring.aws.network import Ec2Network
from traffic_mirroring.errors import Cancelled, InvalidConfiguration
from traffic_mirroring.flows.context import CommandContext
from traffic_mirroring.flows.lookups import Lookups
from traffic_mirroring.flows.target_locks import TargetLocks
from traffic_mirroring.limits import Limits
from traffic_mirroring.locks import KeyedLocks
from traffic_mirroring.models import Sandbox
from traffic_mirroring.sandbox.api import (
    CancellationContext,
    CloudShellApi,
    Connectivity,
    DriverContext,
    reservation_of,
)
from traffic_mirroring.sandbox.apps import find_apps
from traffic_mirroring.sandbox.progress import Progress
from traffic_mirroring.sandbox.session_numbers import SessionNumbers
from traffic_mirroring.sandbox.unreachable import retry_unreachable
from traffic_mirroring.workers import Workers

_GLOBAL = "Global"
"""The domain of a command that has no sandbox."""

_API_PORT = 8029


class Commands:
    """
    The commands, ready for any cloud-provider driver class to expose.

    Keep one instance for the life of the driver: it is safe to share between threads,
    caches the AWS clients, and runs the commands of one sandbox one after another.

    Every command reads these attributes of its context, and no others:
    `resource.name`, `resource.model`, `resource.attributes` (Region, AWS Access Key ID,
    AWS Secret Access Key, Shared VPC Role Arn; with or without the model's name before
    them), `connectivity` (server_address, admin_auth_token, cloudshell_api_port,
    cloudshell_api_scheme) and, except get_inventory, `reservation` (reservation_id,
    environment_name, owner_user, domain). `logger` is any logger.

    Commands with a request return the answer's JSON text. They raise InvalidRequest if
    the request is invalid, InvalidConfiguration if the resource's attributes are wrong
    or there is no sandbox, and the API client's error if logging on or decrypting the
    keys fails; nothing was touched then. Every other error is in an action's result.
    https://help.quali.com, "AWS Traffic Mirroring" in the developer guide.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._clients = ClientCache(
            lambda: CallRetries(
                self._limits.max_attempts, self._limits.throttle_patience
            ),
            connections=2 * self._limits.max_concurrency,
        )
        self._sandbox_locks = KeyedLocks()
        self._target_locks = TargetLocks()

    def create_traffic_mirroring(
        self,
        context: DriverContext,
        logger: Logger,
        request: str,
        cancellation_context: CancellationContext,
    ) -> str:
        """
        Ensure that each requested mirror exists.

        Results are in the order of the actions. An action that fails is rolled back. If
        `cancellation_context.is_cancelled` becomes true, all actions are. Actions with
        `dryRun` only report what they would do.
        """
        from traffic_mirroring.flows.create import create
        from traffic_mirroring.request.parsing import parse_create, render

        def check_cancelled() -> None:
            if cancellation_context.is_cancelled:
                raise Cancelled

        actions = parse_create(request)
        with self._command(context, logger, check_cancelled) as command:
            return render(create(command, actions))

    def remove_traffic_mirroring(
        self, context: DriverContext, logger: Logger, request: str
    ) -> str:
        """
        Remove sessions of this sandbox, and the resources that only they used.

        Results are in the order of the actions; what is gone already is success.
        """
        from traffic_mirroring.flows.remove import remove
        from traffic_mirroring.request.parsing import parse_remove, render

        actions = parse_remove(request)
        with self._command(context, logger) as command:
            return render(remove(command, actions))

    def get_traffic_mirroring(
        self, context: DriverContext, logger: Logger, request: str
    ) -> str:
        """
        List this sandbox's mirrors as they are in EC2; change nothing.

        The answer has one result, with `mirrors`: the `actionParams` of each can be
        sent again in a Create action, which finds the mirror. Takes no session number,
        and needs no permission that Create doesn't need; cloudwatch:GetMetricData adds
        the figures in `traffic`.
        """
        from traffic_mirroring.flows.listing import list_mirrors
        from traffic_mirroring.request.parsing import parse_get, render

        action = parse_get(request)
        with self._command(context, logger) as command:
            return render([list_mirrors(command, action)])

    def cleanup_sandbox_infra(
        self, context: DriverContext, logger: Logger, request: str
    ) -> str:
        """
        Remove everything that this sandbox created, for its teardown.

        The answer has one result, of type CleanupNetwork.
        """
        from traffic_mirroring.flows.cleanup import clean_up
        from traffic_mirroring.request.parsing import parse_cleanup, render

        action = parse_cleanup(request)
        with self._command(context, logger) as command:
            return render([clean_up(command, action)])

    def get_inventory(self, context: DriverContext, logger: Logger) -> None:
        """
        Check region, credentials and permissions; change nothing.

        Raises InvalidConfiguration with everything that is missing, and logs which
        permissions could not be checked. Needs no reservation in the context.
        """
        from traffic_mirroring.flows.inventory import check_provider

        api = retry_unreachable(lambda: _log_on(context.connectivity, _GLOBAL))
        aws = retry_unreachable(lambda: self._connect(context, api))
        with Workers(self._limits.max_concurrency) as workers:
            check_provider(aws, workers, logger)

    @contextmanager
    def _command(
        self,
        context: DriverContext,
        logger: Logger,
        check_cancelled: Callable[[], None] = lambda: None,
    ) -> Iterator[CommandContext]:
        """Wait for other commands of the sandbox, then log on and connect to AWS."""
        sandbox = _sandbox(context)
        with (
            self._sandbox_locks.hold(sandbox.reservation_id),
            calls_of_command(check_cancelled),
            Workers(self._limits.max_concurrency) as workers,
        ):
            api = retry_unreachable(
                lambda: _log_on(context.connectivity, sandbox.domain)
            )
            aws = retry_unreachable(lambda: self._connect(context, api))
            yield CommandContext(
                sandbox,
                Ec2Mirroring(aws.ec2, self._limits.retry_policy, check_cancelled),
                DryRuns(aws.ec2, check_cancelled),
                Lookups(Ec2Network(aws), workers, logger),
                partial(find_apps, api, sandbox.reservation_id),
                SessionNumbers(api, sandbox.reservation_id, check_cancelled),
                check_cancelled,
                workers,
                Progress(api, sandbox.reservation_id, logger),
                self._limits.retry_policy,
                self._limits.start_policy,
                self._target_locks,
                logger,
                CloudWatch(aws),
            )

    def _connect(self, context: DriverContext, api: CloudShellApi) -> AwsClients:
        return self._clients.get(
            context.resource, lambda text: api.DecryptPassword(text).Value or ""
        )


def _log_on(connectivity: Connectivity, domain: str) -> CloudShellApi:
    """
    Log on with the command's token.

    The session sends every request once: sent again after a lost answer, a checkout
    would take a second number that nobody knows of.
    """
    api: CloudShellApi = CloudShellAPISession(
        host=connectivity.server_address,
        token_id=connectivity.admin_auth_token,
        domain=domain,
        port=int(getattr(connectivity, "cloudshell_api_port", None) or _API_PORT),
        cloudshell_api_scheme=getattr(connectivity, "cloudshell_api_scheme", None)
        or "http",
        max_attempts=1,
    )
    return api


def _sandbox(context: DriverContext) -> Sandbox:
    reservation = reservation_of(context)
    if not (reservation and reservation.reservation_id):
        raise InvalidConfiguration(
            "The command was called without a sandbox: pass its reservation id"
        )
    return Sandbox(
        reservation_id=reservation.reservation_id,
        blueprint=reservation.environment_name or "",
        owner=reservation.owner_user or "",
        domain=reservation.domain or "",
    )
