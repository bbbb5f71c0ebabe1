"""Which of a sandbox's sessions between the same two ends gets a packet first."""

from __future__ import annotations

from dataclasses import replace

import pytest

from traffic_mirroring.models import Mirror, Sandbox, Session, Target
from traffic_mirroring.plan.existing import Resources
from traffic_mirroring.plan.packet_order import (
    find_order_notes,
    place,
    place_existing,
    place_planned,
)

MIRROR = Mirror("eni-1", "eni-2")
SANDBOX = Sandbox("res-1", "blueprint", "owner", "Global")
SESSION = Session("tms-1", "eni-1", "tmt-1", "tmf-1", 5, {"ReservationId": "res-1"})
OWN = place(SESSION, MIRROR)


@pytest.mark.parametrize(
    ("number", "which"),
    [
        (4, "gets each packet first"),
        (6, "gets only packets that this one does not accept"),
    ],
)
def test_the_lower_number_is_first(number, which):
    """Whichever session is older."""
    other = place(replace(SESSION, id="tms-2", number=number), MIRROR)

    assert find_order_notes(OWN, [OWN, other]) == [
        f"session tms-2 of this sandbox also mirrors eni-1 to eni-2, with number "
        f"{number}, and {which}: remove it if this mirror replaces it"
    ]


def test_there_is_a_note_on_each_other_session_in_their_order():
    """One that was found and created, or is mentioned twice, is one session."""
    others = [
        place(replace(SESSION, id=f"tms-{number}", number=number), MIRROR)
        for number in (9, 3, 9)
    ]

    notes = find_order_notes(OWN, others)

    assert [note.split()[1] for note in notes] == ["tms-3", "tms-9"]


def test_sessions_with_another_end_are_not_mentioned():
    """They may get the source's packets first, too, but replace no mirror."""
    others = [
        place(replace(SESSION, id="tms-2"), Mirror("eni-1", "eni-3")),
        place(replace(SESSION, id="tms-3"), Mirror("eni-3", "eni-2")),
    ]

    assert find_order_notes(OWN, others) == []


def test_a_session_that_a_dry_run_would_create_has_the_name_of_its_action():
    """It has no id yet."""
    planned = place_planned(2, MIRROR, 6)

    (note,) = find_order_notes(OWN, [OWN, planned])

    assert note.startswith("actions[2] also mirrors eni-1 to eni-2, with number 6, and")
    assert find_order_notes(planned, [planned]) == []


def test_only_this_sandboxs_sessions_to_known_targets_are_placed():
    """Those of others can't be removed by this sandbox."""
    sessions = [
        SESSION,
        replace(SESSION, id="tms-2", tags={"ReservationId": "res-2"}),
        replace(SESSION, id="tms-3", target_id="tmt-3"),
    ]
    resources = Resources([Target("tmt-1", "eni-2", {})], sessions, [])

    assert list(place_existing(resources, SANDBOX)) == [OWN]
