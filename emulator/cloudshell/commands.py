"""
Starting a command on a resource.

Owns: the context, the token and the output of a command.
Must not know: requests and answers, how a driver is run.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from emulator.cloudshell.errors import NO_DRIVER, ApiError
from emulator.cloudshell.model import Reservation, StoredResource, User
from emulator.cloudshell.state import ServerState
from emulator.execution import (
    AUTOLOAD,
    RESOURCE_COMMAND,
    CommandRequest,
    Connectivity,
    Execution,
    ExecutionError,
    ExecutionServer,
    ReservationDetails,
    ResourceDetails,
    Shell,
)

CLOUDSHELL_VERSION = "2026.2.0"


@dataclass(frozen=True)
class CommandOrder:
    """A command to start; a discovery has no reservation."""

    command: str
    inputs: Mapping[str, str]
    resource: StoredResource
    reservation: Reservation | None = None
    print_output: bool = False


def start_command(state: ServerState, user: User, order: CommandOrder) -> Execution:
    """Queue the command with a token of its own; raises ApiError."""
    execution_server, shell = _execution_server(state, order.resource)
    token = state.tokens.start_command(user, order.resource.name)

    def end(output: str | None) -> None:
        state.tokens.end_command(token)
        if output and order.print_output and order.reservation is not None:
            order.reservation.output.append(output)

    request = _request(state, user, order, token)
    try:
        return execution_server.enqueue(request, shell=shell, on_end=end)
    except ExecutionError as error:
        end(None)
        raise ApiError(error.message, error.code) from error


def wait_for(execution: Execution) -> str:
    """Wait for the command, and return its output; raises ApiError if it failed."""
    try:
        return execution.wait()
    except ExecutionError as error:
        raise ApiError(error.message, error.code) from error


def _execution_server(
    state: ServerState, resource: StoredResource
) -> tuple[ExecutionServer, Shell]:
    execution, shell = state.execution, resource.shell
    if execution is None or shell is None or not state.shells.has(shell):
        raise ApiError(f"Resource {resource.name!r} has no driver", NO_DRIVER)
    return execution, shell


def _request(
    state: ServerState, user: User, order: CommandOrder, token: str
) -> CommandRequest:
    reservation = order.reservation
    return CommandRequest(
        command=order.command,
        inputs=order.inputs,
        resource=_resource_details(order.resource),
        connectivity=Connectivity(
            state.address,
            token,
            CLOUDSHELL_VERSION,
            cloudshell_api_port=state.api_port,
            cloudshell_api_scheme=state.api_scheme,
        ),
        reservation=_reservation_details(state, reservation, user),
        context_kind=AUTOLOAD if reservation is None else RESOURCE_COMMAND,
    )


def _resource_details(resource: StoredResource) -> ResourceDetails:
    return ResourceDetails(
        id=resource.id,
        name=resource.name,
        address=resource.address,
        model=resource.model,
        family=resource.family,
        attributes={each.name: each.value for each in resource.attributes},
        description=resource.description,
    )


def _reservation_details(
    state: ServerState, reservation: Reservation | None, user: User
) -> ReservationDetails | None:
    if reservation is None:
        return None
    owner = state.users.get(reservation.owner)
    return ReservationDetails(
        reservation_id=reservation.id,
        environment_name=reservation.environment_name,
        environment_path=reservation.environment_name,
        domain=reservation.domain,
        description=reservation.description,
        owner_user=reservation.owner,
        owner_email=owner.email if owner else "",
        running_user=user.name,
    )
