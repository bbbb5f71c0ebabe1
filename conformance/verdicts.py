"""
Compare an observation with what is known, and an account with the emulator.

Owns: verdicts. Must not know: how anything was observed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from conformance.behavior import Behavior, Certainty
from conformance.observe import Observation


class Verdict(Enum):
    """What a comparison found."""

    DOCUMENTED = "documented"
    SEEN = "seen"
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    NOT_TRIED = "not tried"


@dataclass(frozen=True)
class Judgement:
    """The verdict on a behavior, and the details to print under its sentence."""

    behavior: Behavior
    verdict: Verdict
    details: tuple[str, ...] = ()


def judge_emulator(behavior: Behavior, emulator: Observation) -> Judgement:
    """Compare the emulator with what is documented or seen."""
    if not emulator.tried:
        return Judgement(behavior, Verdict.NOT_TRIED, (emulator.text,))
    if behavior.certainty is Certainty.UNKNOWN:
        details = (f"the emulator: {emulator.text}, unknown",)
        return Judgement(behavior, Verdict.UNKNOWN, details)
    if behavior.allows(emulator.text):
        return Judgement(behavior, _known(behavior))
    return Judgement(
        behavior,
        Verdict.DIFFERENT,
        (*_source(behavior), f"the emulator: {emulator.text}"),
    )


def judge_account(
    behavior: Behavior, account: Observation, emulator: Observation
) -> Judgement:
    """
    Compare an account with the emulator.

    An unknown behavior is seen now, as the emulator has it or different from it.
    """
    if not account.tried:
        return Judgement(behavior, Verdict.NOT_TRIED, (account.text,))
    if account == emulator:
        if behavior.certainty is Certainty.UNKNOWN:
            details = (f"AWS, as the emulator: {account.text}",)
            return Judgement(behavior, Verdict.SEEN, details)
        if behavior.allows(account.text):
            return Judgement(behavior, _known(behavior))
    return Judgement(
        behavior,
        Verdict.DIFFERENT,
        (
            *_source(behavior),
            f"AWS: {account.text}",
            f"the emulator: {emulator.text}",
        ),
    )


def _known(behavior: Behavior) -> Verdict:
    return Verdict(behavior.certainty.value)


def _source(behavior: Behavior) -> tuple[str, ...]:
    if behavior.certainty is Certainty.UNKNOWN:
        return ()
    expected = " or ".join(behavior.expected)
    return (f"{behavior.certainty.value}: {expected}", behavior.page)
