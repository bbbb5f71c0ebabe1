"""
Owns: what a list of mirrors says of what was found in EC2.

Must not know: clients, threads, the clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from traffic_mirroring.models import (
    Filter,
    Mirror,
    NetworkService,
    Session,
    Target,
)
from traffic_mirroring.plan.prerequisites import find_obstacle, find_slow_start
from traffic_mirroring.plan.warnings import find_warnings
from traffic_mirroring.topology import Attachments, Topology, Unchecked


@dataclass(frozen=True)
class FoundMirror:
    """A session of the sandbox, with the target and filter that EC2 lists for it."""

    session: Session
    target: Target | None
    filter: Filter | None

    @property
    def mirror(self) -> Mirror | None:
        """The mirror that it is, or None if its target or filter is unknown."""
        if not (self.target and self.target.destination and self.filter):
            return None
        return Mirror(
            self.session.source_nic_id,
            self.target.destination,
            self.filter.rules,
            self.session.packet_length,
            self.session.virtual_network_id,
            # A service that is newer than this package is kept as it is.
            cast(tuple[NetworkService, ...], self.filter.network_services),
        )


def find_present_warnings(
    found: FoundMirror, attachments: Attachments, topology: Topology
) -> list[str]:
    """Return what keeps an existing mirror from working now, and what is unchecked."""
    mirror, nics = found.mirror, attachments.nics
    if not (mirror and found.target):
        return []
    # The NIC of a target that another account shares can't be seen.
    hidden = not isinstance(nics, Unchecked) and mirror.destination not in nics
    obstacle = find_obstacle(mirror, attachments, target_exists=hidden)
    obstacle = obstacle or find_slow_start(mirror, attachments)
    warnings = [f"warning: {obstacle}"] if obstacle else []
    if isinstance(nics, Unchecked) or mirror.source_nic_id in nics:
        warnings += find_warnings(mirror, attachments, topology, found.target.owner_id)
    return warnings
