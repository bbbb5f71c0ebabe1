"""
CloudShell's entry point: a method per command.

Owns the names of the commands and opens their log. Must not decide anything.
https://help.quali.com, "Driver Deep Dive" in the developer guide.
"""

from cloudshell.shell.core.driver_context import AutoLoadDetails
from cloudshell.shell.core.resource_driver_interface import ResourceDriverInterface

from traffic_mirroring.sandbox.api import CancellationContext, DriverContext
from traffic_mirroring.sandbox.log import log_of
from traffic_mirroring.startup import gc_frozen


class TrafficMirroringDriver(ResourceDriverInterface):  # type: ignore[misc]  # shell-core has no types
    """The driver of the AWS traffic mirroring cloud provider."""

    def __init__(self) -> None:
        with gc_frozen():
            from traffic_mirroring.commands import Commands

        self._commands = Commands()

    def initialize(self, context: DriverContext) -> None:
        """Do nothing: clients are created by the first command that needs them."""

    def cleanup(self) -> None:
        """Do nothing: there is nothing to close."""

    def get_inventory(self, context: DriverContext) -> AutoLoadDetails:
        """Check the resource when an admin adds it; there is nothing to discover."""
        with log_of(context) as logger:
            self._commands.get_inventory(context, logger)
        return AutoLoadDetails([], [])

    def CreateTrafficMirroring(  # noqa: N802 - the command's name
        self,
        context: DriverContext,
        request: str,
        cancellation_context: CancellationContext,
    ) -> str:
        """Ensure that each mirror of the request exists."""
        with log_of(context) as logger:
            return self._commands.create_traffic_mirroring(
                context, logger, request, cancellation_context
            )

    def RemoveTrafficMirroring(  # noqa: N802 - the command's name
        self, context: DriverContext, request: str
    ) -> str:
        """Remove sessions, and the resources that only they used."""
        with log_of(context) as logger:
            return self._commands.remove_traffic_mirroring(context, logger, request)

    def GetTrafficMirroring(  # noqa: N802 - the command's name
        self, context: DriverContext, request: str
    ) -> str:
        """List the sandbox's mirrors as they are in EC2."""
        with log_of(context) as logger:
            return self._commands.get_traffic_mirroring(context, logger, request)

    def CleanupSandboxInfra(  # noqa: N802 - the command's name
        self, context: DriverContext, request: str
    ) -> str:
        """Remove everything that the sandbox created."""
        with log_of(context) as logger:
            return self._commands.cleanup_sandbox_infra(context, logger, request)
