"""
Owns: starting a command on a resource: its context, its token, its output.

Must not know: requests and answers, how a driver is run.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from emulator.cloudshell.errors import NO_DRIVER, ApiError
from emulator.cloudshell.model import Reservation, StoredResource, User
from emulator.cloudshell.world import World
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
class Order:
    """A command to start; without a reservation it is the resource's discovery."""

    command: str
    inputs: Mapping[str, str]
    resource: StoredResource
    reservation: Reservation | None = None
    print_output: bool = False


def start_command(world: World, user: User, order: Order) -> Execution:
    """Queue the command with a token of its own; raises ApiError where it can't be."""
    execution_server, shell = _execution_server(world, order.resource)
    token = world.tokens.start_command(user)

    def end(output: str | None) -> None:
        world.tokens.end_command(token)
        if output and order.print_output and order.reservation is not None:
            order.reservation.output.append(output)

    request = _request(world, user, order, token)
    try:
        return execution_server.enqueue(request, shell=shell, on_end=end)
    except ExecutionError as error:
        end(None)
        raise ApiError(error.message, error.code) from error


def wait_for(execution: Execution) -> str:
    """Return the command's output; raises ApiError as the command failed."""
    try:
        return execution.wait()
    except ExecutionError as error:
        raise ApiError(error.message, error.code) from error


def _execution_server(
    world: World, resource: StoredResource
) -> tuple[ExecutionServer, Shell]:
    execution, shell = world.execution, resource.shell
    if execution is None or shell is None or not world.shells.holds(shell):
        raise ApiError(f"Resource {resource.name!r} has no driver", NO_DRIVER)
    return execution, shell


def _request(world: World, user: User, order: Order, token: str) -> CommandRequest:
    reservation = order.reservation
    return CommandRequest(
        command=order.command,
        inputs=order.inputs,
        resource=_resource_details(order.resource),
        connectivity=Connectivity(world.address, token, CLOUDSHELL_VERSION),
        reservation=_reservation_details(world, reservation, user),
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
    world: World, reservation: Reservation | None, user: User
) -> ReservationDetails | None:
    if reservation is None:
        return None
    owner = world.users.get(reservation.owner)
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
