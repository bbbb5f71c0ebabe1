"""
The network between interfaces: it carries packets, and their copies to the targets.

AWS's rules for which packet is mirrored are in mirroring.py. Here is what happens
around them: a packet that the source's security groups drop isn't mirrored; a copy is
subject to the target's groups, not to the source's; it arrives only at an interface of
a running instance, in the same VPC or in one that is peered.

A guess, and a strict one: an outgoing packet that a group drops isn't mirrored. Left
out are network ACLs, route tables, transit gateways, and what becomes of packets that
are larger than an MTU or more than an instance can send. Copies aren't mirrored again.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from emulator.ec2.flows import Address, Flow, find_service
from emulator.ec2.mirroring import Copy, Crossing, Passage, decide
from emulator.ec2.moto_nics import MotoNics
from emulator.ec2.nics import VirtualNic
from emulator.ec2.packets import (
    copy_flow,
    encapsulate,
    frame,
    read_flow,
    read_packet,
)
from emulator.ec2.records import Session
from emulator.ec2.world import World

if TYPE_CHECKING:
    from scapy.packet import Packet


class Network:
    """What carries the packets of one account and region."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._nics = MotoNics(world.account, world.region)
        # (interface, flow) that a group let pass: its answers pass as well
        self._tracked: set[tuple[str, Flow]] = set()
        self._copies: dict[str, list[bytes]] = defaultdict(list)

    def copies_at(self, interface_id: str) -> list[bytes]:
        """Return the copies that an interface has got, in their order."""
        return list(self._copies.get(interface_id, ()))

    def carry(self, packet: Packet, vpc: str | None) -> list[Passage]:
        """Carry a packet; tell what happened at its sender and at its receiver."""
        packet = read_packet(packet)
        flow = read_flow(packet)
        sender, receiver = self._ends(flow, vpc)
        whole = frame(packet, sender, receiver)
        passages = []
        if sender:
            passages.append(self._pass(sender, "egress", flow, whole))
        if receiver and all(each.passed for each in passages):
            passages.append(self._pass(receiver, "ingress", flow, whole))
        return passages

    def _ends(
        self, flow: Flow, vpc: str | None
    ) -> tuple[VirtualNic | None, VirtualNic | None]:
        sender, receiver = self._at(flow.source, vpc), self._at(flow.destination, vpc)
        if not sender and not receiver:
            where = f" in {vpc}" if vpc else ""
            raise ValueError(
                f"no network interface{where} has the address {flow.source} or "
                f"{flow.destination}"
            )
        if sender and receiver and not self._nics.are_joined(sender.vpc, receiver.vpc):
            raise ValueError(
                f"{sender.vpc} of {flow.source} and {receiver.vpc} of "
                f"{flow.destination} are not peered; name the one that is meant"
            )
        return sender, receiver

    def _at(self, address: Address, vpc: str | None) -> VirtualNic | None:
        found = [nic for nic in self._nics.having(address) if vpc in (None, nic.vpc)]
        if len(found) > 1:
            vpcs = ", ".join(nic.vpc for nic in found)
            raise ValueError(f"{address} is in {vpcs}; name the VPC that is meant")
        return found[0] if found else None

    def _pass(
        self, nic: VirtualNic, direction: str, flow: Flow, whole: bytes
    ) -> Passage:
        """Let a packet through an interface, if it may, and mirror it, if asked to."""
        crossing = Crossing(flow, direction, find_service(flow, nic.resolvers))
        barrier = self._find_barrier(nic, crossing)
        if barrier:
            return Passage(nic.id, direction, barrier, passed=False)
        self._tracked.add((nic.id, flow))
        decisions = tuple(decide(self._world, nic.id, crossing))
        if not decisions:
            return Passage(nic.id, direction, "it is no mirror source")
        last, copy = decisions[-1], None
        if last.accepted:
            copy = self._mirror(last.session, nic, flow, whole)
        return Passage(nic.id, direction, last.reason, decisions=decisions, copy=copy)

    def _find_barrier(self, nic: VirtualNic, crossing: Crossing) -> str:
        """Say what keeps a packet from passing; empty: nothing does."""
        if not nic.running:
            return "it is not attached to a running instance"
        answers = (nic.id, crossing.flow.turned()) in self._tracked
        # Security groups don't apply to AWS's own services.
        if crossing.service or answers:
            return ""
        if nic.lets_pass(crossing.flow, crossing.direction):
            return ""
        return "its security groups drop the packet"

    def _mirror(
        self, session: Session, source: VirtualNic, flow: Flow, whole: bytes
    ) -> Copy:
        """Send a copy to the session's target; keep it there, if it arrives."""
        target_id = self._target_interface(session)
        target = self._nics.find(target_id)
        if target is None:
            return Copy(session.id, target_id, b"", f"{target_id} does not exist")
        outer = copy_flow(flow, source, target)
        inner = whole[: session.packet_length]
        data = encapsulate(inner, outer, session.virtual_network_id)
        lost = self._find_loss(source, target, outer)
        if not lost:
            self._copies[target.id].append(data)
        return Copy(session.id, target.id, data, lost)

    def _find_loss(self, source: VirtualNic, target: VirtualNic, outer: Flow) -> str:
        """Say why a copy doesn't arrive; empty: it does."""
        if not target.running:
            return f"{target.id} is not attached to a running instance"
        if not self._nics.are_joined(source.vpc, target.vpc):
            return f"{source.vpc} and {target.vpc} are not peered"
        if not target.lets_pass(outer, "ingress"):
            return (
                f"the security groups of {target.id} don't open UDP "
                f"{outer.destination_port} to {outer.source}"
            )
        return ""

    def _target_interface(self, session: Session) -> str:
        target = self._world.targets.get(session.target_id)
        if target.network_interface_id is None:
            raise NotImplementedError(
                f"the emulator sends copies to network interfaces, and {target.id} "
                f"is a {target.type}"
            )
        return target.network_interface_id
