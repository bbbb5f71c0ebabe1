"""
The paths of mirrored copies to the targets of sessions.

Owns: which copies arrive where. Must not know: which packets are mirrored, moto.

A copy goes from the primary address of its source to the interface of the target, or to
those of a load balancer, which passes it on to a healthy target with the source's
address, or to a Gateway Load Balancer endpoint; what is behind the endpoint is not
emulated. It is lost if

- the source's subnet has no route to the other VPC,
- the network ACL of the other subnet denies it,
- the security groups of the interface don't allow it,
- the interface is not attached to a running instance,
- the load balancer has no UDP listener for it, or no healthy target behind it.

Stricter than AWS: a load balancer loses every copy that one of its interfaces would
lose, and no copy is sent to unhealthy targets.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from emulator.ec2.mirroring.records import Session, Target
from emulator.ec2.packets.decisions import Copy
from emulator.ec2.packets.flows import Flow
from emulator.ec2.packets.frames import VXLAN_PORT, copy_flow, encapsulate
from emulator.ec2.packets.nics import Nics, VirtualNic


@dataclass(frozen=True)
class Mirrored:
    """A packet that a session mirrors, as an Ethernet frame."""

    session: Session
    source: VirtualNic
    flow: Flow
    frame: bytes


@dataclass(frozen=True)
class _Path:
    """Where a copy goes; without a receiver, or with a reason, it is lost."""

    end: str
    receiver: VirtualNic | None = None
    lost: str | None = None


class Copies:
    """Sends copies, and keeps those that arrive."""

    def __init__(self, nics: Nics) -> None:
        self._nics = nics
        self._received: dict[str, list[bytes]] = defaultdict(list)

    def received_by(self, interface_id: str) -> list[bytes]:
        """Return the copies that an interface received, in order."""
        return list(self._received.get(interface_id, ()))

    def send(self, mirrored: Mirrored, target: Target) -> Copy:
        """Send a copy to a session's target."""
        path = self._find_path(mirrored, target)
        session = mirrored.session
        if path.receiver is None:
            return Copy(session.id, path.end, b"", path.lost)
        data = encapsulate(
            mirrored.frame[: session.packet_length],
            copy_flow(mirrored.flow, mirrored.source, path.receiver),
            session.virtual_network_id,
        )
        if not path.lost:
            self._received[path.receiver.id].append(data)
        return Copy(session.id, path.end, data, path.lost)

    def _find_path(self, mirrored: Mirrored, target: Target) -> _Path:
        if target.network_interface_id:
            return self._path_to_nic(mirrored, target.network_interface_id)
        if target.network_load_balancer_arn:
            return self._path_to_balancer(mirrored, target.network_load_balancer_arn)
        return self._path_to_endpoint(
            mirrored, str(target.gateway_load_balancer_endpoint_id)
        )

    def _path_to_nic(self, mirrored: Mirrored, interface_id: str) -> _Path:
        nic = self._nics.find(interface_id)
        if nic is None:
            return _Path(interface_id, lost=f"{interface_id} does not exist")
        return _Path(nic.id, nic, _not_running(nic) or _find_loss(mirrored, nic))

    def _path_to_endpoint(self, mirrored: Mirrored, endpoint_id: str) -> _Path:
        nic = self._nics.find_endpoint(endpoint_id)
        if nic is None:
            return _Path(endpoint_id, lost=f"{endpoint_id} does not exist")
        return _Path(nic.id, nic, _find_loss(mirrored, nic))

    def _path_to_balancer(self, mirrored: Mirrored, arn: str) -> _Path:
        balancer = self._nics.find_balancer(arn, VXLAN_PORT)
        if balancer is None:
            return _Path(arn, lost=f"{arn} does not exist")
        if not balancer.listens:
            return _Path(arn, lost=f"{arn} has no UDP listener on port {VXLAN_PORT}")
        if not balancer.backends:
            return _Path(arn, lost=f"{arn} has no healthy target")
        receiver = balancer.backends[0]
        losses = [_find_loss(mirrored, nic) for nic in balancer.nics]
        losses.append(_not_running(receiver) or _dropped(mirrored, receiver))
        return _Path(receiver.id, receiver, next(filter(None, losses), None))


def _not_running(nic: VirtualNic) -> str | None:
    return None if nic.running else f"{nic.id} is not attached to a running instance"


def _find_loss(mirrored: Mirrored, nic: VirtualNic) -> str | None:
    """Return why a copy does not get to an interface; None: it does."""
    source = mirrored.source
    if not source.subnet.reaches(nic.addresses[0], nic.vpc):
        return f"{source.subnet.id} has no route to {nic.addresses[0]} in {nic.vpc}"
    outer = copy_flow(mirrored.flow, source, nic)
    if source.subnet.id != nic.subnet.id and not nic.subnet.admits(outer):
        return (
            f"the network ACL of {nic.subnet.id} denies UDP {outer.destination_port} "
            f"from {outer.source}"
        )
    return _dropped(mirrored, nic)


def _dropped(mirrored: Mirrored, nic: VirtualNic) -> str | None:
    outer = copy_flow(mirrored.flow, mirrored.source, nic)
    if nic.allows(outer, "ingress"):
        return None
    return (
        f"the security groups of {nic.id} don't allow UDP {outer.destination_port} "
        f"from {outer.source}"
    )
