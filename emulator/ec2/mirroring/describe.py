"""
Filters, selection by id and pages of the Describe operations.

Owns: which records match. Must not know: what the records mean.

A record matches if each filter matches by one of its values. Values may contain the
wildcards `*` and `?`; a backslash escapes them. Numbers are compared as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from emulator.ec2.errors import Refusal, ec2_error
from emulator.ec2.mirroring.paging import Pages
from emulator.ec2.mirroring.params import Params
from emulator.ec2.mirroring.propagation import find_propagated, list_propagated
from emulator.ec2.mirroring.records import Record
from emulator.ec2.mirroring.state import RegionState
from emulator.ec2.mirroring.table import Table

MAX_FILTERS, MAX_VALUES, MAX_VALUE_LENGTH = 50, 200, 255
RESULTS = (5, 1000)

R = TypeVar("R", bound=Record)
T = TypeVar("T")

# For each filter name, a function that returns the texts to match.
Readers = Mapping[str, Callable[[T], Iterable[object]]]


@dataclass(frozen=True)
class View(Generic[R]):
    """How one kind of resource is described."""

    ids: str
    result: str
    fields: Mapping[str, str]
    """The attribute of the record for each filter name."""
    show: Callable[[RegionState, R], dict[str, Any]]

    def readers(self) -> Readers[R]:
        """Return the readers of the documented filters."""
        return {name: _attribute(field) for name, field in self.fields.items()}


def describe(
    state: RegionState, table: Table[R], view: View[R], params: Params
) -> dict[str, Any]:
    """Return the response of a Describe operation on a table."""
    records = named_records(state, table, view, params)
    return describe_records(state, records, view, params)


def named_records(
    state: RegionState, table: Table[R], view: View[R], params: Params
) -> Iterable[R]:
    """Return the records that the request names by id, or else all of them."""
    ids = params.items(view.ids)
    if ids and "MaxResults" in params:
        raise ec2_error(Refusal.PAGES_OF_IDS, name=view.ids)
    if not ids:
        return list_propagated(state, table)
    return [find_propagated(state, table, each) for each in dict.fromkeys(ids)]


def describe_records(
    state: RegionState, records: Iterable[R], view: View[R], params: Params
) -> dict[str, Any]:
    """Return the response of a Describe operation on these records."""
    if finds_nothing(state, params.items("Filters")):
        return {view.result: []}
    found = select(records, view.readers(), params)
    numbered = [(record.serial, record) for record in found]
    # Records named by id are on one page: that is why MaxResults is rejected for them.
    size = len(numbered) if params.items(view.ids) else None
    pages = make_pages(state, params, size)
    page, token = pages.get(numbered, params.optional("NextToken"))
    shown = [view.show(state, record) for record in page]
    return {view.result: shown, **({"NextToken": token} if token else {})}


def finds_nothing(state: RegionState, filters: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a filter has no values, and the settings accept that."""
    return state.settings.empty_filters and not all(
        entry.get("Values") for entry in filters
    )


def make_pages(
    state: RegionState,
    params: Params,
    default_size: int | None = None,
    sizes: tuple[int, int] = RESULTS,
) -> Pages[Any]:
    """Return the pages of this request; raises Ec2Error for a bad MaxResults."""
    size = params.integer("MaxResults")
    low, high = sizes
    if size is not None and not low <= size <= high:
        raise ec2_error(Refusal.MAX_RESULTS, value=size, low=low, high=high)
    parameters = params.sorted_values(without=("MaxResults", "NextToken"))
    request = [state.account, state.region, params.operation, parameters]
    if default_size:
        return Pages(json.dumps(request), default_size)
    wanted = size or state.settings.page_size or high
    limit = state.settings.page_limit or wanted
    return Pages(json.dumps(request), min(wanted, limit))


def select(records: Iterable[T], readers: Readers[T], params: Params) -> list[T]:
    """Return the records that match all filters; raises for unknown filter names."""
    filters = params.items("Filters")
    check_amounts(filters)
    tests = [_test(entry, readers) for entry in filters]
    return [record for record in records if all(test(record) for test in tests)]


def check_amounts(filters: Sequence[Mapping[str, Any]]) -> None:
    """Raise if there are too many filters or filter values, or one is too long."""
    values = sum(len(entry.get("Values", [])) for entry in filters)
    _check_limit("filters", len(filters), MAX_FILTERS)
    _check_limit("filter values", values, MAX_VALUES)
    for entry in filters:
        if any(len(value) > MAX_VALUE_LENGTH for value in entry.get("Values", [])):
            raise ec2_error(Refusal.FILTER_VALUE_LENGTH, limit=MAX_VALUE_LENGTH)


def _check_limit(what: str, amount: int, limit: int) -> None:
    if amount > limit:
        raise ec2_error(Refusal.FILTER_LIMIT, what=what, limit=limit)


def _test(entry: Mapping[str, Any], readers: Readers[T]) -> Callable[[T], bool]:
    name = str(entry.get("Name", ""))
    read = _tag_reader(name) or readers.get(name)
    if read is None:
        raise ec2_error(Refusal.FILTER_NAME, name=name)
    values: Sequence[str] = entry.get("Values", [])
    if not values:
        raise ec2_error(Refusal.FILTER_WITHOUT_VALUES, name=name)
    patterns = [wildcard_pattern(value) for value in values]

    def matches(record: T) -> bool:
        texts = [str(text) for text in read(record)]
        return any(pattern.fullmatch(text) for pattern in patterns for text in texts)

    return matches


def _tag_reader(name: str) -> Callable[[Any], Iterable[object]] | None:
    if name == "tag-key":
        return lambda record: record.tags
    if name.startswith("tag:") and name != "tag:":
        key = name[len("tag:") :]
        return lambda record: [record.tags[key]] if key in record.tags else []
    return None


def _attribute(field: str) -> Callable[[Any], Iterable[object]]:
    def read(record: Any) -> Iterable[object]:
        value = getattr(record, field)
        return [] if value is None else [value]

    return read


@lru_cache(maxsize=1024)
def wildcard_pattern(value: str) -> re.Pattern[str]:
    r"""Compile a filter value: `*` is any text, `?` one character, `\` escapes."""
    parts = re.findall(r"\\.|.", value, re.DOTALL)
    meanings = {"*": ".*", "?": "."}
    return re.compile(
        "".join(meanings.get(part) or re.escape(_unescaped(part)) for part in parts),
        re.DOTALL,
    )


def _unescaped(part: str) -> str:
    return part[1] if len(part) > 1 else part
