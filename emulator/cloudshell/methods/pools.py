"""
API methods for pools.

Owns: their arguments and answers. Must not know: how a pool chooses a number.
"""

import xml.etree.ElementTree as ET

from emulator.cloudshell.arguments import Kind, Parameter
from emulator.cloudshell.envelope import add, response_info
from emulator.cloudshell.methods.method import Call, Method
from emulator.cloudshell.pool_criteria import parse_criteria
from emulator.cloudshell.pools import CHECKOUT, RELEASE


def _checkout(call: Call) -> ET.Element:
    criteria = parse_criteria(call.arguments.text("selectionCriteriaJson"))
    number = call.state.pools.checkout(criteria, call.caller.resource)
    info = response_info("CheckoutFromPoolInfo")
    add(info, "Items").text = number
    return info


def _release(call: Call) -> None:
    text = call.arguments.text
    holder = (text("reservationId"), text("ownerId"))
    values, pool_id = call.arguments.texts("values"), text("poolId")
    call.state.pools.release(values, pool_id, holder, call.caller.resource)


METHODS = (
    Method(CHECKOUT, (Parameter("selectionCriteriaJson"),), _checkout),
    Method(
        RELEASE,
        (
            Parameter("values", Kind.TEXTS),
            Parameter("poolId"),
            Parameter("reservationId"),
            Parameter("ownerId"),
        ),
        _release,
    ),
)
