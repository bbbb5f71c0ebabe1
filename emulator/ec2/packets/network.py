"""
The network between interfaces: it delivers packets, and their copies to the targets.

Owns: packet delivery in one account and region. Must not know: moto, which rule accepts
a packet (see decisions.py).

A packet that the security groups of the source drop is not mirrored. Copies are subject
to the security groups of the target only. They arrive at the interface of a running
instance, in the same VPC or a peered one.

A guess, stricter than AWS may be: an outgoing packet that a group drops is not
mirrored. Not emulated: network ACLs, route tables, transit gateways, the MTU, bandwidth
limits. Copies are not mirrored again.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Protocol

from emulator.ec2.mirroring.records import Session
from emulator.ec2.mirroring.state import RegionState
from emulator.ec2.packets.decisions import Copy, Delivery, Packet, evaluate_sessions
from emulator.ec2.packets.flows import Address, Flow, find_service
from emulator.ec2.packets.frames import (
    IpPacket,
    copy_flow,
    encapsulate,
    make_frame,
    read_flow,
    read_packet,
)
from emulator.ec2.packets.nics import VirtualNic


class Nics(Protocol):
    """The network interfaces of an account and region."""

    def find(self, interface_id: str) -> VirtualNic | None:
        """Return an interface by its id."""

    def find_by_address(self, address: Address) -> list[VirtualNic]:
        """Return the interfaces with this address, in all VPCs."""

    def are_connected(self, vpc: str, other: str) -> bool:
        """Return whether the VPCs are the same or peered."""


class Network:
    """Sends the packets of one account and region."""

    def __init__(self, state: RegionState, nics: Nics) -> None:
        self._state = state
        self._nics = nics
        # (interface, flow) that passed: security groups let its replies pass, too.
        self._tracked: set[tuple[str, Flow]] = set()
        self._copies: dict[str, list[bytes]] = defaultdict(list)

    def received_by(self, interface_id: str) -> list[bytes]:
        """Return the copies that an interface received, in order."""
        return list(self._copies.get(interface_id, ()))

    def send(self, packet: IpPacket, vpc: str | None) -> list[Delivery]:
        """Send a packet; return what happened at its sender and at its receiver."""
        packet = read_packet(packet)
        flow = read_flow(packet)
        sender, receiver = self._find_nics(flow, vpc)
        frame = make_frame(packet, sender, receiver)
        deliveries = []
        if sender:
            deliveries.append(self._deliver(sender, "egress", flow, frame))
        if receiver and all(each.passed for each in deliveries):
            deliveries.append(self._deliver(receiver, "ingress", flow, frame))
        return deliveries

    def _find_nics(
        self, flow: Flow, vpc: str | None
    ) -> tuple[VirtualNic | None, VirtualNic | None]:
        sender = self._find_nic(flow.source, vpc)
        receiver = self._find_nic(flow.destination, vpc)
        if not sender and not receiver:
            scope = f" in {vpc}" if vpc else ""
            raise ValueError(
                f"no network interface{scope} has the address {flow.source} or "
                f"{flow.destination}"
            )
        if (
            sender
            and receiver
            and not self._nics.are_connected(sender.vpc, receiver.vpc)
        ):
            raise ValueError(
                f"{sender.vpc} of {flow.source} and {receiver.vpc} of "
                f"{flow.destination} are not peered; pass one of them as `vpc`"
            )
        return sender, receiver

    def _find_nic(self, address: Address, vpc: str | None) -> VirtualNic | None:
        found = [
            nic for nic in self._nics.find_by_address(address) if vpc in (None, nic.vpc)
        ]
        if len(found) > 1:
            vpcs = ", ".join(nic.vpc for nic in found)
            raise ValueError(f"{address} is in {vpcs}; pass one of them as `vpc`")
        return found[0] if found else None

    def _deliver(
        self, nic: VirtualNic, direction: str, flow: Flow, frame: bytes
    ) -> Delivery:
        """Pass a packet through an interface, and mirror it if a session accepts it."""
        packet = Packet(flow, direction, find_service(flow, nic.resolvers))
        obstacle = self._find_obstacle(nic, packet)
        if obstacle:
            return Delivery(nic.id, direction, obstacle, passed=False)
        self._tracked.add((nic.id, flow))
        decisions = tuple(evaluate_sessions(self._state, nic.id, packet))
        if not decisions:
            return Delivery(nic.id, direction, "it is no mirror source")
        last, copy = decisions[-1], None
        if last.accepted:
            copy = self._mirror(last.session, nic, flow, frame)
        return Delivery(nic.id, direction, last.reason, decisions=decisions, copy=copy)

    def _find_obstacle(self, nic: VirtualNic, packet: Packet) -> str | None:
        """Return why a packet cannot pass; None: it passes."""
        if not nic.running:
            return "it is not attached to a running instance"
        is_reply = (nic.id, packet.flow.reversed()) in self._tracked
        # Security groups don't apply to AWS's own services.
        if packet.service or is_reply or nic.allows(packet.flow, packet.direction):
            return None
        return "its security groups drop the packet"

    def _mirror(
        self, session: Session, source: VirtualNic, flow: Flow, frame: bytes
    ) -> Copy:
        """Send a copy to the session's target."""
        target_id = self._target_interface(session)
        target = self._nics.find(target_id)
        if target is None:
            return Copy(session.id, target_id, b"", f"{target_id} does not exist")
        outer = copy_flow(flow, source, target)
        inner = frame[: session.packet_length]
        data = encapsulate(inner, outer, session.virtual_network_id)
        lost = self._find_loss(source, target, outer)
        if not lost:
            self._copies[target.id].append(data)
        return Copy(session.id, target.id, data, lost)

    def _find_loss(
        self, source: VirtualNic, target: VirtualNic, outer: Flow
    ) -> str | None:
        """Return why a copy does not arrive; None: it arrives."""
        if not target.running:
            return f"{target.id} is not attached to a running instance"
        if not self._nics.are_connected(source.vpc, target.vpc):
            return f"{source.vpc} and {target.vpc} are not peered"
        if not target.allows(outer, "ingress"):
            return (
                f"the security groups of {target.id} don't allow UDP "
                f"{outer.destination_port} from {outer.source}"
            )
        return None

    def _target_interface(self, session: Session) -> str:
        target = self._state.targets.get(session.target_id)
        if target.network_interface_id is None:
            raise NotImplementedError(
                "the emulator sends copies to network interfaces only, and "
                f"{target.id} is a {target.type}"
            )
        return target.network_interface_id
