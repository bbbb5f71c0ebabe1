"""
Compare an observation with what is known, and an account with the emulator.

Owns: verdicts. Must not know: how anything was observed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from conformance.behaviour import Behaviour, Certainty
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
    """The verdict on a behaviour, and the details to print under its sentence."""

    behaviour: Behaviour
    verdict: Verdict
    details: tuple[str, ...] = ()


def judge_emulator(behaviour: Behaviour, emulator: Observation) -> Judgement:
    """Compare the emulator with what is documented or seen."""
    if not emulator.tried:
        return Judgement(behaviour, Verdict.NOT_TRIED, (emulator.text,))
    if behaviour.certainty is Certainty.UNKNOWN:
        details = (f"the emulator: {emulator.text}, unknown",)
        return Judgement(behaviour, Verdict.UNKNOWN, details)
    if behaviour.allows(emulator.text):
        return Judgement(behaviour, _known(behaviour))
    return Judgement(
        behaviour,
        Verdict.DIFFERENT,
        (*_source(behaviour), f"the emulator: {emulator.text}"),
    )


def judge_account(
    behaviour: Behaviour, account: Observation, emulator: Observation
) -> Judgement:
    """
    Compare an account with the emulator.

    An unknown behaviour is seen now, as the emulator has it or different from it.
    """
    if not account.tried:
        return Judgement(behaviour, Verdict.NOT_TRIED, (account.text,))
    if account == emulator:
        if behaviour.certainty is Certainty.UNKNOWN:
            details = (f"AWS, as the emulator: {account.text}",)
            return Judgement(behaviour, Verdict.SEEN, details)
        if behaviour.allows(account.text):
            return Judgement(behaviour, _known(behaviour))
    return Judgement(
        behaviour,
        Verdict.DIFFERENT,
        (
            *_source(behaviour),
            f"AWS: {account.text}",
            f"the emulator: {emulator.text}",
        ),
    )


def _known(behaviour: Behaviour) -> Verdict:
    return Verdict(behaviour.certainty.value)


def _source(behaviour: Behaviour) -> tuple[str, ...]:
    if behaviour.certainty is Certainty.UNKNOWN:
        return ()
    expected = " or ".join(behaviour.expected)
    return (f"{behaviour.certainty.value}: {expected}", behaviour.page)
