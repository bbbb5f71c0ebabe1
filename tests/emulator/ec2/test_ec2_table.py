"""Finding resources by an indexed field."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emulator.ec2.errors import Refusal
from emulator.ec2.mirroring.records import Filter
from emulator.ec2.mirroring.table import Table

IDS = st.sampled_from("abc")
# Add a record with this id and description, or remove it if the description is None.
STEPS = st.lists(st.tuples(IDS, st.none() | st.sampled_from(["x", "y"])))


@given(STEPS)
def test_the_index_finds_what_a_search_finds(
    steps: list[tuple[str, str | None]],
) -> None:
    """After any additions, replacements and removals, index and records agree."""
    table: Table[Filter] = Table(
        "filters", "tmf", "t", Refusal.FILTER_MISSING, ["description"]
    )
    records: dict[str, Filter] = {}
    for name, description in steps:
        if description is not None:
            records[name] = Filter(id=name, serial=1, description=description)
            table.add(records[name])
        elif name in records:
            table.remove(records.pop(name))
    for value in ("x", "y"):
        expected = [each for each in records.values() if each.description == value]
        found = table.find_by("description", value)
        assert sorted(each.id for each in found) == sorted(e.id for e in expected)
        assert all(each is records[each.id] for each in found)
    assert table.values_of("description") == {e.description for e in records.values()}
