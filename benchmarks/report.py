"""Medians of what was measured, as the table and the chart of docs/performance.md."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

import pygal

from benchmarks.contenders import ALL, FIRST_VERSION, STOCK_SHELL, THIS_SHELL
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

LIST = "GetTrafficMirroring"
_OTHERS = (FIRST_VERSION, STOCK_SHELL)
_FAILS = "fails"
_COMPARED = f"{THIS_SHELL} | {FIRST_VERSION} | ratio | {STOCK_SHELL} | ratio |"
_FIVE = "--- | --- | --- | --- | --- |"


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
    for at in (latency, 0.0):
        for command in ("Create", "Remove"):
            yield f"### {command}, {at * 1000:.0f} ms per call\n"
            yield f"| (mirrors, rules) | {_COMPARED}"
            yield f"| --- | {_FIVE}"
            for case in cases:
                keys = [Key(f"{command} seconds", each, case, at) for each in ALL]
                yield f"| {case} | {_row([measurements[key] for key in keys])}"
            yield ""
    yield "### Calls\n"
    names = " | ".join(
        f"{command}, {shell}" for command in ("create", "remove") for shell in ALL
    )
    yield f"| (mirrors, rules) | {names} |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    for case in cases:
        counts = [
            measurements[Key(f"{command} calls", shell, case, latency)]
            for command in ("Create", "Remove")
            for shell in ALL
        ]
        calls = [f"{median(each):.0f}" if each else _FAILS for each in counts]
        yield f"| {case} | {' | '.join(calls)} |"
    yield "\n### Processor milliseconds per call to create, 0 ms per call\n"
    yield f"| (mirrors, rules) | {_COMPARED}"
    yield f"| --- | {_FIVE}"
    for case in cases:
        yield f"| {case} | {_row([_per_call(measurements, it, case) for it in ALL])}"
    yield ""
    yield from _processes(measurements)
    yield from _listed(measurements)
    yield from _throttled(measurements)
    yield from _limits(measurements)


def _processes(measurements: Measurements) -> Iterator[str]:
    yield "### Start, first answer and memory\n"
    yield f"| | {_COMPARED}"
    yield f"| --- | {_FIVE}"
    for title, what in (
        ("new process until an EC2 client is ready, s", "client"),
        ("new process until all clients of a command are ready, s", "clients"),
        ("first answer of a new driver, s", "first answer"),
        ("the same request to a warm driver, s", "warm answer"),
        ("processor time of that request, s", "warm processor"),
        ("peak memory, MB", "peak"),
    ):
        yield f"| {title} | {_row([measurements[Key(what, each)] for each in ALL])}"


def _listed(measurements: Measurements) -> Iterator[str]:
    yield f"\n### {LIST}, 50 ms per call\n"
    yield "| mirrors | seconds | calls |"
    yield "| --- | --- | --- |"
    for key, seconds in list(measurements.items()):
        if key.metric == f"{LIST} seconds" and key.case:
            calls = measurements[key._replace(metric=f"{LIST} calls")]
            yield f"| {key.case.mirrors} | {_spread(seconds)} | {median(calls):.0f} |"


def _throttled(measurements: Measurements) -> Iterator[str]:
    """Yield the section about EC2's rate limits, if they were measured."""
    if Key("one process", THIS_SHELL) not in measurements:
        return
    yield "\n### Throttled by EC2\n"
    yield f"| | {' | '.join(ALL)} | by the limits alone |"
    yield "| --- | --- | --- | --- | --- |"
    for title, what in (
        ("(100, 3), s", "one process"),
        ("twice (50, 3) in two processes, s", "two processes"),
    ):
        found = [measurements[Key(what, each)] for each in ALL]
        (alone,) = measurements[Key(f"{what} alone", THIS_SHELL)]
        seconds = [_spread(each) if each else "" for each in found]
        yield f"| {title} | {' | '.join(seconds)} | {alone:.1f} |"
        calls = [measurements[Key(f"{what} throttled calls", it)] for it in ALL]
        counts = [f"{median(each):.0f}" if each else "" for each in calls]
        yield f"| throttled calls of these | {' | '.join(counts)} | |"
    beside = [measurements[Key("neighbour", each)] for each in ALL]
    seconds = [_spread(each) if each else "" for each in beside]
    yield f"| another sandbox's (1, 1) beside (100, 3), s | {' | '.join(seconds)} | |"


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


def _row(found: Sequence[Sequence[float]]) -> str:
    """Return the cells of this shell's values, and of each other's with its ratio."""
    ours, *others = found
    cells = [_spread(ours)]
    for values in others:
        cells += (
            [_spread(values), f"{_ratio(ours, values):.2f}"]
            if values
            else [
                _FAILS,
                "",
            ]
        )
    return f"{' | '.join(cells)} |"


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
        for shell in ALL:
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
