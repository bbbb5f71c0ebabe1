"""
Owns: which of a sandbox's sessions between the same two ends gets a packet first.

A request with other rules creates another session; it changes none. EC2 asks the
source's sessions in the order of their numbers, and the first that accepts a packet
mirrors it: https://docs.aws.amazon.com/vpc/latest/mirroring/traffic-mirroring-session.html
Must not know: clients, threads, the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from traffic_mirroring import tags
from traffic_mirroring.models import Mirror, Sandbox, Session, SessionNumber
from traffic_mirroring.plan.existing import Resources


@dataclass(frozen=True)
class Placed:
    """
    A session of the sandbox with its place in the order, by its name in a message.

    A dry run's session doesn't exist yet, so it has the name of its action.
    """

    name: str
    ends: tuple[str, str]
    number: SessionNumber


def place(session: Session, mirror: Mirror) -> Placed:
    """Return a session that is the mirror."""
    return Placed(_name(session), _ends(mirror), session.number)


def place_planned(index: int, mirror: Mirror, number: SessionNumber) -> Placed:
    """Return the session that an action would create."""
    return Placed(f"actions[{index}]", _ends(mirror), number)


def place_existing(resources: Resources, sandbox: Sandbox) -> Iterator[Placed]:
    """Yield the sandbox's sessions to known targets."""
    destinations = {target.id: target.destination for target in resources.targets}
    for session in resources.sessions:
        destination = destinations.get(session.target_id)
        if destination and tags.is_owned_by(sandbox, session.tags):
            ends = session.source_nic_id, destination
            yield Placed(_name(session), ends, session.number)


def find_order_notes(own: Placed, others: Iterable[Placed]) -> list[str]:
    """Return a note on each other session with the ends of this one, by number."""
    by_name = {other.name: other for other in others if other.ends == own.ends}
    by_name.pop(own.name, None)
    return [
        _note(own, other)
        for other in sorted(by_name.values(), key=lambda each: each.number)
    ]


def _note(own: Placed, other: Placed) -> str:
    source, destination = own.ends
    which = (
        "gets each packet first"
        if other.number < own.number
        else "gets only packets that this one does not accept"
    )
    return (
        f"{other.name} also mirrors {source} to {destination}, with number "
        f"{other.number}, and {which}: remove it if this mirror replaces it"
    )


def _name(session: Session) -> str:
    return f"session {session.id} of this sandbox"


def _ends(mirror: Mirror) -> tuple[str, str]:
    return mirror.source_nic_id, mirror.destination
