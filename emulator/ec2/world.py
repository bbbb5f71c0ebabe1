"""
What exists in one account and region: four shelves of mirror resources.

Finds, adds and removes; whether something may be added or removed is for the
resources' modules. Whoever calls in holds the emulator's one state lock.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol, TypeVar

from emulator.ec2.countdowns import Countdowns
from emulator.ec2.errors import Refusal, refuse
from emulator.ec2.knobs import Knobs
from emulator.ec2.records import Filter, Record, Rule, Session, Target
from emulator.ec2.shelf import Shelf

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Interface:
    """What mirroring needs to know of a network interface."""

    id: str
    kind: str
    attached: bool
    running: bool
    """Attached to an instance, which runs."""
    instance_type: str | None


@dataclass(frozen=True)
class TagRow:
    """One tag of one resource."""

    resource_id: str
    resource_type: str
    key: str
    value: str

    @property
    def tags(self) -> dict[str, str]:
        """Show the row as a resource with this one tag, for filters by tag."""
        return {self.key: self.value}


class Surroundings(Protocol):
    """The rest of EC2 in the same account and region."""

    def interface(self, interface_id: str) -> Interface | None:
        """Look up a network interface."""

    def instances_with(self, chosen: Callable[[str], bool]) -> list[str]:
        """List the instances that have a network interface with a chosen id."""

    def has_balancer(self, arn: str) -> bool:
        """Tell whether there is a load balancer with this ARN, which tells its kind."""

    def has_endpoint(self, endpoint_id: str) -> bool:
        """Tell whether there is a Gateway Load Balancer endpoint with this id."""

    def has_prefix_list(self, prefix_list_id: str) -> bool:
        """Tell whether there is a managed prefix list with this id."""

    def tag(self, resource_ids: list[str], tags: dict[str, str]) -> None:
        """Tag resources that are not of mirroring."""

    def untag(self, resource_ids: list[str], tags: dict[str, str | None]) -> None:
        """Remove these tags, or all where none are named."""

    def tags_of(self, resource_id: str) -> dict[str, str]:
        """Return the tags of a resource that is not of mirroring; unknown: none."""

    def tags(self) -> list[TagRow]:
        """List the tags of all resources that are not of mirroring."""


class World:
    """One account's mirror resources in one region."""

    def __init__(
        self, account: str, region: str, knobs: Knobs, surroundings: Surroundings
    ) -> None:
        self.account = account
        self.region = region
        self.knobs = knobs
        self.surroundings = surroundings
        self.targets: Shelf[Target] = Shelf(
            "tmt",
            "traffic-mirror-target",
            Refusal.TARGET_MISSING,
            indexed=[
                "network_interface_id",
                "network_load_balancer_arn",
                "gateway_load_balancer_endpoint_id",
            ],
        )
        self.filters: Shelf[Filter] = Shelf(
            "tmf", "traffic-mirror-filter", Refusal.FILTER_MISSING
        )
        self.rules: Shelf[Rule] = Shelf(
            "tmfr",
            "traffic-mirror-filter-rule",
            Refusal.RULE_MISSING,
            indexed=["filter_id"],
        )
        self.sessions: Shelf[Session] = Shelf(
            "tms",
            "traffic-mirror-session",
            Refusal.SESSION_MISSING,
            indexed=[
                "network_interface_id",
                "target_id",
                "filter_id",
                "virtual_network_id",
            ],
        )
        # Requests until a new id may be named, and until it is listed.
        self.unnamed = Countdowns()
        self.unlisted = Countdowns()
        # Requests to delete a target or filter, until its last session's end is known.
        self.lingering = Countdowns()
        # (operation, client token) -> (fingerprint of the request, its result)
        self.creations: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
        self._serials = count(1)

    def next_serial(self) -> int:
        """Return the number of the next creation."""
        return next(self._serials)

    def add_new(self, shelf: Shelf[R], record: R) -> R:
        """Put a new resource on its shelf; requests may take a while to know it."""
        self.unnamed.start(record.id, self.knobs.unknown_for)
        self.unlisted.start(record.id, self.knobs.unknown_for)
        return shelf.add(record)

    def end_session(self, session: Session) -> None:
        """Delete a session; its target and filter may seem in use for a while."""
        self.sessions.remove(session)
        for used in (session.target_id, session.filter_id):
            self.lingering.start(used, self.knobs.in_use_for)

    def users_of(self, field: str, record: Record) -> str:
        """Name, to a call that deletes it, the sessions that have it in a field."""
        lingers = self.lingering.use_up(record.id)
        users = ", ".join(s.id for s in self.sessions.having(field, record.id))
        return users or ("just deleted" if lingers else "")

    def shelf_of(self, record_id: str) -> Shelf[Any] | None:
        """Find the shelf for an id by its prefix; None: not a mirror resource."""
        prefix = record_id.partition("-")[0]
        shelves = (self.targets, self.filters, self.rules, self.sessions)
        return next((shelf for shelf in shelves if shelf.prefix == prefix), None)

    def tags_of(self, resource_id: str) -> dict[str, str]:
        """Return the tags of anything; what doesn't exist has none."""
        shelf = self.shelf_of(resource_id)
        if shelf is None:
            return self.surroundings.tags_of(resource_id)
        record = shelf.find(resource_id)
        return dict(record.tags) if record else {}

    def get_interface(self, interface_id: str) -> Interface:
        """Return the network interface; raise if malformed or unknown."""
        if not re.fullmatch(r"eni-([0-9a-f]{8}|[0-9a-f]{17})", interface_id):
            raise refuse(Refusal.INTERFACE_MALFORMED, id=interface_id)
        interface = self.surroundings.interface(interface_id)
        if interface is None:
            raise refuse(Refusal.INTERFACE_MISSING, id=interface_id)
        return interface

    def drop_orphaned_sessions(self) -> None:
        """Delete the sessions whose source interface is gone, as AWS does."""
        for session in list(self.sessions):
            if self.surroundings.interface(session.network_interface_id) is None:
                self.end_session(session)
