"""What every conductor works with, on behalf of one command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from logging import Logger

from .ec2 import Ec2
from .lookups import Lookups
from .models import Sandbox
from .progress import Progress
from .session_numbers import SessionNumbers
from .workers import Workers


@dataclass(frozen=True)
class Services:
    """
    The collaborators of one command, bound to its sandbox.

    `checkpoint` raises Cancelled once the user has cancelled the command.
    """

    sandbox: Sandbox
    ec2: Ec2
    lookups: Lookups
    numbers: SessionNumbers
    checkpoint: Callable[[], None]
    workers: Workers
    progress: Progress
    log: Logger
