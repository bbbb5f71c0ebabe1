"""
The program in a driver process: it loads the driver and runs its commands.

Owns: the driver object, its context objects, a thread per command, the cancel flags.
Must not know: the emulator. It is started by its path and runs on Python 3.9 with the
standard library only, because a driver's environment has only the driver's packages.

Requests are lines of JSON on standard input, answers are lines of JSON on the original
standard output. Both are moved away before the driver is loaded, and standard output
becomes the console log, so that a driver's prints cannot disturb the answers.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import queue
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import Any, Callable

LIFECYCLE = ("initialize", "cleanup")


class Fields:
    """An object with these attributes; it has no repr, because one is a token."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


# The names of the following classes matter: cloudshell-shell-core distinguishes
# contexts by their class names.
class ConnectivityContext(Fields):
    """How to reach CloudShell."""


class ResourceContextDetails(Fields):
    """The resource of the driver."""


class ReservationContextDetails(Fields):
    """The sandbox of the command."""


class AppContext(Fields):
    """Always empty for a resource."""


class InitCommandContext(Fields):
    """The context of `initialize`."""


class ResourceCommandContext(Fields):
    """The context of a command in a sandbox."""


class AutoLoadCommandContext(Fields):
    """The context of `get_inventory`, for a discovery."""


class CancellationContext:
    """The cancel flag of a running command."""

    def __init__(self) -> None:
        self.is_cancelled = False


CONTEXTS = {
    each.__name__: each
    for each in (InitCommandContext, ResourceCommandContext, AutoLoadCommandContext)
}


def build_context(kind: str, **parts: Any) -> Fields:
    """Return a context object of the class `kind`."""
    parts["connectivity"] = ConnectivityContext(**parts["connectivity"])
    resource = parts["resource"]
    resource["app_context"] = AppContext(**resource["app_context"])
    parts["resource"] = ResourceContextDetails(**resource)
    if parts.get("reservation") is not None:
        parts["reservation"] = ReservationContextDetails(**parts["reservation"])
    return CONTEXTS[kind](**parts)


class Channel:
    """The two pipes to the execution server."""

    def __init__(self) -> None:
        self._requests = os.fdopen(os.dup(0), encoding="utf-8")
        self._answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
        self._writing = threading.Lock()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr] # both are still the interpreter's own

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the requests until the execution server closes its end."""
        for line in self._requests:
            yield json.loads(line)

    def answer(self, request_id: str, **answer: Any) -> None:
        """Send the answer to a request."""
        line = json.dumps({"id": request_id, **answer})
        with self._writing:
            self._answers.write(line + "\n")
            self._answers.flush()


class Host:
    """Carries out requests: load, initialize, run, cancel, cleanup."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._requests: queue.Queue[dict[str, Any]] = queue.Queue()
        self._cancellations: dict[str, CancellationContext] = {}
        self._driver: Any = None

    def serve(self) -> None:
        """Carry out requests until the channel is closed."""
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            request = self._requests.get()
            if request["action"] == "run":
                self._start(request)
            else:
                # In the main thread: imported code may install signal handlers.
                self._carry_out(getattr(self, "_" + request["action"]), request)

    def _listen(self) -> None:
        # In a thread, so that the process ends with its channel even if the driver
        # hangs.
        for request in self._channel:
            if request["action"] == "cancel":
                self._carry_out(self._cancel, request)
            else:
                if request["action"] == "run":
                    self._cancellations[request["id"]] = CancellationContext()
                self._requests.put(request)
        os._exit(0)

    def _start(self, request: dict[str, Any]) -> None:
        arguments = (self._run, request)
        threading.Thread(target=self._carry_out, args=arguments, daemon=True).start()

    def _carry_out(
        self, action: Callable[[dict[str, Any]], Any], request: dict[str, Any]
    ) -> None:
        try:
            result = action(request)
        except (
            BaseException
        ) as error:  # SystemExit, too: a driver must not end the process
            traceback.print_exc()
            failure = {"class": type(error).__name__, "message": describe(error)}
            self._channel.answer(request["id"], error=failure)
        else:
            self._channel.answer(request["id"], result=result)

    def _load(self, request: dict[str, Any]) -> dict[str, Any]:
        # A driver must not see the folder of this file.
        own = os.path.dirname(os.path.abspath(__file__))
        others = [entry for entry in sys.path if os.path.abspath(entry) != own]
        sys.path[:] = [request["folder"], *others]
        module = importlib.import_module(request["module"])
        self._driver = getattr(module, request["class"])()
        return {
            "commands": {
                name: signature(each) for name, each in commands(self._driver)
            },
            "file": module.__file__,
            "python": ".".join(map(str, sys.version_info[:3])),
            "prefix": sys.prefix,
        }

    def _initialize(self, request: dict[str, Any]) -> None:
        self._driver.initialize(build_context(**request["context"]))

    def _cleanup(self, request: dict[str, Any]) -> None:  # noqa: ARG002 all have this signature
        cleanup = getattr(self._driver, "cleanup", None)
        if cleanup is not None:
            cleanup()

    def _run(self, request: dict[str, Any]) -> str:
        cancellation = self._cancellations[request["id"]]
        cancellation.is_cancelled |= request["cancelled"]
        method = getattr(self._driver, request["command"])
        arguments = dict(request["inputs"])
        accepted = inspect.signature(method).parameters
        if "context" in accepted:
            arguments["context"] = build_context(**request["context"])
        if "cancellation_context" in accepted:
            arguments["cancellation_context"] = cancellation
        try:
            return as_text(method(**arguments))
        finally:
            self._cancellations.pop(request["id"])

    def _cancel(self, request: dict[str, Any]) -> None:
        cancellation = self._cancellations.get(request["command"])
        if cancellation is not None:
            cancellation.is_cancelled = True


def commands(driver: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the driver's public methods, except those that CloudShell itself calls."""
    for name, method in inspect.getmembers(driver, inspect.isroutine):
        if not name.startswith("_") and name not in LIFECYCLE:
            yield name, method


def signature(method: Callable[..., Any]) -> dict[str, list[str]]:
    """Return the names of all parameters, and of those without a default."""
    named = [
        parameter
        for parameter in inspect.signature(method).parameters.values()
        if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    ]
    required = [each.name for each in named if each.default is each.empty]
    return {"parameters": [each.name for each in named], "required": required}


def as_text(result: Any) -> str:
    """Return a command's result as CloudShell shows it."""
    if result is None:
        return ""
    return result if isinstance(result, str) else json.dumps(result, default=vars)


def describe(error: BaseException) -> str:
    """Return the exception's message, even if its __str__ fails."""
    try:
        return str(error)
    except Exception:  # the __str__ of CloudShellAPIError fails without a message
        return repr(error.args)


if __name__ == "__main__":
    Host(Channel()).serve()
