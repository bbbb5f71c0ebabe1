"""
The network between interfaces: it delivers packets, and has copies sent to targets.

Owns: packet delivery in one account and region. Must not know: moto, which rule accepts
a packet (see decisions.py), which way copies take (see copies.py).

A packet that the security groups of the source or the network ACL of its subnet drop is
not mirrored, nor is one of an instance type that AWS does not mirror.

A guess, stricter than AWS may be: an outgoing packet that a group drops is not
mirrored. Another guess: CloudWatch counts the bytes of the copied frames, without the
VXLAN headers. Not emulated: outbound rules of network ACLs, routes of packets that are
no copies, the MTU, bandwidth limits. Copies are not mirrored again.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatch
from typing import Protocol

from emulator.ec2.mirroring.state import RegionState
from emulator.ec2.packets.copies import Copies, Mirrored
from emulator.ec2.packets.decisions import Delivery, Packet, evaluate_sessions
from emulator.ec2.packets.flows import Address, Flow, find_service
from emulator.ec2.packets.frames import IpPacket, make_frame, read_flow, read_packet
from emulator.ec2.packets.nics import Nics, VirtualNic

_METRICS = (
    "NetworkMirror",
    "NetworkPacketsMirror",
    "NetworkSkipMirror",
    "NetworkPacketsSkipMirror",
)


class Metrics(Protocol):
    """CloudWatch's metrics of the instances of an account and region."""

    def add(self, interface_id: str, values: Mapping[str, int]) -> None:
        """Add values to metrics of the interface's instance, by their names."""


class Network:
    """Sends the packets of one account and region."""

    def __init__(self, state: RegionState, nics: Nics, metrics: Metrics) -> None:
        self._state = state
        self._nics = nics
        self._metrics = metrics
        # (interface, flow) that passed: security groups let its replies pass, too.
        self._tracked: set[tuple[str, Flow]] = set()
        self._copies = Copies(nics)
        # Interfaces of routers, by (VPC, the address that they lead to).
        self._routes: dict[tuple[str, Address], str] = {}

    def received_by(self, interface_id: str) -> list[bytes]:
        """Return the copies that an interface received, in order."""
        return self._copies.received_by(interface_id)

    def route(self, address: Address, interface_id: str) -> None:
        """Send the packets of an address through an interface; raises KeyError."""
        nic = self._nics.find(interface_id)
        if nic is None:
            raise KeyError(interface_id)
        self._routes[nic.vpc, address] = nic.id

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
        nics = self._nics.find_by_address(address) or self._find_routers(address)
        found = [nic for nic in nics if vpc in (None, nic.vpc)]
        if len(found) > 1:
            vpcs = ", ".join(nic.vpc for nic in found)
            raise ValueError(f"{address} is in {vpcs}; pass one of them as `vpc`")
        return found[0] if found else None

    def _find_routers(self, address: Address) -> list[VirtualNic]:
        ids = [each for (_, to), each in self._routes.items() if to == address]
        return [nic for nic in map(self._nics.find, ids) if nic]

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
        if self._is_unmirrored(nic):
            reason = f"instances of type {nic.instance_type} are not mirrored"
            return Delivery(nic.id, direction, reason)
        last, copy = decisions[-1], None
        if last.accepted:
            self._count(nic, direction, len(frame[: last.session.packet_length]))
            if self._state.settings.congested:
                reason = "production traffic has priority"
                return Delivery(nic.id, direction, reason, decisions=decisions)
            target = self._state.targets.get(last.session.target_id)
            copy = self._copies.send(Mirrored(last.session, nic, flow, frame), target)
        return Delivery(nic.id, direction, last.reason, decisions=decisions, copy=copy)

    def _find_obstacle(self, nic: VirtualNic, packet: Packet) -> str | None:
        """Return why a packet cannot pass; None: it passes."""
        if not nic.running:
            return "it is not attached to a running instance"
        if packet.direction == "ingress" and not self._is_admitted(nic, packet):
            return "its network ACL denies the packet"
        is_reply = (nic.id, packet.flow.reversed()) in self._tracked
        # Security groups don't apply to AWS's own services.
        if packet.service or is_reply or nic.allows(packet.flow, packet.direction):
            return None
        return "its security groups drop the packet"

    def _is_admitted(self, nic: VirtualNic, packet: Packet) -> bool:
        """Return whether a packet from outside of the subnet gets in."""
        senders = self._nics.find_by_address(packet.flow.source)
        inside = any(sender.subnet.id == nic.subnet.id for sender in senders)
        # Network ACLs don't apply to AWS's own services.
        return bool(packet.service) or inside or nic.subnet.admits(packet.flow)

    def _is_unmirrored(self, nic: VirtualNic) -> bool:
        patterns = self._state.settings.unmirrored_source_types
        return any(fnmatch(nic.instance_type or "", pattern) for pattern in patterns)

    def _count(self, nic: VirtualNic, direction: str, size: int) -> None:
        """Count a packet as mirrored, also if its copy gets lost, or as skipped."""
        settings = self._state.settings
        if not settings.metrics:
            return
        end = "In" if direction == "ingress" else "Out"
        values = {f"{name}{suffix}": 0 for name in _METRICS for suffix in ("In", "Out")}
        kind = "SkipMirror" if settings.congested else "Mirror"
        values[f"NetworkPackets{kind}{end}"] = 1
        values[f"Network{kind}{end}"] = size
        self._metrics.add(nic.id, values)
