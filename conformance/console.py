"""
A run in an account, as its caller sees it: announcements, the question, the report.

Owns: the texts and the exit code. Must not know: the emulator, the behaviors.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

from conformance.account import Account, Run, run_in_account
from conformance.behavior import Behavior
from conformance.calls import TAG_KEY, Calls
from conformance.interruption import Interruption
from conformance.observe import Observation, Observations
from conformance.report import (
    exit_code,
    figures,
    lines_of,
    lines_of_leftovers,
    plan_of,
)
from conformance.verdicts import Judgement, judge_account

NOT_STARTED = 2


@dataclass(frozen=True)
class Expected:
    """What the emulator does: its observations, and how much they create."""

    observations: Observations
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Terminal:
    """Where to ask and to report; without `asks`, nothing is asked."""

    answers: TextIO
    output: TextIO
    asks: bool = True
    wait: Callable[[float], None] = time.sleep

    def print(self, *lines: str) -> None:
        """Print lines at once."""
        for line in lines:
            self.output.write(f"{line}\n")
        self.output.flush()

    def confirms(self) -> bool:
        """Return whether the caller wants to go on; asks unless it need not."""
        if not self.asks:
            return True
        self.print("Go on? yes or no:")
        try:
            return self.answers.readline().strip().lower() in ("y", "yes")
        except KeyboardInterrupt:
            return False


def run_and_report(
    account: Account,
    behaviors: Sequence[Behavior],
    expected: Expected,
    terminal: Terminal,
) -> int:
    """Announce a run, ask, try the behaviors; return the exit code."""
    interruption, run_id = Interruption(), secrets.token_hex(6)
    calls = Calls(account.place.client, run_id, interruption, terminal.wait)
    terminal.print(*_announcement(account, run_id, expected))
    if not terminal.confirms():
        terminal.print("Nothing was created.")
        return NOT_STARTED
    judgements: list[Judgement] = []

    def note(behavior: Behavior, observation: Observation) -> None:
        emulator = expected.observations[behavior.id]
        judgements.append(judge_account(behavior, observation, emulator))
        terminal.print(*lines_of(judgements[-1]))

    with interruption.by_signals():
        run = run_in_account(account.place, behaviors, calls, note)
    terminal.print(*_ending(run, judgements))
    return exit_code(judgements) or int(bool(run.stopped or run.leftovers))


def _announcement(account: Account, run_id: str, expected: Expected) -> list[str]:
    place = account.place
    return [
        f"In account {account.owner}, region {account.region}, this creates and "
        f"deletes {plan_of(expected.counts)}, for seconds each.",
        f"All have the tag {TAG_KEY}={run_id}. They are deleted also if Ctrl-C "
        "interrupts this, or something fails.",
        f"Sessions are from {place.source} to {place.target}, which stay as they are. "
        "Their filters let no real packet through.",
        "AWS bills sessions by the hour while they exist: the cost is next to nothing, "
        "at most an hour for each session.",
    ]


def _ending(run: Run, judgements: Sequence[Judgement]) -> list[str]:
    left = f"{len(run.leftovers)} NOT deleted" if run.leftovers else "all deleted"
    return [
        *([f"Stopped: {run.stopped}"] if run.stopped else []),
        *lines_of_leftovers(run.leftovers),
        f"{figures(judgements)}; {left}",
    ]
