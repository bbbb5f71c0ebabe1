"""
The log of a sandbox, where CloudShell's shells write theirs.

shell-core's LoggingSessionContext finds the same files, but asks the Quali Server's
REST API for the shell's version first: a driver process would load what that needs, and
wait up to 15 seconds where port 9000 drops packets.
https://github.com/QualiSystems/cloudshell-logging
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from logging import Logger
from typing import Any

from cloudshell.logging.qs_logger import get_qs_logger

from traffic_mirroring import __version__

_NO_SANDBOX = "inventory"
"""The folder of what happens without a sandbox, as in all shells."""


@contextmanager
def log_of(context: Any) -> Iterator[Logger]:
    """Yield the log of a command's sandbox; what the block raises is logged, too."""
    reservation = getattr(context, "reservation", None)
    logger: Logger = get_qs_logger(
        log_group=reservation.reservation_id if reservation else _NO_SANDBOX,
        log_file_prefix=context.resource.name,
        exec_info={"INFO": _versions(context.connectivity)},
    )
    try:
        yield logger
    except Exception:
        logger.exception("The command failed")
        raise


def _versions(connectivity: Any) -> dict[str, str]:
    """Return what the log's head tells."""
    return {
        "Shell Version": __version__,
        "CloudShell Version": getattr(connectivity, "cloudshell_version", "unknown"),
        "Python Version": platform.python_version(),
    }
