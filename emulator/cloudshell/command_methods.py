"""Owns: the API's methods that run commands. Must not know: how one is started."""

import xml.etree.ElementTree as ET

from emulator.cloudshell.arguments import Kind, Parameter
from emulator.cloudshell.commands import Order, start_command, wait_for
from emulator.cloudshell.envelope import add, response_info
from emulator.cloudshell.errors import NO_DRIVER, ApiError
from emulator.cloudshell.method import Call, Method
from emulator.execution import Execution

# What the platform calls a driver's discovery.
_DISCOVERY = "get_inventory"


def _execute_command(call: Call) -> ET.Element:
    output = wait_for(_start(call))
    if not output:
        # An empty child element would leave the client's field without a value.
        return response_info("CommandExecutionCompletedResultInfo", Output="")
    info = response_info("CommandExecutionCompletedResultInfo")
    add(info, "Output").text = output
    return info


def _enqueue_command(call: Call) -> ET.Element:
    return response_info("CommandExecutionIdResponseInfo", Id=_start(call).id)


def _autoload(call: Call) -> None:
    name = call.arguments.text("resourceFullPath")
    if call.world.inventory.find_app(name) is not None:
        raise ApiError(f"App {name!r} has no driver", NO_DRIVER)
    resource = call.world.inventory.get_resource(name)
    wait_for(
        start_command(call.world, call.caller.user, Order(_DISCOVERY, {}, resource))
    )


def _start(call: Call) -> Execution:
    world, text = call.world, call.arguments.text
    reservation = world.inventory.get_reservation(text("reservationId"))
    if reservation.ended and world.refuse_commands_after_end:
        raise ApiError(f"The reservation has ended: {reservation.id}")
    if text("targetType") != "Resource":
        raise ApiError(f"targetType is {text('targetType')!r}, only Resource is known")
    order = Order(
        command=text("commandName"),
        inputs=call.arguments.inputs("commandInputs"),
        resource=world.inventory.get_resource(text("targetName")),
        reservation=reservation,
        print_output=call.arguments.flag("printOutput"),
    )
    return start_command(world, call.caller.user, order)


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
