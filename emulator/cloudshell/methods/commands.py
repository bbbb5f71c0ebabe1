"""
API methods that run commands.

Owns: their arguments and answers. Must not know: how a command is started.
"""

import xml.etree.ElementTree as ET

from emulator.cloudshell.arguments import Kind, Parameter
from emulator.cloudshell.commands import CommandOrder, start_command, wait_for
from emulator.cloudshell.envelope import add, response_info
from emulator.cloudshell.errors import NO_DRIVER, ApiError
from emulator.cloudshell.methods.method import Call, Method
from emulator.execution import Execution

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
METHODS = (
    Method("ExecuteCommand", _COMMAND, _execute_command),
    Method("EnqueueCommand", _COMMAND, _enqueue_command, rest=True),
    Method("AutoLoad", (Parameter("resourceFullPath"),), _autoload, rest=True),
)
