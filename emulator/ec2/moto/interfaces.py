"""
Network interfaces that moto can't make: those of AWS services, trunks and branches.

Owns: their type, requester and attachment. Must not know: mirroring.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ec2.utils import random_eni_attach_id

from emulator.ec2.actions import Action, Ec2Reply
from emulator.ec2.moto.formats import read_result, write_result


@dataclass
class _ServiceAttachment:
    """An attachment to something in AWS's own account, which has no instance id."""

    attachment_id: str
    instance_owner_id: str
    attach_time: datetime
    delete_on_termination: bool = False
    device_index: int = 1
    network_card_index: int = 0
    status: str = "attached"


class _ServiceInterface(NetworkInterface):
    """An interface of an AWS service."""

    @property
    def attachment(self) -> Any:
        if self.attachment_id is None:
            return None
        now = datetime.now(timezone.utc)
        return _ServiceAttachment(self.attachment_id, self.requester_id, now)


def give_to_service(interface_id: str, requester: str, kind: str) -> None:
    """
    Make a detached interface one that an AWS service manages; raises KeyError.

    It is attached then, but not to an instance.
    """
    interface = _find(interface_id)
    if interface.attachment_id is not None:
        raise ValueError(f"{interface_id} is attached already")
    interface.__class__ = _ServiceInterface
    interface.interface_type = kind
    interface.requester_managed = True
    interface.requester_id = requester
    interface.attachment_id = random_eni_attach_id()
    interface.status = "in-use"


def set_requested_type(action: Action, reply: Ec2Reply) -> Ec2Reply:
    """Give the interface that was just created its type, which moto ignores."""
    kind = action.parameters.get("InterfaceType")
    if reply.error_code or kind is None:
        return reply
    result = read_result(action.operation, reply.body)
    created = result["NetworkInterface"]
    _find(created["NetworkInterfaceId"]).interface_type = kind
    created["InterfaceType"] = kind
    request_id = result.pop("RequestId", "")
    body = write_result(action.operation, result, request_id)
    return replace(reply, body=body)


def _find(interface_id: str) -> Any:
    for regions in ec2_backends.values():
        for backend in regions.values():
            if interface_id in backend.enis:
                return backend.enis[interface_id]
    raise KeyError(interface_id)
