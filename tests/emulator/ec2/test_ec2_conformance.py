"""The emulator behaves as AWS is documented or was seen to behave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from conformance.behavior import Certainty
from conformance.catalogue import BEHAVIORS
from conformance.emulated import RUN_ID, emulated_calls, emulated_place
from conformance.kinds import MIRRORING
from conformance.observe import Observation, observe_all
from conformance.verdicts import Verdict, judge_emulator
from emulator.ec2 import Call, Ec2Emulator
from emulator.ec2.settings import Lag, Lags, Settings
from emulator.faults import Fault
from tests.emulator.ec2.settings_of_guesses import SETTINGS_OF_GUESSES

BY_ID = {behavior.id: behavior for behavior in BEHAVIORS}
KNOWN = [each for each in BEHAVIORS if each.certainty is not Certainty.UNKNOWN]
# Some of each kind: every operation, refusals, tags, pages and filters.
SAMPLE = [
    BY_ID[name]
    for name in (
        "target-in-use",
        "filters-of-targets",
        "filters-by-tag",
        "two-pages",
        "rule-is-modified",
        "session-is-modified",
        "network-services",
        "second-deletion",
        "unknown-id",
        "repeated-tokens",
        "tags-of-existing-resources",
        "rules-of-one-filter",
    )
]


@dataclass(frozen=True)
class Tried:
    """All behaviors, tried once in a new emulator."""

    observations: dict[str, Observation]
    creations: list[Call]
    """The calls that created something."""
    left: dict[str, Any]
    """The mirroring resources that still exist."""


@pytest.fixture(scope="module")
def tried(running: Ec2Emulator, module_client: Any) -> Tried:
    """Try all behaviors once, in a new emulator."""
    running.reset()
    place = emulated_place(running, module_client)
    running.clear_calls()
    observations = observe_all(BEHAVIORS, place, emulated_calls(place))
    creations = [
        call
        for call in running.calls
        if call.operation.startswith("CreateTrafficMirror") and call.error_code is None
    ]
    left = {
        kind.name: getattr(module_client, kind.describe)()[kind.members]
        for kind in MIRRORING
    }
    return Tried(observations, creations, left)


@pytest.fixture
def observed(tried: Tried) -> dict[str, Observation]:
    """Return what was observed with the default settings."""
    return tried.observations


@pytest.mark.parametrize("behavior", KNOWN, ids=lambda behavior: behavior.id)
def test_emulator_does_what_aws_does(
    observed: dict[str, Observation], behavior: Any
) -> None:
    """The emulator shows each behavior that is documented or seen."""
    judgement = judge_emulator(behavior, observed[behavior.id])
    assert judgement.verdict.value == behavior.certainty.value, judgement.details


def test_everything_is_tagged_and_deleted(tried: Tried) -> None:
    """Whatever a behavior creates has the run's tag, and is deleted afterwards."""
    assert len(tried.creations) > 300
    for call in tried.creations:
        assert RUN_ID in call.parameters.values(), call.operation
    assert not any(tried.left.values())


def test_each_unknown_behavior_is_tried(observed: dict[str, Observation]) -> None:
    """The emulator has an answer to what is unknown, and no trial of it breaks off."""
    unknown = [each for each in BEHAVIORS if each.certainty is Certainty.UNKNOWN]
    assert len(unknown) >= 40
    for behavior in unknown:
        assert observed[behavior.id].tried
        assert observed[behavior.id].text.startswith(("accepted", "refused", "found"))


def test_open_questions_come_first() -> None:
    """The three that decide how careful a caller must be are tried first."""
    assert [behavior.id for behavior in BEHAVIORS[:3]] == [
        "second-target-on-an-interface",
        "dry-run-on-an-unknown-id",
        "rule-with-protocol-0",
    ]


def test_behaviors_are_complete() -> None:
    """Each behavior has an id of its own, a sentence and an AWS page."""
    assert len(BY_ID) == len(BEHAVIORS)
    for behavior in BEHAVIORS:
        assert behavior.sentence.endswith("."), behavior.id
        assert behavior.page.startswith("https://docs.aws.amazon.com/")
        assert bool(behavior.expected) == (behavior.certainty != Certainty.UNKNOWN)


@pytest.mark.parametrize("setting", SETTINGS_OF_GUESSES)
def test_a_setting_changes_its_guesses_only(
    ec2: Ec2Emulator, client: Any, observed: dict[str, Observation], setting: str
) -> None:
    """The setting of a guess changes it; the behaviors that are known stay."""
    apply, changed = SETTINGS_OF_GUESSES[setting]
    apply(ec2.settings)
    others = [BY_ID[name] for name in ("target-in-use", "rule-for-all-protocols")]
    behaviors = [*others, *(BY_ID[name] for name in changed)]
    place = emulated_place(ec2, client)
    now = observe_all(behaviors, place, emulated_calls(place))
    assert {name for name in now if now[name] != observed[name]} == set(changed)
    assert all(now[name].text == text for name, text in changed.items())


def _late(settings: Settings) -> None:
    settings.unknown_lag = settings.creation_lag = Lags.of_all(requests=2)
    settings.deletion_lag = Lags.of_all(requests=1)


def _busy(settings: Settings) -> None:
    settings.in_use_lag = Lag(requests=2)


@pytest.mark.parametrize("slow", [_late, _busy])
def test_eventual_consistency_changes_no_observation(
    ec2: Ec2Emulator,
    client: Any,
    observed: dict[str, Observation],
    slow: Callable[[Settings], None],
) -> None:
    """A new id that is not known or listed yet is no difference, nor is a busy one."""
    place = emulated_place(ec2, client)
    slow(ec2.settings)
    assert observe_all(SAMPLE, place, emulated_calls(place)) == {
        behavior.id: observed[behavior.id] for behavior in SAMPLE
    }


def test_wrong_answers_are_different(ec2: Ec2Emulator, client: Any) -> None:
    """A wrong code, a wrong acceptance and a failure on the way are differences."""
    ec2.settings.quotas.rules_per_filter = 11
    ec2.faults.extend(
        [
            Fault("DeleteTrafficMirrorTarget", "DependencyViolation", times=1),
            Fault("CreateTrafficMirrorSession", "InternalError", skip=1, times=1),
        ]
    )
    wrong = ("target-in-use", "filter-in-use", "eleventh-rule-of-a-filter")
    place = emulated_place(ec2, client)
    behaviors = [BY_ID[name] for name in wrong]
    now = observe_all(behaviors, place, emulated_calls(place))
    assert {each.id: now[each.id].text for each in behaviors} == {
        "target-in-use": "refused: DependencyViolation (400)",
        "filter-in-use": "failed: CreateTrafficMirrorSession: InternalError",
        "eleventh-rule-of-a-filter": "accepted",
    }
    for behavior in behaviors:
        judgement = judge_emulator(behavior, now[behavior.id])
        assert judgement.verdict is Verdict.DIFFERENT
        assert judgement.details[-1] == f"the emulator: {now[behavior.id].text}"
