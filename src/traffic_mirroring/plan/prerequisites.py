"""
Owns: what AWS demands of NICs and instances before it creates a mirror.

What AWS accepts but won't deliver is a warning, see warnings.py. Must not know:
clients.
https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-considerations.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from traffic_mirroring.errors import Ec2Failed
from traffic_mirroring.models import Destination, Mirror, NicId, destination_kind
from traffic_mirroring.plan.instance_types import MANY_SOURCES, sources_per_target
from traffic_mirroring.topology import Attachments, Instance, Unchecked

_TOO_MANY_SOURCES = "TrafficMirrorSourcesPerTargetLimitExceeded"
_NOT_RUNNING = ("stopping", "stopped", "shutting-down", "terminated")


def nics_of(mirror: Mirror) -> Iterator[NicId]:
    """Yield the mirror's source and, if that is a NIC, its destination."""
    yield mirror.source_nic_id
    if is_nic(mirror.destination):
        yield NicId(mirror.destination)


def is_nic(destination: Destination) -> bool:
    """Return whether it is a NIC: not a load balancer or an endpoint."""
    return destination_kind(destination) == "NIC"


def is_balancer(destination: Destination) -> bool:
    """Return whether it is a network load balancer: not a NIC or an endpoint."""
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


def find_sources_limit(
    error: Exception, mirror: Mirror, attachments: Attachments
) -> str | None:
    """Return which limit of sources a target has if EC2 refused one more, or None."""
    instance = _target_instance(mirror, attachments)
    if not isinstance(error, Ec2Failed) or error.code != _TOO_MANY_SOURCES:
        return None
    if not instance:
        return None
    limit = sources_per_target(instance.type)
    return (
        f"AWS allows {limit} sources for a target on {instance.type}, and at most "
        f"{MANY_SOURCES} on the largest types: use several targets, or a load "
        "balancer, which has no such limit"
    )


def _target_instance(mirror: Mirror, attachments: Attachments) -> Instance | None:
    if isinstance(attachments.instances, Unchecked):
        return None
    return attachments.instances.get(NicId(mirror.destination))


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
