"""
What a mirror needs in order to work: decided from what was looked up.

Pure. What can't work at all is an obstacle; what AWS accepts but won't deliver, and
what could not be looked up, is a note for the user.
https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-considerations.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address, ip_network

from traffic_mirroring.models import Destination, Mirror, NicId, destination_kind
from traffic_mirroring.topology import (
    VXLAN_PORT,
    AllowedSources,
    Attachments,
    Instance,
    InstanceType,
    Nic,
    Topology,
    Unchecked,
)

_NOT_RUNNING = ("stopping", "stopped", "shutting-down", "terminated")

# Families of types that can be mirrored though they don't run on Nitro, and bare metal
# that can. The guide's list is longer and grows; what is new in it runs on Nitro.
_XEN_SOURCES = frozenset("c4 d2 g3 g3s h1 i3 m4 p2 p3 r4 x1 x1e".split())
_METAL_SOURCES = frozenset(
    "a1 c5 c5d c6g c6gd g5g i3 m5 m5d m6g m6gd mac1 mac2 r5 r5b r5d r6g r6gd x2gd "
    "z1d".split()
)


def nics_of(mirror: Mirror) -> Iterator[NicId]:
    """Yield the mirror's source and, if that is a NIC, its destination."""
    yield mirror.source_nic_id
    if is_nic(mirror.destination):
        yield NicId(mirror.destination)


def is_nic(destination: Destination) -> bool:
    """Tell a NIC from a load balancer and an endpoint."""
    return destination_kind(destination) == "NIC"


def is_balancer(destination: Destination) -> bool:
    """Tell a network load balancer from a NIC and an endpoint."""
    return destination_kind(destination) == "nlb"


def find_obstacle(
    mirror: Mirror, attachments: Attachments, *, target_exists: bool
) -> str | None:
    """
    Return what keeps the mirror from being created, or None.

    If a target exists, its NIC may be another account's (shared by RAM) and is not
    checked.
    """
    checked = [mirror.source_nic_id]
    if is_nic(mirror.destination) and not target_exists:
        checked.append(NicId(mirror.destination))
    problem = _unusable(checked, attachments)
    if problem:
        return problem
    instance = _target_instance(mirror, attachments)
    if instance and instance.state in _NOT_RUNNING:
        return (
            f"{mirror.destination} can't be a target, because its instance "
            f"{instance.id} is {instance.state}: start it first"
        )
    return None


def find_starting(
    mirrors: Iterable[Mirror], attachments: Attachments
) -> dict[NicId, Instance]:
    """Return the target instances that are starting, by NIC."""
    found = {
        NicId(each.destination): _target_instance(each, attachments) for each in mirrors
    }
    return {
        nic_id: instance
        for nic_id, instance in found.items()
        if instance and instance.state == "pending"
    }


def find_slow_start(mirror: Mirror, attachments: Attachments) -> str | None:
    """Return the obstacle that the target instance is starting for too long."""
    instance = find_starting([mirror], attachments).get(NicId(mirror.destination))
    if not instance:
        return None
    return (
        f"{mirror.destination} can't be a target yet, because its instance "
        f"{instance.id} is still starting: try again once it runs"
    )


def _target_instance(mirror: Mirror, attachments: Attachments) -> Instance | None:
    if isinstance(attachments.instances, Unchecked):
        return None
    return attachments.instances.get(NicId(mirror.destination))


def find_warnings(
    mirror: Mirror, attachments: Attachments, network: Topology
) -> list[str]:
    """Return warnings of what won't be delivered, and what went unchecked."""
    notes = [
        _note_on_rules(mirror),
        _note_on_type(mirror.source_nic_id, attachments, network),
        *_notes_on_the_way(mirror, attachments, network),
    ]
    return [note for note in notes if note]


def can_be_source(kind: InstanceType) -> bool:
    """Tell whether AWS mirrors the traffic of such instances."""
    family = kind.name.partition(".")[0]
    if kind.bare_metal:
        return family in _METAL_SOURCES
    return kind.hypervisor == "nitro" or family in _XEN_SOURCES


def _unusable(nic_ids: Sequence[NicId], attachments: Attachments) -> str | None:
    nics = attachments.nics
    if isinstance(nics, Unchecked):
        return None
    problems = []
    missing = [nic_id for nic_id in nic_ids if nic_id not in nics]
    if missing:
        problems.append(
            f"{', '.join(missing)} can't be found in the region and account of the "
            "cloud provider resource: check the id"
        )
    detached = [each for each in nic_ids if each in nics and not nics[each].attached]
    if detached:
        problems.append(f"{', '.join(detached)} must be attached to an instance first")
    return "; ".join(problems) or None


def _note_on_rules(mirror: Mirror) -> str:
    accepting = any(rule.action == "accept" for rule in mirror.rules)
    if accepting or mirror.network_services:
        return ""
    return (
        "warning: no filter rule accepts anything, so nothing is mirrored: add one "
        "with ruleAction accept"
    )


def _note_on_type(source: NicId, attachments: Attachments, network: Topology) -> str:
    what = f"whether the instance type of {source} can be mirrored"
    if isinstance(attachments.instances, Unchecked):
        return _unchecked(what, attachments.instances)
    instance = attachments.instances.get(source)
    if not instance:
        return ""
    if isinstance(network.types, Unchecked):
        return _unchecked(what, network.types)
    kind = network.types.get(instance.type)
    if not kind or can_be_source(kind):
        return ""
    return (
        f"warning: {source} is on a {kind.name} instance, which is neither Nitro nor a "
        "known exception, so its traffic may not be mirrored: use a Nitro type"
    )


def _notes_on_the_way(
    mirror: Mirror, attachments: Attachments, network: Topology
) -> Iterator[str]:
    destination = mirror.destination
    if not is_nic(destination):
        yield _note_on_listener(destination, network)
        return
    what = (
        f"whether UDP {VXLAN_PORT} of {destination} is open to {mirror.source_nic_id}"
    )
    if isinstance(attachments.nics, Unchecked):
        yield _unchecked(what, attachments.nics)
        return
    source = attachments.nics[mirror.source_nic_id]
    target = attachments.nics.get(NicId(destination))
    if not target:
        yield _unchecked(what, Unchecked(f"{destination} can't be seen"))
        return
    if not source.address:
        yield (
            f"warning: {source.id} has no IPv4 address, which AWS's mirroring needs: "
            "put its App into a subnet with IPv4"
        )
        return
    yield _note_on_vpcs(source, target, network)
    yield _note_on_groups(source, target, network)


def _note_on_listener(destination: Destination, network: Topology) -> str:
    if not is_balancer(destination):
        return ""
    if isinstance(network.listeners, Unchecked):
        what = f"whether {destination} listens on UDP {VXLAN_PORT}"
        return _unchecked(what, network.listeners)
    if VXLAN_PORT in network.listeners.get(destination, ()):
        return ""
    return (
        f"warning: {destination} has no UDP listener on port {VXLAN_PORT}, so nothing "
        "arrives: add one"
    )


def _note_on_vpcs(source: Nic, target: Nic, network: Topology) -> str:
    if source.vpc_id == target.vpc_id:
        return ""
    between = f"{source.vpc_id} of {source.id} and {target.vpc_id} of {target.id}"
    if isinstance(network.peerings, Unchecked):
        return _unchecked(f"whether {between} are peered", network.peerings)
    if _joined(source, target, network):
        return ""
    return (
        f"warning: no active peering connection joins {between}, so nothing arrives "
        "unless a transit gateway does: peer the two VPCs"
    )


def _note_on_groups(source: Nic, target: Nic, network: Topology) -> str:
    what = f"whether UDP {VXLAN_PORT} of {target.id} is open to {source.id}"
    if isinstance(network.allowed_sources, Unchecked):
        return _unchecked(what, network.allowed_sources)
    allowed_sources = [
        network.allowed_sources[group_id]
        for group_id in target.group_ids
        if group_id in network.allowed_sources
    ]
    if any(_lets_in(allowed, source, target, network) for allowed in allowed_sources):
        return ""
    if isinstance(network.prefix_lists, Unchecked) and any(
        allowed.prefix_list_ids for allowed in allowed_sources
    ):
        return _unchecked(what, network.prefix_lists)
    return (
        f"warning: UDP {VXLAN_PORT} of {target.id} is not open to {source.address}, "
        f"the address of {source.id}, in its security groups "
        f"({', '.join(sorted(target.group_ids))}), so nothing arrives: open it "
        "in one of them"
    )


def _lets_in(
    allowed: AllowedSources, source: Nic, target: Nic, network: Topology
) -> bool:
    cidrs = set(allowed.cidrs)
    if not isinstance(network.prefix_lists, Unchecked):
        for list_id in allowed.prefix_list_ids:
            cidrs |= network.prefix_lists.get(list_id, frozenset())
    if any(ip_address(source.address) in ip_network(cidr) for cidr in cidrs):
        return True
    # A group of another VPC stands only for its NICs that a peering lets through.
    return _joined(source, target, network) and bool(
        allowed.group_ids & source.group_ids
    )


def _joined(source: Nic, target: Nic, network: Topology) -> bool:
    """Tell whether the two are in one VPC or in peered ones, as far as is known."""
    between = frozenset((source.vpc_id, target.vpc_id))
    return (
        len(between) == 1
        or isinstance(network.peerings, Unchecked)
        or between in network.peerings
    )


def _unchecked(what: str, why: Unchecked) -> str:
    return f"not checked: {what} ({why.reason})"
