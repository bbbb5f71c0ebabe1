"""
Owns: names and tags of the resources that the product creates, and how to read them.

The keys and values are the stock AWS shell's, so that either shell recognizes what
the other created; a few more keys say which mirror a resource belongs to.
Must not know: boto3's shapes, how resources are found.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict

from traffic_mirroring.models import (
    CreateAction,
    Destination,
    Filter,
    Mirror,
    NicId,
    Sandbox,
    Session,
    SessionNumber,
    Tags,
)

NAME = "Name"
CREATED_BY = "CreatedBy"
RESERVATION_ID = "ReservationId"
FINGERPRINT = "MirrorFingerprint"
"""On sessions: a hash of the mirror that was requested."""
SOURCE = "MirrorSource"
DESTINATION = "MirrorDestination"
NUMBER = "MirrorSessionNumber"
"""On filters, rules and sessions: which mirror they were created for."""

OWN_KEYS = (
    NAME,
    CREATED_BY,
    "Blueprint",
    "Owner",
    "Domain",
    RESERVATION_ID,
    FINGERPRINT,
    SOURCE,
    DESTINATION,
    NUMBER,
)
"""The keys that a request's tags can't have."""

MAX_USER_TAGS = 50 - len(OWN_KEYS)
"""How many tags a request may give: AWS allows 50 tags on a resource."""

_CLOUDSHELL = "Cloudshell"
_LONGEST_VALUE = 256
_NAME = re.compile(r"(?:filter|session)-(\d{1,5})_(eni-[0-9a-f]+)_(\S+)")


def mirror_name(mirror: Mirror, number: SessionNumber) -> str:
    """Return the name of a mirror: number, source and destination."""
    return f"{number}_{mirror.source_nic_id}_{mirror.destination}"


def target_tags(sandbox: Sandbox, destination: Destination, user_tags: Tags) -> Tags:
    """Return the tags of the target on a NIC, load balancer or endpoint."""
    return {**user_tags, **_ownership(sandbox, destination)}


def filter_tags(sandbox: Sandbox, action: CreateAction, number: SessionNumber) -> Tags:
    """Return the tags of a mirror's filter and of the filter's rules."""
    name = f"filter-{mirror_name(action.mirror, number)}"
    return {**action.tags, **_ownership(sandbox, name), **_mirror(action, number)}


def session_tags(sandbox: Sandbox, action: CreateAction, number: SessionNumber) -> Tags:
    """Return the tags of a mirror's session."""
    name = f"session-{mirror_name(action.mirror, number)}"
    return {
        **action.tags,
        **_ownership(sandbox, name),
        **_mirror(action, number),
        FINGERPRINT: fingerprint(action.mirror),
    }


def fingerprint(mirror: Mirror) -> str:
    """
    Return a 32-digit hash that identifies the mirror.

    Absent values are left out, so a field that is added to Mirror later does not
    change the hashes of existing mirrors; descriptions are ignored.
    """
    given = asdict(mirror, dict_factory=_identifying)
    return hashlib.sha256(json.dumps(given, sort_keys=True).encode()).hexdigest()[:32]


def is_owned_by(sandbox: Sandbox, tags: Tags) -> bool:
    """Return whether this sandbox created the resource with these tags."""
    return tags.get(RESERVATION_ID) == sandbox.reservation_id


def made_by_cloudshell(tags: Tags) -> bool:
    """Return whether CloudShell created the resource, in whichever sandbox."""
    return tags.get(CREATED_BY, "").lower() == _CLOUDSHELL.lower()


def requested_number(session: Session) -> SessionNumber:
    """Return the number that the pool gave, even if EC2's was changed since."""
    number = session.tags.get(NUMBER, "")
    if number.isascii() and number.isdigit():
        return SessionNumber(int(number))
    parts = _name_parts(session.tags)
    return parts[0] if parts else session.number


def mirror_of(
    resource: Filter | Session,
) -> tuple[NicId, Destination, SessionNumber] | None:
    """
    Return the source, destination and number of the mirror it was created for.

    They are read from the product's own tags, or else from the name, as the stock AWS
    shell and version 1.0.0 of this one write it. None if neither says.
    """
    tags = resource.tags
    source, destination, number = (
        tags.get(key) for key in (SOURCE, DESTINATION, NUMBER)
    )
    if source and destination and number and number.isascii() and number.isdigit():
        nic_id = NicId(Destination(source))
        return nic_id, Destination(destination), SessionNumber(int(number))
    parts = _name_parts(tags)
    return (parts[1], parts[2], parts[0]) if parts else None


def user_tags(tags: Tags) -> Tags:
    """Return the tags that are neither the sandbox's own nor AWS's."""
    return {
        key: value
        for key, value in sorted(tags.items())
        if key not in OWN_KEYS and not key.lower().startswith("aws:")
    }


def describe_filter(filter_: Filter) -> str:
    """Return a filter's id and the mirror it was created for, for a message."""
    mirror = mirror_of(filter_)
    of_mirror = f" (number {mirror[2]} of {mirror[0]})" if mirror else ""
    return f"filter {filter_.id}{of_mirror}"


def describe_session(session: Session) -> str:
    """Return a session's id and owner, for a message."""
    return f"session {session.id} of {_owner(session.tags)}"


def _name_parts(tags: Tags) -> tuple[SessionNumber, NicId, Destination] | None:
    match = _NAME.fullmatch(tags.get(NAME, ""))
    if not match:
        return None
    number, source, destination = match.groups()
    return (
        SessionNumber(int(number)),
        NicId(Destination(source)),
        Destination(destination),
    )


def _ownership(sandbox: Sandbox, name: str) -> Mapping[str, str]:
    tags = {
        NAME: name,
        CREATED_BY: _CLOUDSHELL,
        "Blueprint": sandbox.blueprint,
        "Owner": sandbox.owner,
        "Domain": sandbox.domain,
        RESERVATION_ID: sandbox.reservation_id,
    }
    return {key: value[:_LONGEST_VALUE] for key, value in tags.items()}


def _mirror(action: CreateAction, number: SessionNumber) -> Mapping[str, str]:
    return {
        SOURCE: action.mirror.source_nic_id,
        DESTINATION: action.mirror.destination,
        NUMBER: str(number),
    }


def _owner(tags: Tags) -> str:
    reservation_id = tags.get(RESERVATION_ID)
    if reservation_id and made_by_cloudshell(tags):
        return f"sandbox {reservation_id}"
    return "someone outside CloudShell"


def _identifying(items: list[tuple[str, object]]) -> dict[str, object]:
    return {
        name: value
        for name, value in items
        if value not in (None, ()) and name != "description"
    }
