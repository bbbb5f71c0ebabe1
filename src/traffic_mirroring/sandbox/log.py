"""
The log file of a sandbox, in the folder of all CloudShell shells.

Owns the file's name and how long it is open: as long as one command. A process that
serves thousands of sandboxes has no more open files than running commands, so nothing
is registered with Python's logging module, as cloudshell-logging's get_qs_logger does.
shell-core's LoggingSessionContext also asks the Quali Server's REST API for the shell's
version: a driver process would import what that needs, and wait up to 15 seconds if
port 9000 drops packets.
https://github.com/QualiSystems/cloudshell-logging
"""

from __future__ import annotations

import logging
import platform
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging import FileHandler, Handler, Logger, StreamHandler
from pathlib import Path

from cloudshell.logging.memory_handler import LimitedMemoryHandler
from cloudshell.logging.qs_logger import (
    DEFAULT_FORMAT,
    get_accessible_log_path,
    get_settings,
    set_log_level_from_config,
)
from cloudshell.logging.utils.log_exec_info import log_execution_info

from traffic_mirroring import __version__
from traffic_mirroring.sandbox.api import Connectivity, DriverContext, reservation_of

_NO_SANDBOX = "inventory"
"""The log folder of commands without a sandbox, as in all shells."""

_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f\s]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_MAX_BYTES = 150
"""Of a file name without its ending; file systems allow 255."""


class LineFormatter(logging.Formatter):
    """
    Begins every line with the header of its record, as other shells' logs do.

    A text with line breaks can't forge a record, and control characters are escaped.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a record and its traceback."""
        text = _CONTROL.sub(_escape, super().format(record))
        message, record.message = record.message, ""
        header = self.formatMessage(record)
        record.message = message
        return text.replace("\n", f"\n{header}")


@contextmanager
def log_of(context: DriverContext) -> Iterator[Logger]:
    """
    Yield a logger to the file of a command's sandbox; errors of the block are logged.

    If the file can't be opened, the log goes to the standard output.
    """
    reservation = reservation_of(context)
    folder = reservation.reservation_id if reservation else _NO_SANDBOX
    with _logger(file_name(folder), file_name(context.resource.name)) as logger:
        log_execution_info(logger, {"INFO": _versions(context.connectivity)})
        try:
            yield logger
        except Exception:
            logger.exception("The command failed")
            raise


def file_name(name: str) -> str:
    """Return a name without what Windows or Linux refuse in the names of files."""
    allowed = _REFUSED.sub("_", name).encode()[:_MAX_BYTES].decode(errors="ignore")
    allowed = allowed.rstrip(".")
    return f"_{allowed}" if _RESERVED.fullmatch(allowed) or not allowed else allowed


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()


@contextmanager
def _logger(folder: str, name: str) -> Iterator[Logger]:
    logger = Logger("cloudshell")
    handlers: list[Handler] = []
    try:
        handlers += _open_files(logger, folder, name)
    except (OSError, ValueError):
        logger.addHandler(_standard_output())
        logger.warning("The log file can't be opened", exc_info=True)
    try:
        yield logger
    finally:
        for handler in handlers:
            with suppress(OSError):
                handler.close()


def _open_files(logger: Logger, folder: str, name: str) -> list[Handler]:
    """Add the handlers of cloudshell-logging to the logger; return what to close."""
    settings = get_settings()
    path = get_accessible_log_path(folder)
    if not path:
        logger.addHandler(_standard_output())
        return []
    # All commands of a sandbox append to one file, so its name has no time.
    log = Path(path).with_name(f"{name}.log")
    file = FileHandler(log, encoding="utf-8", errors="backslashreplace")
    debug = FileHandler(
        log.with_name(f"{name}-debug.log"),
        delay=True,
        encoding="utf-8",
        errors="backslashreplace",
    )
    memory = LimitedMemoryHandler(settings["MEMORY_LOG_SIZE"], debug)
    for handler in (file, debug, memory):
        handler.setFormatter(LineFormatter(settings["LOG_FORMAT"]))
    logger.addHandler(file)
    logger.addHandler(memory)
    set_log_level_from_config(logger, settings)
    return [file, memory, debug]


def _standard_output() -> Handler:
    handler = StreamHandler(sys.stdout)
    handler.setFormatter(LineFormatter(DEFAULT_FORMAT))
    handler.setLevel(logging.INFO)
    return handler


def _versions(connectivity: Connectivity) -> dict[str, str]:
    """Return the version lines of the log header."""
    return {
        "Shell Version": __version__,
        "CloudShell Version": getattr(connectivity, "cloudshell_version", "unknown"),
        "Python Version": platform.python_version(),
    }
