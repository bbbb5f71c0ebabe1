"""
What the Describe operations share: filters, selection by id, pages.

Several filters must all match, one value of each is enough. Values may have
the wildcards `*` and `?`; a backslash takes their meaning away. Numbers are
compared as text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from emulator.ec2.errors import Refusal, refuse
from emulator.ec2.paging import Pages
from emulator.ec2.params import Params
from emulator.ec2.propagation import list_known
from emulator.ec2.records import Record
from emulator.ec2.shelf import Shelf
from emulator.ec2.world import World

MAX_FILTERS, MAX_VALUES = 50, 200
RESULTS = (5, 1000)

R = TypeVar("R", bound=Record)
T = TypeVar("T")

# The texts a filter compares its values with; none of them: never a match.
Readers = Mapping[str, Callable[[T], Iterable[object]]]


@dataclass(frozen=True)
class View(Generic[R]):
    """How one kind of resource is described."""

    ids: str
    result: str
    fields: Mapping[str, str]
    """Filter name to the record's attribute."""
    show: Callable[[World, R], dict[str, Any]]

    def readers(self) -> Readers[R]:
        """Return what each documented filter name looks at."""
        return {name: _attribute(field) for name, field in self.fields.items()}


def describe(
    world: World, shelf: Shelf[R], view: View[R], params: Params
) -> dict[str, Any]:
    """Answer a Describe operation on the resources of one shelf."""
    return describe_some(world, named(world, shelf, view, params), view, params)


def named(world: World, shelf: Shelf[R], view: View[R], params: Params) -> Iterable[R]:
    """Return the records that the call names by id, or all where it names none."""
    ids = params.items(view.ids)
    if ids and "MaxResults" in params:
        raise refuse(Refusal.PAGES_OF_IDS, name=view.ids)
    if not ids:
        return list_known(world, shelf)
    return [shelf.get(record_id) for record_id in dict.fromkeys(ids)]


def describe_some(
    world: World, records: Iterable[R], view: View[R], params: Params
) -> dict[str, Any]:
    """Answer a Describe operation on these records: filter, cut a page, show."""
    filters = params.items("Filters")
    if world.knobs.empty_filters and not all(each.get("Values") for each in filters):
        return {view.result: []}
    found = select(records, view.readers(), params)
    numbered = [(record.serial, record) for record in found]
    # What is named by id comes at once: that is why MaxResults is refused with it.
    at_once = len(numbered) if params.items(view.ids) else None
    cutter = pages(world, params, at_once)
    page, token = cutter.cut(numbered, params.optional("NextToken"))
    shown = [view.show(world, record) for record in page]
    return {view.result: shown, **({"NextToken": token} if token else {})}


def pages(
    world: World,
    params: Params,
    at_once: int | None = None,
    sizes: tuple[int, int] = RESULTS,
) -> Pages[Any]:
    """Make the page cutter for this question, its page size checked."""
    size = params.integer("MaxResults")
    low, high = sizes
    if size is not None and not low <= size <= high:
        raise refuse(Refusal.MAX_RESULTS, value=size, low=low, high=high)
    question = params.question(without=("MaxResults", "NextToken"))
    place = [world.account, world.region, params.operation]
    default = at_once or world.knobs.page_size or high
    return Pages(json.dumps([*place, question]), size or default)


def select(records: Iterable[T], readers: Readers[T], params: Params) -> list[T]:
    """Return what matches all Filters, whose names must be known."""
    filters = params.items("Filters")
    check_amounts(filters)
    tests = [_test(entry, readers) for entry in filters]
    return [record for record in records if all(test(record) for test in tests)]


def check_amounts(filters: Sequence[Mapping[str, Any]]) -> None:
    """Raise where there are too many filters, or values in all of them."""
    values = sum(len(entry.get("Values", [])) for entry in filters)
    _check_amount("filters", len(filters), MAX_FILTERS)
    _check_amount("filter values", values, MAX_VALUES)


def _check_amount(what: str, amount: int, limit: int) -> None:
    if amount > limit:
        raise refuse(Refusal.FILTER_LIMIT, what=what, limit=limit)


def _test(entry: Mapping[str, Any], readers: Readers[T]) -> Callable[[T], bool]:
    name = str(entry.get("Name", ""))
    read = _tag_reader(name) or readers.get(name)
    if read is None:
        raise refuse(Refusal.FILTER_NAME, name=name)
    values: Sequence[str] = entry.get("Values", [])
    if not values:
        raise refuse(Refusal.FILTER_WITHOUT_VALUES, name=name)
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
    """Compile a filter value: `*` any text, `?` one character, backslash escapes."""
    parts = re.findall(r"\\.|.", value, re.DOTALL)
    meanings = {"*": ".*", "?": "."}
    return re.compile(
        "".join(meanings.get(part) or re.escape(_unescaped(part)) for part in parts),
        re.DOTALL,
    )


def _unescaped(part: str) -> str:
    return part[1] if len(part) > 1 else part
