"""
CloudShell's entry: its commands, and no decisions.

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
        """Have nothing to prepare: clients are made when a command needs them."""

    def cleanup(self) -> None:
        """Have nothing to put away."""

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
        """Make each mirror of the request exist."""
        with log_of(context) as logger:
            return self._commands.create_traffic_mirroring(
                context, logger, request, cancellation_context
            )

    def RemoveTrafficMirroring(  # noqa: N802 - the command's name
        self, context: DriverContext, request: str
    ) -> str:
        """Remove sessions, and all that only they used."""
        with log_of(context) as logger:
            return self._commands.remove_traffic_mirroring(context, logger, request)

    def CleanupSandboxInfra(  # noqa: N802 - the command's name
        self, context: DriverContext, request: str
    ) -> str:
        """Remove everything that the sandbox made."""
        with log_of(context) as logger:
            return self._commands.cleanup_sandbox_infra(context, logger, request)
