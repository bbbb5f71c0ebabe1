"""
ExecutionServer, the interface of the execution server for CloudShell and tests.

Owns: the drivers of all resources, and all executions by their ids.
Must not know: CloudShell's API; callers pass tokens and contexts.
"""

import re
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from emulator.execution.contexts import CommandRequest
from emulator.execution.driver_environments import DriverEnvironments
from emulator.execution.driver_instance import DriverInstance, LoadedDriver
from emulator.execution.driver_process import Launch
from emulator.execution.environment import driver_environment
from emulator.execution.errors import NO_DRIVER, ExecutionError
from emulator.execution.execution import Execution, OnEnd
from emulator.execution.shell import Shell


def _nothing(output: str | None) -> None:
    pass


class ExecutionServer:
    """
    Runs the commands of shells, in one driver process per resource.

    The driver of `shell` is run from its folder by `python`, which must have its
    requirements. For other shells, `python` makes a virtual environment, in which pip
    installs the driver's requirements: from the folder `packages` only, if there is
    one.

    Drivers get the variables of `environment`, in addition to PATH, locale and the
    temporary folder. `log_path` contains the drivers' logs, and a console log per
    resource.
    """

    def __init__(
        self,
        shell: Shell | None = None,
        *,
        python: str | Path,
        log_path: Path,
        packages: Path | None = None,
        environment: Mapping[str, str] | None = None,
        log_level: str = "DEBUG",
        idle_seconds: float = 600,
    ) -> None:
        self.shell = shell
        self.log_path = log_path
        self._python = Path(python)
        self._environments = DriverEnvironments(
            log_path / "venv", python=self._python, packages=packages
        )
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
        self,
        request: CommandRequest,
        *,
        shell: Shell | None = None,
        on_end: OnEnd = _nothing,
    ) -> Execution:
        """
        Queue a command of a shell, by default of the server's own.

        `on_end` is called before the outcome is available. Raises ExecutionError.
        """
        shell = shell or self.shell
        if shell is None:
            raise ExecutionError("The execution server has no driver", NO_DRIVER)
        declared = shell.driver.commands.get(request.command)
        cancellable = declared is not None and declared.cancellable
        execution = Execution(request, cancellable=cancellable, on_end=on_end)
        with self._lock:
            if self._closed:
                raise ExecutionError("The execution server is closed")
            self._executions[execution.id] = execution
            self._instance(request.resource.name, shell).submit(execution)
        return execution

    def execution(self, execution_id: str) -> Execution:
        """Return the execution; raises ExecutionError for an unknown id."""
        try:
            return self._executions[execution_id]
        except KeyError:
            raise ExecutionError(f"There is no execution {execution_id!r}") from None

    def executions(self, reservation_id: str | None = None) -> list[Execution]:
        """Return all executions, or those of a reservation, oldest first."""
        with self._lock:
            found = list(self._executions.values())
        return [e for e in found if reservation_id in (None, e.reservation_id)]

    def cancel(self, execution_id: str) -> bool:
        """Set the command's cancel flag; return False if it can't be cancelled."""
        execution = self.execution(execution_id)
        if execution.ended or not execution.cancellable:
            return False
        self._instances[execution.request.resource.name].cancel(execution)
        return True

    def cancel_reservation(self, reservation_id: str) -> int:
        """Cancel the commands of a reservation; return their number."""
        return sum(self.cancel(each.id) for each in self.executions(reservation_id))

    def terminate(self, resource_name: str) -> None:
        """Kill the resource's driver process with all its running commands."""
        if resource_name in self._instances:
            self._instances[resource_name].terminate()

    def unload(self, resource_name: str) -> None:
        """Stop the resource's driver, if there is one, and forget it."""
        with self._lock:
            instance = self._instances.pop(resource_name, None)
        if instance is not None:
            instance.close()

    def driver_pid(self, resource_name: str) -> int | None:
        """Return the id of the resource's driver process, None if it is not running."""
        instance = self._instances.get(resource_name)
        return None if instance is None else instance.pid

    def loaded_driver(self, resource_name: str) -> LoadedDriver | None:
        """Return the resource's loaded driver, None before its first command."""
        instance = self._instances.get(resource_name)
        return None if instance is None else instance.loaded

    def console_log(self, resource_name: str) -> Path:
        """Return the file with the prints and tracebacks of the resource's driver."""
        safe = re.sub(r"[^\w.-]", "_", resource_name)
        return self.log_path / f"QsPythonDriverHost_{safe}.log"

    def close(self) -> None:
        """Stop all drivers; queued and running commands fail."""
        with self._lock:
            self._closed = True
            instances = list(self._instances.values())
        for instance in instances:
            instance.close()

    def _instance(self, resource_name: str, shell: Shell) -> DriverInstance:
        instance = self._instances.get(resource_name)
        if instance is not None and instance.shell != shell:
            # The shell was updated: commands in the old driver fail.
            instance.close()
            instance = None
        if instance is None:
            launch = partial(self._launch, resource_name, shell)
            instance = DriverInstance(shell, launch, self._idle_seconds)
            self._instances[resource_name] = instance
        return instance

    def _launch(self, resource_name: str, shell: Shell) -> Launch:
        own = shell == self.shell
        return Launch(
            self._python if own else self._environments.python_for(shell),
            shell.driver_folder,
            self._environment,
            self.console_log(resource_name),
        )
