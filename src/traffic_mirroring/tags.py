"""
Names and tags of what the product makes in EC2, and what the tags of others mean.

The keys and values are the stock AWS shell's, so that either shell recognizes what
the other made.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from traffic_mirroring.models import (
    CreateAction,
    Destination,
    Mirror,
    Sandbox,
    Session,
    SessionNumber,
    Tags,
)

NAME = "Name"
CREATED_BY = "CreatedBy"
RESERVATION_ID = "ReservationId"
FINGERPRINT = "MirrorFingerprint"
"""On sessions: tells a later command which mirror was asked for."""

OWN_KEYS = (
    NAME,
    CREATED_BY,
    "Blueprint",
    "Owner",
    "Domain",
    RESERVATION_ID,
    FINGERPRINT,
)
"""The keys that a user's tags can't have."""

MAX_USER_TAGS = 50 - len(OWN_KEYS)
"""How many tags a user may give: a resource can have 50."""

_CLOUDSHELL = "Cloudshell"
_LONGEST_VALUE = 256


def mirror_name(mirror: Mirror, number: SessionNumber) -> str:
    """Return what a mirror's filter and session are named after."""
    return f"{number}_{mirror.source_nic_id}_{mirror.destination}"


def target_tags(sandbox: Sandbox, destination: Destination) -> Tags:
    """Return the tags of the target on a NIC, balancer or endpoint."""
    return _ownership(sandbox, destination)


def filter_tags(sandbox: Sandbox, action: CreateAction, number: SessionNumber) -> Tags:
    """Return the tags of a mirror's filter, those that the user gave among them."""
    name = f"filter-{mirror_name(action.mirror, number)}"
    return {**action.tags, **_ownership(sandbox, name)}


def session_tags(sandbox: Sandbox, action: CreateAction, number: SessionNumber) -> Tags:
    """Return the tags of a mirror's session, by which a later command knows it."""
    name = f"session-{mirror_name(action.mirror, number)}"
    return {
        **action.tags,
        **_ownership(sandbox, name),
        FINGERPRINT: fingerprint(action.mirror),
    }


def fingerprint(mirror: Mirror) -> str:
    """
    Return a text that equal mirrors share and different ones don't.

    What is absent is left out of it, so that a field added to Mirror later leaves
    the fingerprints of standing mirrors as they are; texts tell no mirrors apart.
    """
    given = asdict(mirror, dict_factory=_what_counts)
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:32]


def is_owned_by(sandbox: Sandbox, tags: Tags) -> bool:
    """Tell whether this sandbox made the thing that has these tags."""
    return tags.get(RESERVATION_ID) == sandbox.reservation_id


def made_by_cloudshell(tags: Tags) -> bool:
    """Tell whether CloudShell, in whichever sandbox, made the thing."""
    return tags.get(CREATED_BY, "").lower() == _CLOUDSHELL.lower()


def describe_session(session: Session) -> str:
    """Name a session and its owner, for a message."""
    return f"session {session.id} of {_owner(session.tags)}"


def _ownership(sandbox: Sandbox, name: str) -> Tags:
    tags = {
        NAME: name,
        CREATED_BY: _CLOUDSHELL,
        "Blueprint": sandbox.blueprint,
        "Owner": sandbox.owner,
        "Domain": sandbox.domain,
        RESERVATION_ID: sandbox.reservation_id,
    }
    return {key: value[:_LONGEST_VALUE] for key, value in tags.items()}


def _owner(tags: Tags) -> str:
    reservation_id = tags.get(RESERVATION_ID)
    if reservation_id and made_by_cloudshell(tags):
        return f"sandbox {reservation_id}"
    return "someone outside CloudShell"


def _what_counts(items: list[tuple[str, object]]) -> dict[str, object]:
    return {
        name: value
        for name, value in items
        if value not in (None, ()) and name != "description"
    }
