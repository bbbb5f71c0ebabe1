"""
What exists in one account and region: four shelves of mirror resources.

Finds, adds and removes; whether something may be added or removed is for the
resources' modules. Whoever calls in holds the emulator's one state lock.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Generic, Protocol, TypeVar

from emulator.ec2.errors import Refusal, refuse
from emulator.ec2.knobs import Knobs
from emulator.ec2.records import Filter, Record, Rule, Session, Target

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Interface:
    """What mirroring needs to know of a network interface."""

    id: str
    kind: str
    attached: bool
    running: bool
    """Attached to an instance, which runs."""


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

    def tag(self, resource_ids: list[str], tags: dict[str, str]) -> None:
        """Tag resources that are not of mirroring."""

    def untag(self, resource_ids: list[str], tags: dict[str, str | None]) -> None:
        """Remove these tags, or all where none are named."""

    def tags(self) -> list[TagRow]:
        """List the tags of all resources that are not of mirroring."""


class Shelf(Generic[R]):
    """All resources of one kind, in the order of their creation."""

    def __init__(self, prefix: str, resource_type: str, missing: Refusal) -> None:
        self.prefix = prefix
        self.resource_type = resource_type
        self._missing = missing
        self._shape = re.compile(rf"{prefix}-([0-9a-f]{{8}}|[0-9a-f]{{17}})")
        self._records: dict[str, R] = {}

    def __iter__(self) -> Iterator[R]:
        return iter(self._records.values())

    def __len__(self) -> int:
        return len(self._records)

    def new_id(self) -> str:
        """Invent an id: the prefix and 17 hex digits."""
        return f"{self.prefix}-{secrets.token_hex(9)[:17]}"

    def add(self, record: R) -> R:
        """Put a new record on the shelf."""
        self._records[record.id] = record
        return record

    def get(self, record_id: str) -> R:
        """Return the record; raise for an id that is malformed or unknown."""
        if not self._shape.fullmatch(record_id):
            raise refuse(Refusal.ID_MALFORMED, id=record_id, prefix=self.prefix)
        if record_id not in self._records:
            raise refuse(self._missing, id=record_id)
        return self._records[record_id]

    def remove(self, record: R) -> None:
        """Take the record off the shelf."""
        del self._records[record.id]


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
            "tmt", "traffic-mirror-target", Refusal.TARGET_MISSING
        )
        self.filters: Shelf[Filter] = Shelf(
            "tmf", "traffic-mirror-filter", Refusal.FILTER_MISSING
        )
        self.rules: Shelf[Rule] = Shelf(
            "tmfr", "traffic-mirror-filter-rule", Refusal.RULE_MISSING
        )
        self.sessions: Shelf[Session] = Shelf(
            "tms", "traffic-mirror-session", Refusal.SESSION_MISSING
        )
        # (operation, client token) -> (fingerprint of the request, its result)
        self.creations: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
        self._serials = count(1)

    def next_serial(self) -> int:
        """Return the number of the next creation."""
        return next(self._serials)

    def shelf_of(self, record_id: str) -> Shelf[Any] | None:
        """Find the shelf for an id by its prefix; None: not a mirror resource."""
        prefix = record_id.partition("-")[0]
        shelves = (self.targets, self.filters, self.rules, self.sessions)
        return next((shelf for shelf in shelves if shelf.prefix == prefix), None)

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
                self.sessions.remove(session)
