"""
The program inside a driver's process: loads the driver, runs what it is ordered to.

Owns: the driver object, its context objects, a thread per command, the cancel flags.
Must not know: the emulator. It is started by its path, runs on Python 3.9 and uses the
standard library alone, because a driver's environment holds only the driver's packages.

Orders come as lines of JSON on the standard input, answers go to what was the standard
output at the start. Before the driver is loaded, both are moved away and the standard
output becomes the console log, so that nothing a driver prints can disturb them.
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
    """Attributes as given; never shown, one of them is a token."""

    def __init__(self, **fields: Any) -> None:
        self.__dict__.update(fields)


# The names of the following classes matter: cloudshell-shell-core tells contexts apart
# by the name of their class.
class ConnectivityContext(Fields):
    """Where CloudShell is."""


class ResourceContextDetails(Fields):
    """The resource that the driver serves."""


class ReservationContextDetails(Fields):
    """The sandbox that the command runs in."""


class AppContext(Fields):
    """Always empty for a resource."""


class InitCommandContext(Fields):
    """What `initialize` gets."""


class ResourceCommandContext(Fields):
    """What a command in a sandbox gets."""


class AutoLoadCommandContext(Fields):
    """What `get_inventory` gets when the resource is discovered."""


class CancellationContext:
    """Tells a running command that somebody pressed Stop."""

    def __init__(self) -> None:
        self.is_cancelled = False


CONTEXTS = {
    each.__name__: each
    for each in (InitCommandContext, ResourceCommandContext, AutoLoadCommandContext)
}


def build_context(kind: str, **parts: Any) -> Fields:
    """Make the context object of the named class from plain data."""
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
        self._orders = os.fdopen(os.dup(0), encoding="utf-8")
        self._answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
        self._writing = threading.Lock()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr] # both are still the interpreter's own

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the orders until the other side closes."""
        for line in self._orders:
            yield json.loads(line)

    def answer(self, order_id: str, **answer: Any) -> None:
        """Send the answer to an order."""
        line = json.dumps({"id": order_id, **answer})
        with self._writing:
            self._answers.write(line + "\n")
            self._answers.flush()


class Host:
    """Carries out orders: load, initialize, run, cancel, cleanup."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._orders: queue.Queue[dict[str, Any]] = queue.Queue()
        self._cancellations: dict[str, CancellationContext] = {}
        self._driver: Any = None

    def serve(self) -> None:
        """Carry out orders for as long as the channel is open."""
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            order = self._orders.get()
            if order["do"] == "run":
                self._start(order)
            else:
                # In the main thread, where importing code may set up signals.
                self._carry_out(getattr(self, "_" + order["do"]), order)

    def _listen(self) -> None:
        # Apart from the main thread, so that the process ends with its channel even
        # when the driver hangs.
        for order in self._channel:
            if order["do"] == "cancel":
                self._carry_out(self._cancel, order)
            else:
                if order["do"] == "run":
                    self._cancellations[order["id"]] = CancellationContext()
                self._orders.put(order)
        os._exit(0)

    def _start(self, order: dict[str, Any]) -> None:
        arguments = (self._run, order)
        threading.Thread(target=self._carry_out, args=arguments, daemon=True).start()

    def _carry_out(
        self, action: Callable[[dict[str, Any]], Any], order: dict[str, Any]
    ) -> None:
        try:
            result = action(order)
        except BaseException as error:  # SystemExit too: a driver can't end the process
            traceback.print_exc()
            failure = {"class": type(error).__name__, "message": describe(error)}
            self._channel.answer(order["id"], error=failure)
        else:
            self._channel.answer(order["id"], result=result)

    def _load(self, order: dict[str, Any]) -> dict[str, Any]:
        # A driver must not see the folder of this file.
        own = os.path.dirname(os.path.abspath(__file__))
        others = [entry for entry in sys.path if os.path.abspath(entry) != own]
        sys.path[:] = [order["folder"], *others]
        module = importlib.import_module(order["module"])
        self._driver = getattr(module, order["class"])()
        return {
            "commands": {
                name: signature(each) for name, each in commands(self._driver)
            },
            "file": module.__file__,
            "python": ".".join(map(str, sys.version_info[:3])),
            "prefix": sys.prefix,
        }

    def _initialize(self, order: dict[str, Any]) -> None:
        self._driver.initialize(build_context(**order["context"]))

    def _cleanup(self, order: dict[str, Any]) -> None:  # noqa: ARG002 one form for all
        cleanup = getattr(self._driver, "cleanup", None)
        if cleanup is not None:
            cleanup()

    def _run(self, order: dict[str, Any]) -> str:
        cancellation = self._cancellations[order["id"]]
        cancellation.is_cancelled |= order["cancelled"]
        method = getattr(self._driver, order["command"])
        arguments = dict(order["inputs"])
        accepted = inspect.signature(method).parameters
        if "context" in accepted:
            arguments["context"] = build_context(**order["context"])
        if "cancellation_context" in accepted:
            arguments["cancellation_context"] = cancellation
        try:
            return as_text(method(**arguments))
        finally:
            self._cancellations.pop(order["id"])

    def _cancel(self, order: dict[str, Any]) -> None:
        cancellation = self._cancellations.get(order["command"])
        if cancellation is not None:
            cancellation.is_cancelled = True


def commands(driver: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the driver's public methods but those that CloudShell calls itself."""
    for name, method in inspect.getmembers(driver, inspect.isroutine):
        if not name.startswith("_") and name not in LIFECYCLE:
            yield name, method


def signature(method: Callable[..., Any]) -> dict[str, list[str]]:
    """Return the names of the method's parameters and of those without default."""
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
    """Return the exception's message, whatever its __str__ does."""
    try:
        return str(error)
    except Exception:  # the API's own error fails here when it has no message
        return repr(error.args)


if __name__ == "__main__":
    Host(Channel()).serve()
