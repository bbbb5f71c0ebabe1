"""
The mirroring resources of an account and region.

Owns: four tables of records, and what lags behind them.
Must not know: what may be created or deleted. Callers hold the emulator's lock.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol, TypeVar

from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.mirroring.lag_timers import LagTimers
from emulator.ec2.mirroring.records import Filter, Record, Rule, Session, Target
from emulator.ec2.mirroring.table import Table
from emulator.ec2.settings import Settings

R = TypeVar("R", bound=Record)


@dataclass(frozen=True)
class Interface:
    """A network interface, as mirroring needs it."""

    id: str
    kind: str
    attached: bool
    running: bool
    """Whether it is attached to a running instance."""
    instance_type: str | None
    requester: str | None = None
    """The service that created it and manages it."""


@dataclass(frozen=True)
class TagRow:
    """One tag of one resource."""

    resource_id: str
    resource_type: str
    key: str
    value: str

    @property
    def tags(self) -> dict[str, str]:
        """Return the tag as a resource has it, for filters by tag."""
        return {self.key: self.value}


class Ec2Resources(Protocol):
    """The other resources of the same account and region."""

    def interface(self, interface_id: str) -> Interface | None:
        """Return a network interface."""

    def instances_with(self, chosen: Callable[[str], bool]) -> list[str]:
        """Return the instances with an interface whose id is chosen."""

    def has_load_balancer(self, arn: str) -> bool:
        """Return whether the load balancer exists; its ARN contains its type."""

    def has_endpoint(self, endpoint_id: str) -> bool:
        """Return whether the Gateway Load Balancer endpoint exists."""

    def has_prefix_list(self, prefix_list_id: str) -> bool:
        """Return whether the managed prefix list exists."""

    def next_hops(self, vpc_id: str) -> Set[str]:
        """Return the active peering connections and transit gateways of a VPC."""

    def tag(self, resource_ids: list[str], tags: dict[str, str]) -> None:
        """Tag resources; raises Ec2Error if one does not exist."""

    def untag(self, resource_ids: list[str], tags: dict[str, str | None]) -> None:
        """Remove these tags, or all if none are given."""

    def tags_of(self, resource_id: str) -> dict[str, str]:
        """Return the tags of a resource; an unknown one has none."""

    def tags(self) -> list[TagRow]:
        """Return the tags of all resources."""


class RegionState:
    """The mirroring resources of one account in one region."""

    def __init__(
        self, account: str, region: str, settings: Settings, resources: Ec2Resources
    ) -> None:
        self.account = account
        self.region = region
        self.settings = settings
        self.resources = resources
        self.targets: Table[Target] = Table(
            "targets",
            "tmt",
            "traffic-mirror-target",
            Refusal.TARGET_MISSING,
            indexed=[
                "network_interface_id",
                "network_load_balancer_arn",
                "gateway_load_balancer_endpoint_id",
            ],
        )
        self.filters: Table[Filter] = Table(
            "filters", "tmf", "traffic-mirror-filter", Refusal.FILTER_MISSING
        )
        self.rules: Table[Rule] = Table(
            "rules",
            "tmfr",
            "traffic-mirror-filter-rule",
            Refusal.RULE_MISSING,
            indexed=["filter_id"],
        )
        self.sessions: Table[Session] = Table(
            "sessions",
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
        # Until a new id is known, until it is listed, until a deleted one is not.
        self.not_yet_known = self._timers()
        self.not_yet_listed = self._timers()
        self.still_listed = self._timers()
        # Until a target or filter is free after the deletion of its last session.
        self.still_in_use = self._timers()
        self._last_users: dict[str, str] = {}
        # The deleted records that are still listed, by id.
        self._deleted: dict[str, Any] = {}
        # (operation, client token) -> (fingerprint of the request, its result)
        self.creations: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
        self._serials = count(1)

    def _timers(self) -> LagTimers:
        return LagTimers(lambda: self.settings.clock())

    def next_serial(self) -> int:
        """Return the serial number of the next record."""
        return next(self._serials)

    def add_created(self, table: Table[R], record: R) -> R:
        """Add a record; the next requests may not know it yet."""
        settings, kind = self.settings, table.kind
        self.not_yet_known.start(record.id, getattr(settings.unknown_lag, kind))
        self.not_yet_listed.start(record.id, getattr(settings.creation_lag, kind))
        return table.add(record)

    def remove(self, table: Table[R], record: R) -> None:
        """Remove a record; the next Describe requests may still show it."""
        table.remove(record)
        self.still_listed.start(
            record.id, getattr(self.settings.deletion_lag, table.kind)
        )
        if self.still_listed.is_running(record.id):
            self._deleted[record.id] = record

    def deleted(self, table: Table[R]) -> list[R]:
        """Return the deleted records that a Describe request still shows."""
        for record_id in list(self._deleted):
            if not self.still_listed.is_running(record_id):
                del self._deleted[record_id]
        return [
            record
            for record_id, record in self._deleted.items()
            if self.table_of(record_id) is table
        ]

    def delete_session(self, session: Session) -> None:
        """Delete a session; its target and filter may count as in use for a while."""
        self.remove(self.sessions, session)
        for used in (session.target_id, session.filter_id):
            self.still_in_use.start(used, self.settings.in_use_lag)
            self._last_users[used] = session.id

    def sessions_using(self, field: str, record: Record) -> str:
        """Return the ids of the sessions that prevent a deletion, empty if none."""
        just_deleted = self.still_in_use.count(record.id)
        users = ", ".join(s.id for s in self.sessions.find_by(field, record.id))
        return users or (self._last_users[record.id] if just_deleted else "")

    def hidden_numbers(self, interface_id: str) -> set[int]:
        """Return the session numbers that other accounts use on an interface."""
        return self.settings.hidden_session_numbers.get(interface_id, set())

    def table_of(self, record_id: str) -> Table[Any] | None:
        """Return the table of an id, by its prefix; None: not a mirroring resource."""
        prefix = record_id.partition("-")[0]
        tables = (self.targets, self.filters, self.rules, self.sessions)
        return next((table for table in tables if table.prefix == prefix), None)

    def tags_of(self, resource_id: str) -> dict[str, str]:
        """Return the tags of any resource; an unknown one has none."""
        table = self.table_of(resource_id)
        if table is None:
            return self.resources.tags_of(resource_id)
        record = table.find(resource_id)
        return dict(record.tags) if record else {}

    def get_interface(self, interface_id: str) -> Interface:
        """Return the network interface; raises Ec2Error if malformed or unknown."""
        if not re.fullmatch(r"eni-([0-9a-f]{8}|[0-9a-f]{17})", interface_id):
            raise ec2_error(Refusal.INTERFACE_MALFORMED, id=interface_id)
        interface = self.resources.interface(interface_id)
        if interface is None:
            raise ec2_error(Refusal.INTERFACE_MISSING, id=interface_id)
        return interface

    def drop_orphaned_sessions(self) -> None:
        """Delete the sessions whose source interface was deleted, as AWS does."""
        for session in list(self.sessions):
            if self.resources.interface(session.network_interface_id) is None:
                self.delete_session(session)
