"""
API methods that run, list and cancel commands.

Owns: their arguments and answers. Must not know: how a command is started.
"""

import xml.etree.ElementTree as ET

from emulator.cloudshell.arguments import Kind, Parameter
from emulator.cloudshell.commands import CommandOrder, start_command, wait_for
from emulator.cloudshell.envelope import add, response_info
from emulator.cloudshell.errors import NO_ACCESS, NO_DRIVER, ApiError
from emulator.cloudshell.methods.method import Call, Method
from emulator.execution import Execution, ExecutionError, ExecutionServer

# The driver method that CloudShell calls for a discovery.
_DISCOVERY = "get_inventory"


def _execute_command(call: Call) -> ET.Element:
    output = wait_for(_start(call))
    if not output:
        # The client can't read an empty child element.
        return response_info("CommandExecutionCompletedResultInfo", Output="")
    info = response_info("CommandExecutionCompletedResultInfo")
    add(info, "Output").text = output
    return info


def _enqueue_command(call: Call) -> ET.Element:
    return response_info("CommandExecutionIdResponseInfo", Id=_start(call).id)


def _autoload(call: Call) -> None:
    name = call.arguments.text("resourceFullPath")
    if call.state.inventory.find_app(name) is not None:
        raise ApiError(f"App {name!r} has no driver", NO_DRIVER)
    resource = call.state.inventory.get_resource(name)
    order = CommandOrder(_DISCOVERY, {}, resource)
    wait_for(start_command(call.state, call.caller.user, order))


def _cancel_command(call: Call) -> None:
    server = _administrated_server(call)
    try:
        server.cancel(call.arguments.text("commandId"))
    except ExecutionError as error:
        raise ApiError(error.message, error.code) from error


def _list_commands_of_reservation(call: Call) -> ET.Element:
    server = _administrated_server(call)
    reservation = call.state.inventory.get_reservation(
        call.arguments.text("reservationId")
    )
    return _list_commands(server.executions(reservation.id))


def _list_commands_of_resource(call: Call) -> ET.Element:
    return _list_commands(_executions_of_resource(call))


def _clear_commands(call: Call) -> ET.Element:
    """Cancel the commands of all sandboxes, as CloudShell does."""
    server = _administrated_server(call)
    cleared = [each for each in _executions_of_resource(call) if not each.ended]
    answer = _list_commands(cleared)
    for execution in cleared:
        server.cancel(execution.id)
    return answer


def _executions_of_resource(call: Call) -> list[Execution]:
    server = _administrated_server(call)
    name = call.arguments.text("resourceFullName")
    resource = call.state.inventory.get_resource(name)
    return [
        each
        for each in server.executions()
        if each.request.resource.name == resource.name
    ]


def _administrated_server(call: Call) -> ExecutionServer:
    if not call.caller.is_admin:
        raise ApiError("Only administrators may control commands", NO_ACCESS)
    if call.state.execution is None:
        raise ApiError("There is no execution server", NO_DRIVER)
    return call.state.execution


def _list_commands(executions: list[Execution]) -> ET.Element:
    info = response_info("RunningCommandListInfo")
    commands = add(info, "Commands")
    for each in executions:
        if not each.ended:
            add(
                commands,
                "RunningCommandInfo",
                ExecutionId=each.id,
                ResourceFullName=each.request.resource.name,
                CommandName=each.request.command,
                Status="Running" if each.started else "Queued",
                StartTime=each.queued.strftime("%m/%d/%Y %H:%M"),
                ReservationId=each.reservation_id,
            )
    return info


def _start(call: Call) -> Execution:
    state, text = call.state, call.arguments.text
    reservation = state.inventory.get_reservation(text("reservationId"))
    if reservation.ended and state.refuse_commands_after_end:
        raise ApiError(f"The reservation has ended: {reservation.id}")
    if text("targetType") != "Resource":
        raise ApiError(
            f"targetType is {text('targetType')!r}, the emulator has only Resource"
        )
    order = CommandOrder(
        command=text("commandName"),
        inputs=call.arguments.inputs("commandInputs"),
        resource=state.inventory.get_resource(text("targetName")),
        reservation=reservation,
        print_output=call.arguments.flag("printOutput"),
    )
    return start_command(state, call.caller.user, order)


_COMMAND = (
    Parameter("reservationId"),
    Parameter("targetName"),
    Parameter("targetType"),
    Parameter("commandName"),
    Parameter("commandInputs", Kind.INPUTS),
    Parameter("printOutput", Kind.FLAG),
)
_RESOURCE = (Parameter("resourceFullName"),)
METHODS = (
    Method("ExecuteCommand", _COMMAND, _execute_command),
    Method("EnqueueCommand", _COMMAND, _enqueue_command, rest=True),
    Method("AutoLoad", (Parameter("resourceFullPath"),), _autoload, rest=True),
    Method("CancelResourceCommand", (Parameter("commandId"),), _cancel_command),
    Method(
        "GetRunningCommands",
        (Parameter("reservationId"),),
        _list_commands_of_reservation,
    ),
    Method("GetResourceCommandExecutions", _RESOURCE, _list_commands_of_resource),
    Method("ClearResourceCommands", _RESOURCE, _clear_commands),
)
