"""The stock AWS shell's traffic mirroring, as a driver: cloudshell-cp-aws as it is."""

from cloudshell.cp.aws.aws_shell import AWSShell
from cloudshell.cp.core.models import DriverResponse


class PeerDriver:
    """The two commands of the peer, and nothing of our own in between."""

    def __init__(self):
        """Make what the stock shell's driver makes."""
        self._shell = AWSShell()

    def initialize(self, context):
        """Have nothing to prepare."""

    def cleanup(self):
        """Have nothing to put away."""

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
