"""
The parts of CloudShell's API and of its context objects that the shell uses.

Owns their types, because cloudshell-automation-api and cloudshell-shell-core have
none. Names and parameters are those packages' own.
https://help.quali.com, "CloudShell Automation API" and "Getting Information from
CloudShell" in the developer guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class PoolItems(Protocol):
    """The response to a checkout; `Items` are the values that were checked out."""

    Items: list[str]


class Decrypted(Protocol):
    """The response to a decryption; the client reads an absent `Value` as None."""

    Value: str | None


class AdditionalData(Protocol):
    """A named value of a NIC; the server stores the names in lower case."""

    Name: str
    Value: str | None


class VmNetwork(Protocol):
    """A network interface in an App's VM details."""

    IsPrimary: bool
    AdditionalData: list[AdditionalData] | None


class VmDetails(Protocol):
    """What the cloud provider that deployed an App reported about it."""

    UID: str | None
    NetworkData: list[VmNetwork] | None


class AppDetails(Protocol):
    """Where a deployed App comes from: `AppName` is its name in the blueprint."""

    AppName: str | None


class ReservedResource(Protocol):
    """A resource in a sandbox; only deployed Apps have details."""

    Name: str
    VmDetails: VmDetails | None
    AppDetails: AppDetails | None


class RequestedApp(Protocol):
    """An App in a sandbox that is not deployed yet."""

    Name: str


class ReservationDescription(Protocol):
    """What is in a sandbox."""

    Resources: list[ReservedResource]
    Apps: list[RequestedApp]


class ReservationDetails(Protocol):
    """The response to GetReservationDetails."""

    ReservationDescription: ReservationDescription


class CloudShellApi(Protocol):
    """CloudShellAPISession."""

    def CheckoutFromPool(  # noqa: N802 - the API's own name
        self,
        selectionCriteriaJson: str,  # noqa: N803 - the API's own name
    ) -> PoolItems:
        """Check values out of a pool."""

    def ReleaseFromPool(  # noqa: N802 - the API's own name
        self,
        values: list[str],
        poolId: str,  # noqa: N803 - the API's own name
        reservationId: str,  # noqa: N803 - the API's own name
        ownerId: str,  # noqa: N803 - the API's own name
    ) -> object:
        """Release values to a pool."""

    def WriteMessageToReservationOutput(  # noqa: N802 - the API's own name
        self,
        reservationId: str,  # noqa: N803 - the API's own name
        message: str,
    ) -> object:
        """Write a message to a sandbox's output console."""

    def GetReservationDetails(  # noqa: N802 - the API's own name
        self,
        reservationId: str,  # noqa: N803 - the API's own name
        disableCache: bool,  # noqa: N803 - the API's own name
    ) -> ReservationDetails:
        """Describe what is in a sandbox."""

    def DecryptPassword(  # noqa: N802 - the API's own name
        self,
        encryptedString: str,  # noqa: N803 - the API's own name
    ) -> Decrypted:
        """Decrypt the value of a Password attribute."""


class Resource(Protocol):
    """ResourceContextDetails; attributes may have the model's name before them."""

    name: str
    model: str
    attributes: Mapping[str, str]


class Reservation(Protocol):
    """ReservationContextDetails."""

    reservation_id: str
    environment_name: str
    owner_user: str
    domain: str


class Connectivity(Protocol):
    """ConnectivityContext; the API's port is text, and the scheme may be empty."""

    server_address: str
    cloudshell_api_port: str
    cloudshell_version: str
    cloudshell_api_scheme: str
    admin_auth_token: str


class DriverContext(Protocol):
    """
    ResourceCommandContext, AutoLoadCommandContext or InitCommandContext.

    Only the first has a `reservation`; it is None if the command runs outside a
    sandbox.
    """

    resource: Resource
    connectivity: Connectivity


class CancellationContext(Protocol):
    """The third argument of a cancellable command."""

    is_cancelled: bool


def reservation_of(context: DriverContext) -> Reservation | None:
    """Return the sandbox in which a command runs, if it runs in one."""
    reservation: Reservation | None = getattr(context, "reservation", None)
    return reservation
