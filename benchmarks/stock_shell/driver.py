"""A driver that offers the traffic mirroring of cloudshell-cp-aws, unchanged."""

from cloudshell.cp.aws.aws_shell import AWSShell
from cloudshell.cp.core.models import DriverResponse


class StockShellDriver:
    """The two traffic mirroring commands of the stock shell, without additions."""

    def __init__(self):
        """Create the same object as the stock shell's driver."""
        self._shell = AWSShell()

    def initialize(self, context):
        """Do nothing."""

    def cleanup(self):
        """Do nothing."""

    def CreateTrafficMirroring(self, context, request, cancellation_context):  # noqa: N802 - the command's name
        """Create mirrors."""
        results = self._shell.create_traffic_mirroring(
            context, cancellation_context, request
        )
        return DriverResponse(results).to_driver_response_json()

    def RemoveTrafficMirroring(self, context, request):  # noqa: N802 - the command's name
        """Remove mirrors."""
        results = self._shell.remove_traffic_mirroring(context, request)
        return DriverResponse(results).to_driver_response_json()
