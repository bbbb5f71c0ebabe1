"""Medians of what was measured, as the table and the chart of docs/performance.md."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

import pygal

from benchmarks.stage import Case
from tools.checkout import ROOT

PAGE = ROOT / "docs" / "performance.md"
CHART = ROOT / "docs" / "performance.svg"

_BETWEEN = re.compile(
    r"(?<=<!-- figures -->\n).*(?=<!-- end of figures -->)", re.DOTALL
)


class Key(NamedTuple):
    """What was measured, of which side, in which case, at which latency."""

    what: str
    side: str
    case: Case | None = None
    latency: float = 0.0


Figures = dict[Key, list[float]]

_FAILS = "fails"


def write_report(figures: Figures, cases: Sequence[Case], latency: float) -> None:
    """Put the figures into the page, and draw the chart beside it."""
    text = "\n".join(_sections(figures, cases, latency)) + "\n"
    PAGE.write_text(_BETWEEN.sub(lambda _: text, PAGE.read_text()))
    _draw(figures, cases, latency)


def _sections(figures: Figures, cases: Sequence[Case], latency: float) -> Iterator[str]:
    yield f"{os.cpu_count()} cores; seconds are medians (lowest to highest).\n"
    for title, at in ((f"{latency * 1000:.0f} ms per call", latency), ("0 ms", 0.0)):
        yield f"### {title}\n"
        yield "| (mirrors, rules) | create | peer | ratio | remove | peer | ratio |"
        yield "| --- | --- | --- | --- | --- | --- | --- |"
        for case in cases:
            create = _compared(figures, "Create seconds", case, at)
            remove = _compared(figures, "Remove seconds", case, at)
            yield f"| {case} | {create} | {remove} |"
        yield ""
    yield "### Calls and processor\n"
    yield (
        "| (mirrors, rules) | calls to create | peer | to remove | peer | "
        "processor ms per call | peer | ratio |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for case in cases:
        counts = [
            figures[Key(f"{command} calls", side, case, latency)]
            for command in ("Create", "Remove")
            for side in ("ours", "peer")
        ]
        calls = [f"{median(each):.0f}" if each else _FAILS for each in counts]
        ours, peer = (_per_call(figures, side, case) for side in ("ours", "peer"))
        per_call = f"{median(ours):.2f} | {median(peer):.2f} | {_ratio(ours, peer):.2f}"
        yield f"| {case} | {' | '.join(calls)} | {per_call} |"
    yield ""
    yield from _others(figures)
    yield from _limits(figures)


def _others(figures: Figures) -> Iterator[str]:
    yield "### The rest\n"
    yield "| | ours | peer | ratio |"
    yield "| --- | --- | --- | --- |"
    for title, what in (
        ("a new process until a client of EC2 is ready, s", "client"),
        ("a new process until all clients of a command are, s", "clients"),
        ("first answer of a new driver, s", "first answer"),
        ("the same request to a warm driver, s", "warm answer"),
        ("processor for it, s", "warm processor"),
        ("peak memory, MB", "peak"),
    ):
        ours, peer = figures[Key(what, "ours")], figures[Key(what, "peer")]
        ratio = f"{_ratio(ours, peer):.2f}"
        yield f"| {title} | {_spread(ours)} | {_spread(peer)} | {ratio} |"
    for key in [key for key in figures if key.what == "throttled"]:
        (seconds,), (alone,) = (
            figures[key],
            figures[key._replace(what="throttled alone")],
        )
        yield (
            f"| {key.case} throttled, {key.side} | {seconds:.1f} s | "
            f"{alone:.1f} s by the limit alone | {seconds / alone:.2f} |"
        )


def _limits(figures: Figures) -> Iterator[str]:
    """Tell what bounds the figures, where that was measured."""
    rates = figures.get(Key("rate", "emulator"))
    if not rates:
        return
    yield "\n### The limits\n"
    bare = [key for key in figures if key.what == "bare"]
    case = bare[0].case
    columns = [f"at {each.latency * 1000:.0f} ms per call, s" for each in bare]
    yield f"| | {' | '.join(columns)} |"
    yield "| --- | --- | --- |"
    for title, what, side in (
        (f"{case} create by boto3 alone, on targets that stand", "bare", "boto3"),
        (f"{case} create by ours, everything", "Create seconds", "ours"),
    ):
        spreads = [
            _spread(figures[Key(what, side, case, each.latency)]) for each in bare
        ]
        yield f"| {title} | {' | '.join(spreads)} |"
    yield ""
    ready = _spread(figures[Key("client", "boto3")])
    yield f"A new process that only makes boto3's client of EC2 takes {ready} s."
    yield f"The emulator alone answers {median(rates):.0f} calls a second."


def _compared(figures: Figures, what: str, case: Case, latency: float) -> str:
    ours, peer = (figures[Key(what, side, case, latency)] for side in ("ours", "peer"))
    if not peer:
        return f"{_spread(ours)} | {_FAILS} | "
    return f"{_spread(ours)} | {_spread(peer)} | {_ratio(ours, peer):.1f}"


def _per_call(figures: Figures, side: str, case: Case) -> list[float]:
    """Return the processor milliseconds per call of creating, without latency."""
    return [
        1000 * used / calls
        for used, calls in zip(
            figures[Key("Create processor", side, case)],
            figures[Key("Create calls", side, case)],
        )
    ]


def _ratio(ours: Sequence[float], peer: Sequence[float]) -> float:
    """Compare what was measured one after the other: the machine's speed drifts."""
    return median(theirs / own for own, theirs in zip(ours, peer))


def _spread(values: Sequence[float]) -> str:
    middle = f"{median(values):.2f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):.2f} to {max(values):.2f})"


def _draw(figures: Figures, cases: Sequence[Case], latency: float) -> None:
    """Draw seconds by number of mirrors, both axes logarithmic."""
    many = [case for case in cases if case.rules == 3]
    if not many:
        return
    style = pygal.style.CleanStyle(background="white", plot_background="white")
    chart = pygal.XY(
        style=style,
        logarithmic=True,
        xrange=(many[0].mirrors, many[-1].mirrors),
        title=f"Seconds by number of mirrors, {latency * 1000:.0f} ms per call",
        x_title="mirrors, 3 rules each",
        x_labels=[case.mirrors for case in many],
        y_labels=[0.3, 1, 3, 10, 30, 100],
        width=720,
        height=420,
        js=[],
    )
    for command in ("Create", "Remove"):
        for side in ("ours", "peer"):
            chart.add(
                f"{command.lower()}, {side}",
                [
                    (case.mirrors, median(seconds))
                    for case in many
                    if (
                        seconds := figures[
                            Key(f"{command} seconds", side, case, latency)
                        ]
                    )
                ],
            )
    CHART.write_bytes(chart.render())
