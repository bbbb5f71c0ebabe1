"""
Code that the scripts for single mirrors share: options, logging on, sending a request.

Every problem ends the script with one message instead of a traceback.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

try:
    from cloudshell.api.cloudshell_api import CloudShellAPISession, InputNameValue
    from cloudshell.api.common_cloudshell_api import CloudShellAPIError
    from urllib3 import Timeout
except ImportError as error:
    sys.exit(f"{error}: run pip install cloudshell-automation-api")

SERVER = os.environ.get("CLOUDSHELL_SERVER", "localhost")
USER = os.environ.get("CLOUDSHELL_USER", "admin")
PASSWORD = os.environ.get("CLOUDSHELL_PASSWORD", "admin")
DOMAIN = os.environ.get("CLOUDSHELL_DOMAIN", "Global")

VARIABLES = """environment variables:
  CLOUDSHELL_SERVER    the server of CloudShell; localhost if it is not set
  CLOUDSHELL_USER      who logs on; admin if it is not set
  CLOUDSHELL_PASSWORD  the password; admin if it is not set
  CLOUDSHELL_DOMAIN    the domain; Global if it is not set
"""


def make_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser with the options that all scripts have."""
    parser = argparse.ArgumentParser(
        description=description,
        epilog=VARIABLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("reservation_id", help="the sandbox, by its id")
    parser.add_argument("--resource", default="AWS", help="the cloud provider resource")
    return parser


def read_request(path: Path) -> str:
    """Return the text of a request file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        sys.exit(f"{path} can't be read: {error.strerror}")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        sys.exit(f"{path} is not UTF-8 text: save it as UTF-8")
    return text


def write_file(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        sys.exit(f"{path} can't be written: {error.strerror}")


def execute(arguments: argparse.Namespace, command: str, request: str) -> dict:
    """Run a command of the shell; return its answer."""
    session = log_on()
    try:
        result = session.ExecuteCommand(
            reservationId=arguments.reservation_id,
            targetName=arguments.resource,
            targetType="Resource",
            commandName=command,
            commandInputs=[InputNameValue(Name="request", Value=request)],
        )
    except CloudShellAPIError as error:
        sys.exit(error.message)
    except Exception as error:
        sys.exit(f"{command} failed: {find_reason(error)}")
    return json.loads(result.Output)


def log_on() -> CloudShellAPISession:
    # A command may take minutes, so only connecting has a limit.
    timeout = Timeout(connect=10, read=None)
    try:
        return CloudShellAPISession(SERVER, USER, PASSWORD, DOMAIN, timeout=timeout)
    except CloudShellAPIError as error:
        sys.exit(f"{USER} can't log on to {SERVER}: {error.message}")
    except Exception as error:
        reason = find_reason(error)
        sys.exit(f"{SERVER}, the CLOUDSHELL_SERVER, can't be reached: {reason}")


def find_reason(error: BaseException) -> BaseException:
    """Return the error that is behind the errors of the client's libraries."""
    while error.__context__:
        error = error.__context__
    return error


def finish(answer: dict) -> None:
    """Print an answer and exit; the exit code is 0 if all actions succeeded."""
    print(json.dumps(answer, indent=2))
    results = answer["driverResponse"]["actionResults"]
    sys.exit(0 if all(result["success"] for result in results) else 1)
