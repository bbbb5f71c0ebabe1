"""
The driver of one resource: starting it, running its commands, stopping it.

Owns: the process, the queue of commands, idle time. Must not know: the API, tokens,
other resources.
"""

import contextlib
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from emulator.execution.contexts import (
    CommandRequest,
    command_context,
    initialize_context,
)
from emulator.execution.driver_process import DriverProcess, Launch
from emulator.execution.errors import (
    DriverError,
    DriverProcessEndedError,
    ExecutionError,
)
from emulator.execution.execution import Execution
from emulator.execution.inputs import Signature, get_signature, match_inputs
from emulator.execution.shell import Shell

# CloudShell's documented number of concurrent executions.
WORKERS = 20
CLEANUP_SECONDS = 10


@dataclass(frozen=True)
class LoadedDriver:
    """A loaded driver: its file, its Python version and environment."""

    file: Path
    python: str
    prefix: Path


class DriverInstance:
    """Runs the commands of a resource in order, in one process at a time."""

    def __init__(
        self, shell: Shell, launch: Callable[[], Launch], idle_seconds: float
    ) -> None:
        self.shell = shell
        self.loaded: LoadedDriver | None = None
        self._launch = launch
        self._idle_seconds = idle_seconds
        self._process: DriverProcess | None = None
        self._signatures: dict[str, Signature] = {}
        self._queue: queue.Queue[Execution | None] = queue.Queue()
        self._slots = threading.Semaphore(WORKERS if shell.concurrent else 1)
        self._running: set[Execution] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._dispatcher = threading.Thread(target=self._dispatch, daemon=True)
        self._dispatcher.start()

    @property
    def pid(self) -> int | None:
        """The id of the driver process, None if it is not running."""
        process = self._process
        return process.pid if process is not None and process.alive else None

    def submit(self, execution: Execution) -> None:
        """Queue a command."""
        self._queue.put(execution)

    def cancel(self, execution: Execution) -> None:
        """Set the command's cancel flag, before it starts or while it runs."""
        with self._lock:
            execution.cancel_requested = True
            if execution not in self._running or self._process is None:
                return
            cancelled = self._process.request("cancel", command=execution.id)
        with contextlib.suppress(DriverProcessEndedError):
            cancelled.result()

    def terminate(self) -> None:
        """Kill the process with all its running commands."""
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """Stop the driver: by cleanup if it is idle, or else by killing it."""
        self._closed = True
        self._queue.put(None)
        with self._lock:
            busy = bool(self._running)
        if busy:
            self.terminate()
        self._dispatcher.join(CLEANUP_SECONDS)
        if self._dispatcher.is_alive():
            self.terminate()  # the driver hangs in its start
            self._dispatcher.join()

    def _dispatch(self) -> None:
        while True:
            try:
                execution = self._queue.get(timeout=self._idle_seconds)
            except queue.Empty:
                self._stop_if_idle()
                continue
            if execution is None:
                break
            self._slots.acquire()
            execution.started = True
            self._begin(execution)
        self._stop_if_idle()
        self.terminate()

    def _begin(self, execution: Execution) -> None:
        try:
            answer = self._send(execution)
        except ExecutionError as error:
            self._slots.release()
            execution.fail(error)
        else:
            answer.add_done_callback(partial(self._finish, execution))

    def _send(self, execution: Execution) -> Future[Any]:
        self._check_open()
        request = execution.request
        process = self._ready_process(request)
        declared = self.shell.driver.commands.get(request.command)
        signature = get_signature(request.command, self._signatures, declared)
        inputs = match_inputs(request.inputs, signature, declared)
        # Under the lock, so that a cancel comes either with the request or after it.
        with self._lock:
            self._running.add(execution)
            return process.request(
                "run",
                execution.id,
                command=request.command,
                inputs=inputs,
                context=command_context(request),
                cancelled=execution.cancel_requested,
            )

    def _finish(self, execution: Execution, answer: Future[Any]) -> None:
        with self._lock:
            self._running.discard(execution)
        self._slots.release()
        error = answer.exception()
        if error is None:
            execution.succeed(answer.result())
        elif isinstance(error, ExecutionError):
            execution.fail(error)
        else:
            execution.fail(ExecutionError(f"The execution server failed: {error!r}"))

    def _ready_process(self, request: CommandRequest) -> DriverProcess:
        if self._process is not None and self._process.alive:
            return self._process
        self._process = process = self._start_process()
        try:
            self._load(process)
            self._initialize(process, request)
        except ExecutionError:
            process.kill()
            raise
        return process

    def _check_open(self) -> None:
        if self._closed:
            raise ExecutionError("The execution server stopped before the command ran")

    def _start_process(self) -> DriverProcess:
        launch = self._launch()
        # Making the driver's environment may have taken a while.
        self._check_open()
        try:
            return DriverProcess(launch)
        except OSError as error:
            message = f"The driver process can't be started: {error}"
            raise ExecutionError(message) from error

    def _load(self, process: DriverProcess) -> None:
        driver = self.shell.driver
        details = {
            "folder": str(self.shell.driver_folder),
            "module": driver.module,
            "class": driver.class_name,
        }
        try:
            found = process.request("load", **details).result()
        except DriverError as failure:
            raise ExecutionError(
                f"Loading the driver failed (method LoadDriver): "
                f"'{failure.class_name}'.\nError description: {failure.description}"
            ) from None
        self._signatures = {
            name: Signature(tuple(each["parameters"]), frozenset(each["required"]))
            for name, each in found["commands"].items()
        }
        self.loaded = LoadedDriver(
            Path(found["file"]), found["python"], Path(found["prefix"])
        )

    def _initialize(self, process: DriverProcess, request: CommandRequest) -> None:
        context = initialize_context(request)
        try:
            process.request("initialize", context=context).result()
        except DriverError as failure:
            raise ExecutionError(
                f"The driver's method initialize failed: '{failure.class_name}'.\n"
                f"Error description: {failure.description}"
            ) from None

    def _stop_if_idle(self) -> None:
        process = self._process
        with self._lock:
            busy = bool(self._running)
        if busy or process is None or not process.alive:
            return
        # A driver that fails or hangs in cleanup is killed.
        with contextlib.suppress(ExecutionError, FutureTimeoutError):
            process.request("cleanup").result(CLEANUP_SECONDS)
        process.stop()
