"""docs/emulator.md lists every guess of the emulator: behaviors, codes, settings."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

from conformance.behavior import Certainty
from conformance.catalogue import BEHAVIORS
from conformance.emulated import emulated_calls, emulated_place
from conformance.observe import observe_all
from emulator.ec2 import Ec2Emulator
from emulator.ec2.errors import Refusal
from emulator.ec2.settings import Settings
from tests.emulator.ec2.settings_of_guesses import SETTINGS_OF_GUESSES
from tools.checkout import ROOT

PAGE = (ROOT / "docs" / "emulator.md").read_text()


def section(heading: str) -> str:
    """Return the text under a heading."""
    return PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def rows(heading: str) -> list[str]:
    """Return the rows of the table under a heading."""
    table = [line for line in section(heading).splitlines() if line.startswith("| ")]
    return table[2:]


def test_every_unknown_behavior_is_listed(ec2: Ec2Emulator, client: Any) -> None:
    """Each has a row with its id, its sentence, the default and the setting."""
    unknown = [each for each in BEHAVIORS if each.certainty is Certainty.UNKNOWN]
    place = emulated_place(ec2, client)
    observed = observe_all(unknown, place, emulated_calls(place))
    settings = {
        name: f"`{setting}`"
        for setting, (_, changed) in SETTINGS_OF_GUESSES.items()
        for name in changed
    }
    assert rows("What AWS leaves open") == [
        f"| `{each.id}` | {each.sentence} | {observed[each.id].text} "
        f"| {settings.get(each.id, '')} |"
        for each in unknown
    ]


def test_every_guessed_code_is_listed() -> None:
    """Each error that is marked as a guess has a row with its code."""
    listed = [
        tuple(re.findall(r"`([\w.]+)`", name_or_code)[0] for name_or_code in cells)
        for cells in (
            (row.split("|")[1], row.split("|")[3])
            for row in rows("Guessed error codes")
        )
    ]
    assert listed == [
        (each.name, each.value.code) for each in Refusal if each.value.guessed
    ]


def test_it_is_said_whether_aws_refuses_the_call() -> None:
    """The last column has one of four answers."""
    answers = {row.split("|")[4].strip() for row in rows("Guessed error codes")}
    assert answers == {"documented", "seen", "partly", "unknown"}


def test_every_setting_is_listed() -> None:
    """Each setting of the emulator is in the table of guesses, or below it."""
    named = set(re.findall(r"`(\w+)`", section("What AWS leaves open")))
    assert {each.name for each in fields(Settings)} <= named
    assert set(SETTINGS_OF_GUESSES) <= {each.name for each in fields(Settings)}
