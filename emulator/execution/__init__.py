"""
CloudShell's execution server: runs the drivers of shells, one process per resource.

    server               ExecutionServer, the interface for CloudShell and tests
    driver_instance      the driver of one resource: starting, running, stopping it
    driver_process       one driver process and the pipe to it
    driver_host          the program in that process; imports nothing of the emulator
    execution            one run of a command and its outcome
    inputs               matching inputs with a command's parameters
    contexts             what a driver gets with a command
    environment          the environment variables of a driver process
    driver_environments  the virtual environments of installed drivers, made by pip
    driver_package       what a driver's zip must contain
    archives             unpacking uploaded zips
    shell                a shell definition with its driver folder
    driver_metadata      drivermetadata.xml
    errors               exceptions, with CloudShell's error codes

It doesn't know CloudShell's API.
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
