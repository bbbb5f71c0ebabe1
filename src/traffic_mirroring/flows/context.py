"""What every conductor works with, on behalf of one command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from logging import Logger

from traffic_mirroring.aws.mirroring import Ec2Mirroring
from traffic_mirroring.flows.lookups import Lookups
from traffic_mirroring.models import Sandbox
from traffic_mirroring.sandbox.progress import Progress
from traffic_mirroring.sandbox.session_numbers import SessionNumbers
from traffic_mirroring.workers import Workers


@dataclass(frozen=True)
class CommandContext:
    """
    The collaborators of one command, bound to its sandbox.

    `checkpoint` raises Cancelled once the user has cancelled the command.
    """

    sandbox: Sandbox
    ec2: Ec2Mirroring
    lookups: Lookups
    numbers: SessionNumbers
    check_cancelled: Callable[[], None]
    workers: Workers
    progress: Progress
    log: Logger
