"""
All resources of one kind, found by id or by an indexed field.

Owns: records and their indexes. Must not know: what the fields mean.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Sequence, Set
from typing import Generic, TypeVar

from emulator.ec2.errors import Ec2Error, Refusal, ec2_error
from emulator.ec2.mirroring.records import Record

R = TypeVar("R", bound=Record)


class Table(Generic[R]):
    """
    All resources of one kind, in the order of their creation.

    `kind` is the name of the lag in the settings.
    `indexed` are the fields for find_by(). To change such a field, replace the record
    by a new one with add().
    """

    def __init__(
        self,
        kind: str,
        prefix: str,
        resource_type: str,
        missing: Refusal,
        indexed: Sequence[str] = (),
    ) -> None:
        self.kind = kind
        self.prefix = prefix
        self.resource_type = resource_type
        self._missing = missing
        self._shape = re.compile(rf"{prefix}-([0-9a-f]{{8}}|[0-9a-f]{{17}})")
        self._records: dict[str, R] = {}
        # field -> its value -> id -> record
        self._indexes: dict[str, dict[object, dict[str, R]]] = {
            field: {} for field in indexed
        }

    def __iter__(self) -> Iterator[R]:
        return iter(self._records.values())

    def __len__(self) -> int:
        return len(self._records)

    def new_id(self) -> str:
        """Return a new id: the prefix and 17 hex digits."""
        return f"{self.prefix}-{secrets.token_hex(9)[:17]}"

    def add(self, record: R) -> R:
        """Add a record, in place of the one with its id."""
        old = self._records.get(record.id)
        if old is not None:
            self._drop_from_indexes(old)
        self._records[record.id] = record
        for field, index in self._indexes.items():
            index.setdefault(getattr(record, field), {})[record.id] = record
        return record

    def get(self, record_id: str) -> R:
        """Return the record; raises Ec2Error if the id is malformed or unknown."""
        if not self._shape.fullmatch(record_id):
            raise ec2_error(Refusal.ID_MALFORMED, id=record_id, prefix=self.prefix)
        if record_id not in self._records:
            raise self.not_found(record_id)
        return self._records[record_id]

    def find(self, record_id: str) -> R | None:
        """Return the record, None if there is none."""
        return self._records.get(record_id)

    def not_found(self, record_id: str) -> Ec2Error:
        """Return the error for an unknown id."""
        return ec2_error(self._missing, id=record_id)

    def find_by(self, field: str, value: object) -> list[R]:
        """Return the records with this value in an indexed field."""
        return list(self._indexes[field].get(value, {}).values())

    def values_of(self, field: str) -> Set[object]:
        """Return all values of an indexed field."""
        return self._indexes[field].keys()

    def remove(self, record: R) -> None:
        """Remove a record."""
        self._drop_from_indexes(self._records.pop(record.id))

    def _drop_from_indexes(self, record: R) -> None:
        for field, index in self._indexes.items():
            value = getattr(record, field)
            del index[value][record.id]
            if not index[value]:
                del index[value]
