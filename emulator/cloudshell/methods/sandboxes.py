"""
API methods for sandboxes and resources.

Owns: reading them, messages, live status. Must not know: commands, pools.
"""

import xml.etree.ElementTree as ET
from time import monotonic

from emulator.cloudshell.arguments import Kind, Parameter
from emulator.cloudshell.descriptions import (
    describe_app,
    describe_reservation,
    describe_resource,
    describe_status,
)
from emulator.cloudshell.errors import ApiError
from emulator.cloudshell.methods.method import Call, Method
from emulator.cloudshell.model import Reservation

_CACHE_SECONDS = 5
"""How long an answer of GetReservationDetails may be old, unless the caller objects."""

_LIVE_STATUSES = (
    "Online",
    "Offline",
    "Stopped",
    "Error",
    *(f"Progress {percent}" for percent in range(0, 101, 10)),
)


def _reservation(call: Call) -> Reservation:
    return call.state.inventory.get_reservation(call.arguments.text("reservationId"))


def _get_reservation_details(call: Call) -> ET.Element:
    reservation, cache = _reservation(call), call.state.described
    described, since = cache.get(reservation.id, (None, 0.0))
    if (
        described is not None
        and not call.arguments.flag("disableCache")
        and monotonic() - since < _CACHE_SECONDS
    ):
        return described
    described = describe_reservation(reservation, call.state.inventory)
    cache[reservation.id] = described, monotonic()
    return described


def _get_reservation_status(call: Call) -> ET.Element:
    return describe_status(_reservation(call))


def _get_resource_details(call: Call) -> ET.Element:
    name = call.arguments.text("resourceFullPath")
    app = call.state.inventory.find_app(name)
    if app is not None:
        return describe_app(*app)
    return describe_resource(call.state.inventory.get_resource(name))


def _write_message(call: Call) -> None:
    _reservation(call).output.append(call.arguments.text("message"))


def _set_resource_live_status(call: Call) -> None:
    name = call.arguments.text("resourceFullName")
    resource = call.state.inventory.get_resource(name)
    status = call.arguments.text("liveStatusName")
    if status not in _LIVE_STATUSES:
        raise ApiError(
            f"There is no live status {status!r}, use {', '.join(_LIVE_STATUSES)}"
        )
    resource.live_status = status
    resource.live_status_note = call.arguments.text("additionalInfo")


METHODS = (
    Method(
        "GetReservationDetails",
        (Parameter("reservationId"), Parameter("disableCache", Kind.FLAG)),
        _get_reservation_details,
        rest=True,
    ),
    Method(
        "GetReservationStatus",
        (Parameter("reservationId"),),
        _get_reservation_status,
        rest=True,
    ),
    Method(
        "GetResourceDetails",
        (Parameter("resourceFullPath"), Parameter("showAllDomains", Kind.FLAG)),
        _get_resource_details,
        rest=True,
    ),
    Method(
        "WriteMessageToReservationOutput",
        (Parameter("reservationId"), Parameter("message")),
        _write_message,
        rest=True,
    ),
    Method(
        "SetResourceLiveStatus",
        (
            Parameter("resourceFullName"),
            Parameter("liveStatusName"),
            Parameter("additionalInfo"),
        ),
        _set_resource_live_status,
        rest=True,
    ),
)
