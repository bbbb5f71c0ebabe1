"""
Owns: the driver instances of all resources, and every execution by its id.

Must not know: CloudShell's API; whoever asks brings tokens and contexts along.
"""

import re
import threading
from collections.abc import Mapping
from pathlib import Path

from emulator.execution.contexts import CommandRequest
from emulator.execution.driver_instance import DriverInstance
from emulator.execution.driver_process import Launch
from emulator.execution.environment import driver_environment
from emulator.execution.errors import ExecutionError
from emulator.execution.execution import Execution, OnEnd
from emulator.execution.shell import Shell


def _nothing(output: str | None) -> None:
    pass


class ExecutionServer:
    """
    Runs the commands of one shell, in one driver process per resource.

    `environment` is what drivers see besides PATH, locale and the temporary folder.
    `log_path` gets the drivers' logs and a console log per resource.
    """

    def __init__(
        self,
        shell: Shell,
        *,
        python: str | Path,
        log_path: Path,
        environment: Mapping[str, str] | None = None,
        log_level: str = "DEBUG",
        idle_seconds: float = 600,
    ) -> None:
        self.shell = shell
        self.log_path = log_path
        self._python = Path(python)
        self._environment = driver_environment(
            environment or {}, log_path=log_path, log_level=log_level
        )
        self._idle_seconds = idle_seconds
        self._instances: dict[str, DriverInstance] = {}
        self._executions: dict[str, Execution] = {}
        self._lock = threading.Lock()
        self._closed = False

    def __enter__(self) -> "ExecutionServer":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def enqueue(
        self, request: CommandRequest, *, on_end: OnEnd = _nothing
    ) -> Execution:
        """Queue a command; `on_end` is called before anybody learns its outcome."""
        declared = self.shell.driver.commands.get(request.command)
        cancellable = declared is not None and declared.cancellable
        execution = Execution(request, cancellable=cancellable, on_end=on_end)
        with self._lock:
            if self._closed:
                raise ExecutionError("The execution server is closed")
            self._executions[execution.id] = execution
            self._instance(request.resource.name).submit(execution)
        return execution

    def execution(self, execution_id: str) -> Execution:
        """Return the execution; raises ExecutionError for an unknown id."""
        try:
            return self._executions[execution_id]
        except KeyError:
            raise ExecutionError(f"There is no execution {execution_id!r}") from None

    def executions(self, reservation_id: str | None = None) -> list[Execution]:
        """Return all executions, or those of one reservation, oldest first."""
        with self._lock:
            found = list(self._executions.values())
        return [e for e in found if reservation_id in (None, e.reservation_id)]

    def cancel(self, execution_id: str) -> bool:
        """Set the command's cancel flag; False when it can't be cancelled any more."""
        execution = self.execution(execution_id)
        if execution.ended or not execution.cancellable:
            return False
        self._instances[execution.request.resource.name].cancel(execution)
        return True

    def cancel_reservation(self, reservation_id: str) -> int:
        """Cancel what runs in a reservation; returns how many commands that were."""
        return sum(self.cancel(each.id) for each in self.executions(reservation_id))

    def terminate(self, resource_name: str) -> None:
        """Kill the resource's driver process with everything that runs in it."""
        if resource_name in self._instances:
            self._instances[resource_name].terminate()

    def driver_pid(self, resource_name: str) -> int | None:
        """Return the id of the resource's driver process, None when there is none."""
        instance = self._instances.get(resource_name)
        return None if instance is None else instance.pid

    def console_log(self, resource_name: str) -> Path:
        """Return where the resource's driver prints to, tracebacks included."""
        safe = re.sub(r"[^\w.-]", "_", resource_name)
        return self.log_path / f"QsPythonDriverHost_{safe}.log"

    def close(self) -> None:
        """End every driver; commands that still wait or run fail."""
        with self._lock:
            self._closed = True
            instances = list(self._instances.values())
        for instance in instances:
            instance.close()

    def _instance(self, resource_name: str) -> DriverInstance:
        if resource_name not in self._instances:
            launch = Launch(
                self._python,
                self.shell.driver_folder,
                self._environment,
                self.console_log(resource_name),
            )
            self._instances[resource_name] = DriverInstance(
                self.shell, launch, self._idle_seconds
            )
        return self._instances[resource_name]
