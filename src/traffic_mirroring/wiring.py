"""
From a command's context to its answer: the one place that names concrete classes.

A driver instance keeps one Commands for its life. What is shared between commands is
here: the EC2 clients, one per region and credentials, and a lock per sandbox.

What carries a command out, and what reads its request, is imported with the first of
its kind: without them, pydantic above all, a driver process stands sooner.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from logging import Logger
from typing import Any

from cloudshell.api.cloudshell_api import CloudShellAPISession
from retrying import Retrying
from urllib3.exceptions import HTTPError

from .aws import AwsClients
from .ec2 import Ec2
from .ec2_network import Ec2Network
from .errors import Cancelled, InvalidConfiguration
from .lookups import Lookups
from .models import Sandbox
from .patience import Patience
from .progress import Progress
from .services import Services
from .session_numbers import SessionNumbers
from .workers import Workers

_GLOBAL = "Global"
"""The domain of a command that has no sandbox."""


@dataclass(frozen=True)
class Limits:
    """
    How wide and how patient the commands are.

    `side_by_side` actions of a command are worked on at once, and as many of their
    calls: enough for the ten rules that a filter can have, and not so many that EC2,
    which refills its buckets for these calls slowly, would only throttle them.
    `attempts` counts botocore's tries of one call: four give up within half a minute
    even where EC2 is silent, so that a command that can only fail soon has.
    """

    side_by_side: int = 16
    attempts: int = 4
    patience: Patience = field(default_factory=Patience)


class Commands:
    """
    The commands, ready for any cloud-provider driver class to expose.

    Every command takes CloudShell's context objects and the request's JSON text and
    returns the answer's JSON text. It raises InvalidRequest or InvalidConfiguration
    before anything is touched; whatever else happens to an action is in its result.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._clients = AwsClients(
            self._limits.attempts, connections=2 * self._limits.side_by_side
        )
        self._turns: dict[str, threading.Lock] = {}
        self._turns_lock = threading.Lock()

    def create_traffic_mirroring(
        self, context: Any, logger: Logger, request: str, cancellation_context: Any
    ) -> str:
        """Make each requested mirror exist; cancelling undoes the whole command."""
        from .create import Creator
        from .request import parse_create, render

        def checkpoint() -> None:
            if cancellation_context.is_cancelled:
                raise Cancelled

        actions = parse_create(request)
        with self._services(context, logger, checkpoint) as services:
            return render(Creator(services).run(actions))

    def remove_traffic_mirroring(
        self, context: Any, logger: Logger, request: str
    ) -> str:
        """Remove sessions of this sandbox, and all that only they used."""
        from .remove import Remover
        from .request import parse_remove, render

        actions = parse_remove(request)
        with self._services(context, logger) as services:
            return render(Remover(services).run(actions))

    def cleanup_sandbox_infra(self, context: Any, logger: Logger, request: str) -> str:
        """Remove everything that this sandbox made."""
        from .cleanup import Cleaner
        from .request import parse_cleanup, render

        action = parse_cleanup(request)
        with self._services(context, logger) as services:
            return render(Cleaner(services).run(action))

    def get_inventory(self, context: Any, logger: Logger) -> None:
        """Raise InvalidConfiguration if the cloud provider resource can't work."""
        from .inventory import Inspector

        api = _persistently(lambda: _log_on(context, _GLOBAL))
        aws = _persistently(lambda: self._clients.get(context.resource, api))
        with Workers(self._limits.side_by_side) as workers:
            Inspector(aws, workers, logger).run()

    @contextmanager
    def _services(
        self,
        context: Any,
        logger: Logger,
        checkpoint: Callable[[], None] = lambda: None,
    ) -> Iterator[Services]:
        """Wait for the sandbox's turn, log on, and have everything ready."""
        sandbox = _sandbox(context)
        with self._turn_of(sandbox), Workers(self._limits.side_by_side) as workers:
            api = _persistently(lambda: _log_on(context, sandbox.domain))
            aws = _persistently(lambda: self._clients.get(context.resource, api))
            yield Services(
                sandbox,
                Ec2(aws.ec2, self._limits.patience, checkpoint),
                Lookups(Ec2Network(aws), workers, logger),
                SessionNumbers(api, sandbox.reservation_id, checkpoint),
                checkpoint,
                workers,
                Progress(api, sandbox.reservation_id, logger),
                logger,
            )

    def _turn_of(self, sandbox: Sandbox) -> threading.Lock:
        """Let the commands of one sandbox run one after the other."""
        with self._turns_lock:
            return self._turns.setdefault(sandbox.reservation_id, threading.Lock())


def _log_on(context: Any, domain: str) -> CloudShellAPISession:
    """
    Log on with the command's token.

    The session sends every request once: sent again after a lost answer, a checkout
    would take a second number that nobody knows of.
    """
    connectivity = context.connectivity
    return CloudShellAPISession(
        host=connectivity.server_address,
        token_id=connectivity.admin_auth_token,
        domain=domain,
        cloudshell_api_scheme=getattr(connectivity, "cloudshell_api_scheme", "http"),
        max_attempts=1,
    )


def _persistently(call: Callable[[], Any]) -> Any:
    """Make a call that changes nothing again while CloudShell can't be reached."""
    unreachable = Retrying(
        retry_on_exception=lambda error: isinstance(error, HTTPError),
        stop_max_attempt_number=3,
        wait_fixed=1_000,
    )
    return unreachable.call(call)


def _sandbox(context: Any) -> Sandbox:
    reservation = getattr(context, "reservation", None)
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
