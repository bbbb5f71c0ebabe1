"""
What the actions of a request ask for, in sentences.

Owns the words. Must not know JSON, and whether the Apps and NICs exist. Names that a
request chooses are shown as JSON text, so that they can't control a terminal.
"""

from __future__ import annotations

from collections.abc import Iterator

from traffic_mirroring.errors import assert_never
from traffic_mirroring.models import (
    EVERYTHING,
    AppName,
    CleanupAction,
    CreateAction,
    FilterRule,
    GetAction,
    Mirror,
    NamedAction,
    NamedMirror,
    PortRange,
    RemoveAction,
)
from traffic_mirroring.request.any_command import Action
from traffic_mirroring.request.problems import shown
from traffic_mirroring.request.protocols import in_words


def summarize(action: Action) -> list[str]:
    """Return a sentence about an action, and a line for each rule and option."""
    if isinstance(action, (CreateAction, NamedAction)):
        return _mirror(action)
    if isinstance(action, RemoveAction):
        what = (
            f"session {action.session_id}"
            if action.session_id
            else f"all sessions of the sandbox to {action.target_nic_id}"
        )
        return [f"removes {what}, and the resources that only they used"]
    if isinstance(action, GetAction):
        return ["lists the mirrors of the sandbox"]
    if isinstance(action, CleanupAction):
        return ["removes everything that the sandbox created"]
    return assert_never(action)


def _mirror(action: CreateAction | NamedAction) -> list[str]:
    mirror, number = action.mirror, action.session_number
    source, destination = _ends(mirror)
    with_number = f"session number {number}" if number else "the next free number"
    rules = () if mirror.rules == EVERYTHING else mirror.rules
    count = "1 rule" if len(rules) == 1 else f"{len(rules)} rules"
    what = count if rules else "everything, in and out, IPv4 and IPv6"
    return [
        f"mirrors {source} to {destination}, {with_number}: {what}",
        *(f"{index}. {_rule(rule)}" for index, rule in enumerate(rules, 1)),
        *_options(action),
    ]


def _ends(mirror: Mirror | NamedMirror) -> tuple[str, str]:
    if isinstance(mirror, Mirror):
        return mirror.source_nic_id, mirror.destination
    return _end(mirror.source), _end(mirror.destination)


def _end(end: str | AppName) -> str:
    if isinstance(end, AppName):
        return f"the primary NIC of {shown(end.name)}"
    return end


def _options(action: CreateAction | NamedAction) -> Iterator[str]:
    mirror = action.mirror
    if mirror.packet_length:
        yield f"the first {mirror.packet_length} bytes of each packet"
    if mirror.virtual_network_id:
        yield f"in VXLAN network {mirror.virtual_network_id}"
    if mirror.network_services:
        yield f"with {', '.join(mirror.network_services)}, whatever the rules say"
    if action.description:
        yield f"described as {shown(action.description)}"
    if action.tags:
        yield f"tagged with {', '.join(map(shown, action.tags))}"
    if action.dry_run:
        yield "a dry run: nothing is created"


def _rule(rule: FilterRule) -> str:
    protocol = in_words(rule.protocol)
    source = _place(rule.source_cidr, rule.source_ports)
    destination = _place(rule.destination_cidr, rule.destination_ports)
    return f"{rule.action} {rule.direction} {protocol} from {source} to {destination}"


def _place(cidr: str, ports: PortRange | None) -> str:
    if not ports:
        return cidr
    single = ports.first == ports.last
    numbers = ports.first if single else f"{ports.first}-{ports.last}"
    return f"{cidr} port{'' if single else 's'} {numbers}"
