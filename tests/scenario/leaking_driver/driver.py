"""
A driver that leaks the token of its command: the request names the way.

Tests use it to prove that their search for secrets finds each of them.
"""

import logging
import sys

from traffic_mirroring.sandbox.log import log_of


def _fail(text):
    raise ValueError(text)


def _fail_in_context(text):
    try:
        raise KeyError(text)
    except KeyError:
        raise ValueError("The command failed") from None


def _fail_from(text):
    try:
        raise KeyError(text)
    except KeyError as error:
        raise ValueError("The command failed") from error


class TrafficMirroringDriver:
    """Only GetTrafficMirroring does anything."""

    def initialize(self, context):
        """Do nothing."""

    def GetTrafficMirroring(self, context, request):  # noqa: N802 - the command's name
        """Leak the token."""
        text = f"The token is {context.connectivity.admin_auth_token}"
        with log_of(context) as logger:
            leaks = {
                "answer": lambda: None,
                "log": lambda: logger.info(text),
                "debug log": lambda: logger.debug(text),
                "root logger": lambda: logging.getLogger("botocore.x").debug(text),
                "output": lambda: sys.stdout.write(f"{text}\n"),
                "error output": lambda: sys.stderr.write(f"{text}\n"),
                "error": lambda: _fail(text),
                "traceback": lambda: _fail_from(text),
                "hidden": lambda: _fail_in_context(text),
            }
            leaks[request]()
            return text if request == "answer" else ""
