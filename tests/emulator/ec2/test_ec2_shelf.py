"""Finding resources by a field, without looking at each."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emulator.ec2.errors import Refusal
from emulator.ec2.records import Filter
from emulator.ec2.shelf import Shelf

IDS = st.sampled_from("abc")
# Put a record with this id and description on the shelf, or (None) take it away.
STEPS = st.lists(st.tuples(IDS, st.none() | st.sampled_from(["x", "y"])))


@given(STEPS)
def test_the_index_finds_what_a_search_finds(
    steps: list[tuple[str, str | None]],
) -> None:
    """Whatever is added, replaced and removed, index and records agree."""
    shelf: Shelf[Filter] = Shelf("tmf", "t", Refusal.FILTER_MISSING, ["description"])
    standing: dict[str, Filter] = {}
    for name, description in steps:
        if description is not None:
            standing[name] = Filter(id=name, serial=1, description=description)
            shelf.add(standing[name])
        elif name in standing:
            shelf.remove(standing.pop(name))
    for value in ("x", "y"):
        expected = [each for each in standing.values() if each.description == value]
        found = shelf.having("description", value)
        assert sorted(each.id for each in found) == sorted(e.id for e in expected)
        assert all(each is standing[each.id] for each in found)
    assert shelf.values("description") == {e.description for e in standing.values()}
