"""
Owns: warnings of what AWS accepts but will not deliver, and of what went unchecked.

Must not know: clients. The paths of packets are decided in delivery.py.
https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-considerations.html
"""

from __future__ import annotations

from collections.abc import Iterator

from traffic_mirroring.models import Destination, Mirror, NicId
from traffic_mirroring.plan.delivery import Leg, find_losses, open_port_check
from traffic_mirroring.plan.instance_types import can_be_source
from traffic_mirroring.plan.prerequisites import is_balancer, is_nic
from traffic_mirroring.topology import (
    VXLAN_PORT,
    Attachments,
    Nic,
    Topology,
    Unchecked,
)


def find_warnings(
    mirror: Mirror,
    attachments: Attachments,
    topology: Topology,
    target_owner: str | None = None,
) -> list[str]:
    """
    Return warnings of what won't be delivered, and what went unchecked.

    `target_owner` is the account that owns an existing target on the destination.
    """
    notes = [
        *_notes_on_rules(mirror),
        *_notes_on_type(mirror.source_nic_id, attachments),
        *_notes_on_path(mirror, attachments, topology, target_owner),
    ]
    if is_balancer(mirror.destination):
        notes += _notes_on_balancer(mirror.destination, topology)
    return list(dict.fromkeys(notes))


def find_legs(mirror: Mirror, attachments: Attachments) -> list[Leg]:
    """Return the known source with each known NIC of the destination."""
    if isinstance(attachments.nics, Unchecked):
        return []
    source = attachments.nics.get(mirror.source_nic_id)
    targets = _target_nics(mirror.destination, attachments)
    if not source or not source.address or isinstance(targets, Unchecked):
        return []
    return [Leg(source, target, mirror.destination) for target in targets]


def _target_nics(
    destination: Destination, attachments: Attachments
) -> tuple[Nic, ...] | Unchecked:
    if is_balancer(destination):
        if isinstance(attachments.balancer_nics, Unchecked):
            return attachments.balancer_nics
        return attachments.balancer_nics.get(destination, ())
    if isinstance(attachments.nics, Unchecked):
        return attachments.nics
    nic = attachments.nics.get(NicId(destination))
    return (nic,) if nic else ()


def _notes_on_rules(mirror: Mirror) -> Iterator[str]:
    accepting = any(rule.action == "accept" for rule in mirror.rules)
    if not accepting and not mirror.network_services:
        yield (
            "warning: no filter rule accepts anything, so nothing is mirrored: add one "
            "with ruleAction accept"
        )


def _notes_on_type(source: NicId, attachments: Attachments) -> Iterator[str]:
    if isinstance(attachments.instances, Unchecked):
        what = f"whether the instance type of {source} can be mirrored"
        yield attachments.instances.note(what)
        return
    instance = attachments.instances.get(source)
    if instance and not can_be_source(instance.type):
        yield (
            f"warning: {source} is on a {instance.type} instance, a type that AWS does "
            "not mirror, so nothing arrives: use a type of Nitro version 2 to 4, such "
            "as t3 or m7i, or one of AWS's older types"
        )


def _notes_on_path(
    mirror: Mirror,
    attachments: Attachments,
    topology: Topology,
    target_owner: str | None,
) -> Iterator[str]:
    source_id, destination = mirror.source_nic_id, mirror.destination
    if not is_nic(destination) and not is_balancer(destination):
        return  # What is behind an endpoint can't be seen.
    what = open_port_check(destination, source_id)
    nics, targets = attachments.nics, _target_nics(destination, attachments)
    if isinstance(nics, Unchecked):
        yield nics.note(what)
    elif isinstance(targets, Unchecked):
        yield targets.note(what)
    elif source_id not in nics:
        yield Unchecked(f"{source_id} can't be seen").note(what)
    elif not nics[source_id].address:
        yield (
            f"warning: {source_id} has no IPv4 address, which AWS's mirroring needs: "
            "put its App into a subnet with IPv4"
        )
    elif targets:
        for leg in find_legs(mirror, attachments):
            yield from find_losses(leg, topology)
    elif is_nic(destination) and _is_owner(nics[source_id], target_owner):
        yield (
            f"warning: {destination} does not exist any more, though its traffic "
            "mirror target does, so nothing arrives: mirror to another NIC"
        )
    else:
        hidden = (
            f"the NICs of {destination}" if is_balancer(destination) else destination
        )
        yield Unchecked(f"{hidden} can't be seen").note(what)


def _is_owner(nic: Nic, account: str | None) -> bool:
    """Return whether the account, in which the target would be seen, is the NIC's."""
    return account is not None and nic.owner_id == account


def _notes_on_balancer(destination: Destination, topology: Topology) -> Iterator[str]:
    listeners, healthy = topology.listeners, topology.healthy
    if isinstance(listeners, Unchecked):
        yield listeners.note(f"whether {destination} listens on UDP {VXLAN_PORT}")
    elif destination not in listeners:
        yield (
            f"warning: {destination} has no UDP listener on port {VXLAN_PORT}, so "
            "nothing arrives: add one"
        )
    elif isinstance(healthy, Unchecked):
        yield healthy.note(f"whether a target of {destination} is healthy")
    elif not any(healthy.get(group) for group in listeners[destination]):
        groups = ", ".join(sorted(listeners[destination])) or "no target group"
        yield (
            f"warning: no target behind the UDP listener of {destination} is healthy "
            f"({groups}), so nothing arrives: register one, and check its health"
        )
