"""
The log file of a sandbox, in the folder of all CloudShell shells.

shell-core's LoggingSessionContext writes to the same files, but first asks the Quali
Server's REST API for the shell's version: a driver process would import what that
needs, and wait up to 15 seconds if port 9000 drops packets.
https://github.com/QualiSystems/cloudshell-logging
"""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from logging import Logger

from cloudshell.logging.qs_logger import get_qs_logger

from traffic_mirroring import __version__
from traffic_mirroring.sandbox.api import Connectivity, DriverContext, reservation_of

_NO_SANDBOX = "inventory"
"""The log folder of commands without a sandbox, as in all shells."""


@contextmanager
def log_of(context: DriverContext) -> Iterator[Logger]:
    """Yield the logger of a command's sandbox; errors of the block are logged."""
    reservation = reservation_of(context)
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


def _versions(connectivity: Connectivity) -> dict[str, str]:
    """Return the version lines of the log header."""
    return {
        "Shell Version": __version__,
        "CloudShell Version": getattr(connectivity, "cloudshell_version", "unknown"),
        "Python Version": platform.python_version(),
    }
