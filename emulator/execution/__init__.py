"""
CloudShell's execution server: runs a shell's driver, a process per resource.

errors          what goes wrong, with CloudShell's error codes
driver_metadata drivermetadata.xml -> main class and declared commands
shell           shell-definition.yaml and a driver folder -> Shell
archives        takes an uploaded zip apart
driver_package  what a driver's zip must hold
driver_environments  an installed driver's virtual environment, made by pip
contexts        what a driver is told about resource, reservation and connection
inputs          matches a caller's inputs with a command's parameters
environment     the variables a driver process gets, none of this machine's secrets
driver_host     the program inside the driver process; imports nothing of the emulator
driver_process  one such process and the pipe to it
driver_instance one resource's driver: starts, orders and ends its processes
execution       one command run: its outcome, its end
server          ExecutionServer, the face of all this

A module imports only what stands above it. Nothing here knows CloudShell's API.
"""

from emulator.execution.archives import unpack
from emulator.execution.contexts import (
    AUTOLOAD,
    RESOURCE_COMMAND,
    CommandRequest,
    Connectivity,
    ReservationDetails,
    ResourceDetails,
)
from emulator.execution.driver_instance import LoadedDriver
from emulator.execution.driver_package import unpack_driver
from emulator.execution.errors import ExecutionError, ShellError
from emulator.execution.execution import Execution
from emulator.execution.server import ExecutionServer
from emulator.execution.shell import (
    DRIVER_ARTIFACT,
    Shell,
    ShellAttribute,
    load_shell,
    named_files,
)

__all__ = [
    "AUTOLOAD",
    "DRIVER_ARTIFACT",
    "RESOURCE_COMMAND",
    "CommandRequest",
    "Connectivity",
    "Execution",
    "ExecutionError",
    "ExecutionServer",
    "LoadedDriver",
    "ReservationDetails",
    "ResourceDetails",
    "Shell",
    "ShellAttribute",
    "ShellError",
    "load_shell",
    "named_files",
    "unpack",
    "unpack_driver",
]
