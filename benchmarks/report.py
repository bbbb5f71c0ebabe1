"""Medians of what was measured, as the table and the chart of docs/performance.md."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

import pygal

from benchmarks.shell import STOCK_SHELL, THIS_SHELL
from benchmarks.workload import Case
from tools.checkout import ROOT

PAGE = ROOT / "docs" / "performance.md"
CHART = ROOT / "docs" / "performance.svg"

_BETWEEN = re.compile(
    r"(?<=<!-- figures -->\n).*(?=<!-- end of figures -->)", re.DOTALL
)


class Key(NamedTuple):
    """A metric of a shell in a case at a latency."""

    metric: str
    shell: str
    case: Case | None = None
    latency: float = 0.0


Measurements = dict[Key, list[float]]

SHELLS = (THIS_SHELL, STOCK_SHELL)
_FAILS = "fails"


def write_report(
    measurements: Measurements, cases: Sequence[Case], latency: float
) -> None:
    """Write the measurements into the page and draw its chart."""
    text = "\n".join(_sections(measurements, cases, latency)) + "\n"
    PAGE.write_text(_BETWEEN.sub(lambda _: text, PAGE.read_text()))
    _draw(measurements, cases, latency)


def _sections(
    measurements: Measurements, cases: Sequence[Case], latency: float
) -> Iterator[str]:
    yield f"{os.cpu_count()} cores; seconds are medians (lowest to highest).\n"
    for title, at in ((f"{latency * 1000:.0f} ms per call", latency), ("0 ms", 0.0)):
        yield f"### {title}\n"
        yield "| (mirrors, rules) | create | stock | ratio | remove | stock | ratio |"
        yield "| --- | --- | --- | --- | --- | --- | --- |"
        for case in cases:
            create = _compared(measurements, "Create seconds", case, at)
            remove = _compared(measurements, "Remove seconds", case, at)
            yield f"| {case} | {create} | {remove} |"
        yield ""
    yield "### Calls and processor\n"
    yield (
        "| (mirrors, rules) | calls to create | stock | to remove | stock | "
        "processor ms per call | stock | ratio |"
    )
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for case in cases:
        counts = [
            measurements[Key(f"{command} calls", shell, case, latency)]
            for command in ("Create", "Remove")
            for shell in SHELLS
        ]
        calls = [f"{median(each):.0f}" if each else _FAILS for each in counts]
        ours, stock = (_per_call(measurements, shell, case) for shell in SHELLS)
        per_call = (
            f"{median(ours):.2f} | {median(stock):.2f} | {_ratio(ours, stock):.2f}"
        )
        yield f"| {case} | {' | '.join(calls)} | {per_call} |"
    yield ""
    yield from _others(measurements)
    yield from _throttled(measurements)
    yield from _limits(measurements)


def _others(measurements: Measurements) -> Iterator[str]:
    yield "### Start, first answer and memory\n"
    yield f"| | {THIS_SHELL} | {STOCK_SHELL} | ratio |"
    yield "| --- | --- | --- | --- |"
    for title, what in (
        ("new process until an EC2 client is ready, s", "client"),
        ("new process until all clients of a command are ready, s", "clients"),
        ("first answer of a new driver, s", "first answer"),
        ("the same request to a warm driver, s", "warm answer"),
        ("processor time of that request, s", "warm processor"),
        ("peak memory, MB", "peak"),
    ):
        ours, stock = (
            measurements[Key(what, THIS_SHELL)],
            measurements[Key(what, STOCK_SHELL)],
        )
        ratio = f"{_ratio(ours, stock):.2f}"
        yield f"| {title} | {_spread(ours)} | {_spread(stock)} | {ratio} |"


def _throttled(measurements: Measurements) -> Iterator[str]:
    """Yield the section about EC2's rate limits, if they were measured."""
    keys = [key for key in measurements if key.metric == "throttled"]
    if not keys:
        return
    yield "\n### Throttled by EC2\n"
    yield "| create | seconds | by the limit alone | ratio | throttled calls |"
    yield "| --- | --- | --- | --- | --- |"
    for key in keys:
        (seconds,), (alone,), (calls,) = (
            measurements[key._replace(metric=metric)]
            for metric in ("throttled", "throttled alone", "throttled calls")
        )
        yield (
            f"| {key.case}, {key.shell} | {seconds:.1f} | {alone:.1f} | "
            f"{seconds / alone:.2f} | {calls:.0f} |"
        )


def _limits(measurements: Measurements) -> Iterator[str]:
    """Yield the section about the limits, if they were measured."""
    rates = measurements.get(Key("rate", "emulator"))
    if not rates:
        return
    yield "\n### The limits\n"
    bare = [key for key in measurements if key.metric == "bare"]
    case = bare[0].case
    columns = [f"at {each.latency * 1000:.0f} ms per call, s" for each in bare]
    yield f"| | {' | '.join(columns)} |"
    yield "| --- | --- | --- |"
    for title, what, shell in (
        (f"{case} create by boto3 alone, on existing targets", "bare", "boto3"),
        (f"{case} create by this shell, in total", "Create seconds", THIS_SHELL),
    ):
        spreads = [
            _spread(measurements[Key(what, shell, case, each.latency)]) for each in bare
        ]
        yield f"| {title} | {' | '.join(spreads)} |"
    yield ""
    ready = _spread(measurements[Key("client", "boto3")])
    yield f"A new process that only creates boto3's EC2 client takes {ready} s."
    yield f"The emulator alone answers {median(rates):.0f} calls per second."


def _compared(measurements: Measurements, what: str, case: Case, latency: float) -> str:
    ours, stock = (measurements[Key(what, shell, case, latency)] for shell in SHELLS)
    if not stock:
        return f"{_spread(ours)} | {_FAILS} | "
    return f"{_spread(ours)} | {_spread(stock)} | {_ratio(ours, stock):.1f}"


def _per_call(measurements: Measurements, shell: str, case: Case) -> list[float]:
    """Return the processor milliseconds per call of creating, without latency."""
    return [
        1000 * used / calls
        for used, calls in zip(
            measurements[Key("Create processor", shell, case)],
            measurements[Key("Create calls", shell, case)],
        )
    ]


def _ratio(ours: Sequence[float], stock: Sequence[float]) -> float:
    """Compare pairs measured one after the other; the machine's speed drifts."""
    return median(theirs / own for own, theirs in zip(ours, stock))


def _spread(values: Sequence[float]) -> str:
    middle = f"{median(values):.2f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):.2f} to {max(values):.2f})"


def _draw(measurements: Measurements, cases: Sequence[Case], latency: float) -> None:
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
        for shell in SHELLS:
            chart.add(
                f"{command.lower()}, {shell}",
                [
                    (case.mirrors, median(seconds))
                    for case in many
                    if (
                        seconds := measurements[
                            Key(f"{command} seconds", shell, case, latency)
                        ]
                    )
                ],
            )
    CHART.write_bytes(chart.render())
