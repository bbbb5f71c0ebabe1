"""
The mirroring resources of an account and region.

Owns: four tables of records, and the requests that don't know them yet.
Must not know: what may be created or deleted. Callers hold the emulator's lock.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, Protocol, TypeVar

from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.mirroring.records import Filter, Record, Rule, Session, Target
from emulator.ec2.mirroring.request_counters import RequestCounters
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
            "tmf", "traffic-mirror-filter", Refusal.FILTER_MISSING
        )
        self.rules: Table[Rule] = Table(
            "tmfr",
            "traffic-mirror-filter-rule",
            Refusal.RULE_MISSING,
            indexed=["filter_id"],
        )
        self.sessions: Table[Session] = Table(
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
        # Requests until a new id is known, and until it is listed.
        self.not_yet_known = RequestCounters()
        self.not_yet_listed = RequestCounters()
        # Deletions of a target or filter until its session counts as deleted.
        self.still_in_use = RequestCounters()
        # (operation, client token) -> (fingerprint of the request, its result)
        self.creations: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
        self._serials = count(1)

    def next_serial(self) -> int:
        """Return the serial number of the next record."""
        return next(self._serials)

    def add_created(self, table: Table[R], record: R) -> R:
        """Add a record; the next requests may not know it yet."""
        self.not_yet_known.start(record.id, self.settings.propagation_requests)
        self.not_yet_listed.start(record.id, self.settings.propagation_requests)
        return table.add(record)

    def delete_session(self, session: Session) -> None:
        """Delete a session; its target and filter may count as in use for a while."""
        self.sessions.remove(session)
        for used in (session.target_id, session.filter_id):
            self.still_in_use.start(used, self.settings.in_use_requests)

    def sessions_using(self, field: str, record: Record) -> str:
        """Return the ids of the sessions that prevent a deletion, empty if none."""
        just_deleted = self.still_in_use.count(record.id)
        users = ", ".join(s.id for s in self.sessions.find_by(field, record.id))
        return users or ("just deleted" if just_deleted else "")

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
