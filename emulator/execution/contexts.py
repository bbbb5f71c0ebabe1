"""
What a driver gets with a command: resource, reservation and connectivity.

Owns: the fields of context objects, with CloudShell's names.
Must not know: processes, the API.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

RESOURCE_COMMAND = "ResourceCommandContext"
AUTOLOAD = "AutoLoadCommandContext"
INITIALIZE = "InitCommandContext"


@dataclass(frozen=True)
class Connectivity:
    """How a driver reaches CloudShell during a command."""

    server_address: str
    admin_auth_token: str = field(repr=False)
    cloudshell_version: str
    cloudshell_api_port: str = "8029"
    quali_api_port: str = "9000"
    cloudshell_api_scheme: str = "http"
    use_webapi_endpoint: str = "False"


@dataclass(frozen=True)
class ResourceDetails:
    """
    The resource of a driver.

    Attribute names are `<model>.<name>`, except `Execution Server Selector`.
    """

    id: str
    name: str
    address: str
    model: str
    family: str
    attributes: Mapping[str, str]
    description: str = ""


@dataclass(frozen=True)
class ReservationDetails:
    """The sandbox of a command."""

    reservation_id: str
    environment_name: str
    environment_path: str
    domain: str
    description: str
    owner_user: str
    owner_email: str
    running_user: str
    saved_sandbox_name: str = ""
    saved_sandbox_id: str = ""
    cloud_info_access_key: str = ""


@dataclass(frozen=True)
class CommandRequest:
    """A command to run; only a discovery has no reservation."""

    command: str
    inputs: Mapping[str, str]
    resource: ResourceDetails
    connectivity: Connectivity
    reservation: ReservationDetails | None = None
    context_kind: str = RESOURCE_COMMAND


def command_context(request: CommandRequest) -> dict[str, Any]:
    """Return the context of the command, as the driver process needs it."""
    context = _resource_context(request, request.context_kind)
    if request.context_kind == RESOURCE_COMMAND:
        reservation = request.reservation
        context["reservation"] = None if reservation is None else asdict(reservation)
        context["connectors"] = []
    return context


def initialize_context(request: CommandRequest) -> dict[str, Any]:
    """Return the context of `initialize`, which runs before the first command."""
    return _resource_context(request, INITIALIZE)


def _resource_context(request: CommandRequest, kind: str) -> dict[str, Any]:
    resource = asdict(request.resource)
    resource.update(
        fullname=request.resource.name,
        type="Resource",
        app_context={"app_request_json": "", "deployed_app_json": ""},
        shell_standard="cloudshell_cloud_provider_standard",
        shell_standard_version="1.0.0",
    )
    connectivity = asdict(request.connectivity)
    return {"kind": kind, "connectivity": connectivity, "resource": resource}
