"""
From a command's context to its answer: the one place that names concrete classes.

A driver instance keeps one Commands for its life. What is shared between commands is
here: the EC2 clients, one per region and credentials, and a lock per sandbox.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from logging import Logger
from typing import Any

from cloudshell.shell.core.session.cloudshell_session import CloudShellSessionContext

from .create import Creator
from .ec2 import Ec2
from .ec2_clients import Ec2Clients
from .errors import Cancelled, InvalidConfiguration
from .models import Sandbox
from .remove import Remover
from .request import parse_create, parse_remove, render
from .session_numbers import SessionNumbers


class Commands:
    """
    The commands, ready for any cloud-provider driver class to expose.

    Every command takes CloudShell's context objects and the request's JSON text and
    returns the answer's JSON text. It raises InvalidRequest or InvalidConfiguration
    before anything is touched; whatever else happens to an action is in its result.
    """

    def __init__(self) -> None:
        self._clients = Ec2Clients()
        self._locks: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def create_traffic_mirroring(
        self, context: Any, logger: Logger, request: str, cancellation_context: Any
    ) -> str:
        """Make each requested mirror exist; cancelling undoes the whole command."""

        def checkpoint() -> None:
            if cancellation_context.is_cancelled:
                raise Cancelled

        actions = parse_create(request)
        sandbox = _sandbox(context)
        with self._turn_of(sandbox):
            ec2, numbers = self._services(context, sandbox, checkpoint)
            return render(Creator(ec2, numbers, sandbox, logger).run(actions))

    def remove_traffic_mirroring(
        self, context: Any, logger: Logger, request: str
    ) -> str:
        """Remove sessions of this sandbox, and all that only they used."""
        actions = parse_remove(request)
        sandbox = _sandbox(context)
        with self._turn_of(sandbox):
            ec2, numbers = self._services(context, sandbox, lambda: None)
            return render(Remover(ec2, numbers, sandbox, logger).run(actions))

    def _services(
        self, context: Any, sandbox: Sandbox, checkpoint: Callable[[], None]
    ) -> tuple[Ec2, SessionNumbers]:
        api = CloudShellSessionContext(context).get_api()
        client = self._clients.get(context.resource, api)
        numbers = SessionNumbers(api, sandbox.reservation_id, checkpoint)
        return Ec2(client, checkpoint), numbers

    def _turn_of(self, sandbox: Sandbox) -> AbstractContextManager[bool]:
        """Let the commands of one sandbox run one after the other."""
        return self._locks[sandbox.reservation_id]


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
