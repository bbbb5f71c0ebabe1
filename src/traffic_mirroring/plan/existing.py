"""
Owns: whether a session in EC2 is a requested mirror, and how it differs if it drifted.

EC2's present state decides; the fingerprint tag only says what was requested once.
Must not know: clients, threads, the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from traffic_mirroring import tags
from traffic_mirroring.models import (
    CreateAction,
    Destination,
    Filter,
    FilterId,
    FilterRule,
    Sandbox,
    Session,
    SessionNumber,
    Target,
    TargetId,
    destination_kind,
)

_NLB_PACKET_LENGTH = 8500
"""What EC2 sets for a load balancer target if a request asks for whole packets."""


@dataclass(frozen=True)
class Resources:
    """
    What EC2 has: targets, the sources' sessions, and the sandbox's filters among them.

    `targets` are those on the NICs, load balancers and endpoints of a request. Several
    may be on one destination.
    """

    targets: Sequence[Target]
    sessions: Sequence[Session]
    filters: Sequence[Filter]

    def targets_by_destination(self) -> Mapping[Destination, TargetId]:
        """Return one target for each destination, the same for every command."""
        chosen: dict[Destination, TargetId] = {}
        for target in sorted(self.targets, key=lambda each: each.id, reverse=True):
            chosen[target.destination] = target.id
        return chosen


class ExistingMirrors:
    """The mirrors that a sandbox has on the sources of a request."""

    def __init__(self, resources: Resources, sandbox: Sandbox) -> None:
        self._destinations = {
            target.id: target.destination for target in resources.targets
        }
        self._filters: dict[FilterId, Filter] = {
            each.id: each for each in resources.filters
        }
        self._sessions = [
            session
            for session in resources.sessions
            if tags.is_owned_by(sandbox, session.tags)
        ]

    def find(self, action: CreateAction) -> Session | None:
        """Return the session that is the requested mirror; lowest number first."""
        equal = [
            session
            for session in self._on_source(action)
            if not any(self._differences(action, session, action.session_number))
        ]
        return min(equal, key=lambda session: session.number, default=None)

    def find_drifted(self, action: CreateAction) -> tuple[Session, list[str]] | None:
        """Return the session that was created for the mirror, and how it differs."""
        fingerprint = tags.fingerprint(action.mirror)
        for session in self._on_source(action):
            original = tags.requested_number(session)
            if session.tags.get(
                tags.FINGERPRINT
            ) == fingerprint and action.session_number in (None, original):
                number = action.session_number
                return session, list(self._differences(action, session, number))
        return None

    def is_listed_whole(self, action: CreateAction) -> bool:
        """
        Return whether the targets and filters of the mirror's sessions are listed too.

        If not, the session has drifted, or EC2 has just created or deleted some of it.
        """
        return all(
            session.target_id in self._destinations
            and session.filter_id in self._filters
            for session in self._on_source(action)
            if session.tags.get(tags.FINGERPRINT) == tags.fingerprint(action.mirror)
        )

    def _on_source(self, action: CreateAction) -> Iterator[Session]:
        source = action.mirror.source_nic_id
        return (each for each in self._sessions if each.source_nic_id == source)

    def _differences(
        self, action: CreateAction, session: Session, number: SessionNumber | None
    ) -> Iterator[str]:
        mirror = action.mirror
        if number not in (None, session.number):
            yield f"its number is {session.number}, not {number}"
        if self._destinations.get(session.target_id) != mirror.destination:
            yield f"its target is {session.target_id}, not one on {mirror.destination}"
        length = session.packet_length
        if mirror.packet_length is None and length == _NLB_PACKET_LENGTH:
            length = None if destination_kind(mirror.destination) == "nlb" else length
        if length != mirror.packet_length:
            yield _differs("packetLength", length, mirror.packet_length)
        network = session.virtual_network_id
        if mirror.virtual_network_id not in (None, network):
            yield _differs("virtualNetworkId", network, mirror.virtual_network_id)
        yield from _filter_differences(action, self._filters.get(session.filter_id))


def _filter_differences(action: CreateAction, found: Filter | None) -> Iterator[str]:
    if found is None:
        yield "its filter can't be found"
        return
    mirror = action.mirror
    services = set(mirror.network_services)
    if set(found.network_services) != services:
        yield _differs(
            "networkServices", _listed(found.network_services), _listed(services)
        )
    for direction in ("ingress", "egress"):
        wanted = [rule for rule in mirror.rules if rule.direction == direction]
        actual = [rule for rule in found.rules if rule.direction == direction]
        for index in range(max(len(wanted), len(actual))):
            pair = [rules[index : index + 1] for rules in (actual, wanted)]
            if pair[0] != pair[1]:
                now, then = (
                    describe_rule(each[0]) if each else "absent" for each in pair
                )
                yield f"its {direction} rule {index + 1} is {now}, not {then}"


def describe_rule(rule: FilterRule) -> str:
    """Return a rule in the words of a request, for a message."""
    protocol = "all" if rule.protocol is None else str(rule.protocol)
    ends = [
        f"{cidr}{f' ports {ports.first}-{ports.last}' if ports else ''}"
        for cidr, ports in (
            (rule.source_cidr, rule.source_ports),
            (rule.destination_cidr, rule.destination_ports),
        )
    ]
    return f"{rule.action} protocol {protocol} from {ends[0]} to {ends[1]}"


def _differs(field: str, now: object, wanted: object) -> str:
    shown = ["absent" if value is None else value for value in (now, wanted)]
    return f"its value of {field} is {shown[0]}, not {shown[1]}"


def _listed(values: Iterable[str]) -> str | None:
    return ", ".join(sorted(values)) or None
