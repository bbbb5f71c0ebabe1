"""
The chart of a soak: memory, threads and open files of both processes over time.

Owns: the SVG. Must not know: how the figures were measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from reliability.soak_run import RESOURCES, Sample

_WIDTH, _HEIGHT = 720, 150
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 16, 34, 24
_COLORS = ("#0b69c7", "#d97706")


@dataclass(frozen=True)
class _Panel:
    title: str
    value: Callable[[Sample], float]


_PANELS = (
    _Panel("Memory, MB", lambda sample: sample.usage.megabytes),
    _Panel("Threads", lambda sample: sample.usage.threads),
    _Panel("Open files and sockets", lambda sample: sample.usage.files),
)


def draw(samples: Sequence[Sample], title: str, path: Path) -> None:
    """Write the chart to a file, whose folder is created."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(_lines(samples, title)) + "\n")


def _lines(samples: Sequence[Sample], title: str) -> Iterator[str]:
    height = 30 + len(_PANELS) * _HEIGHT
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" '
        'font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#1f2933">'
    )
    yield f"<title>{escape(title)}</title>"
    yield f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
    for number, (resource, color) in enumerate(zip(RESOURCES, _COLORS)):
        x = _LEFT + 160 * number
        yield f'<path d="M{x} 15h22" stroke="{color}" stroke-width="2"/>'
        yield f'<text x="{x + 28}" y="19">driver of {escape(resource)}</text>'
    for number, panel in enumerate(_PANELS):
        yield f'<g transform="translate(0 {24 + number * _HEIGHT})">'
        yield from _panel(panel, samples)
        yield "</g>"
    yield "</svg>"


def _panel(panel: _Panel, samples: Sequence[Sample]) -> Iterator[str]:
    highest = 1.1 * max(map(panel.value, samples))
    end = max(sample.seconds for sample in samples)
    bottom = _HEIGHT - _BOTTOM

    def x(seconds: float) -> float:
        return _LEFT + seconds / end * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return bottom - value / highest * (bottom - _TOP)

    yield f'<text x="{_LEFT}" y="{_TOP - 12}" font-weight="bold">{panel.title}</text>'
    for value in (0, highest / 2.2, highest / 1.1):
        yield f'<path d="M{_LEFT} {y(value):.1f}H{_WIDTH - _RIGHT}" stroke="#d3dae2"/>'
        yield (
            f'<text x="{_LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">'
            f"{value:.0f}</text>"
        )
    minutes = end / 60
    for tick, anchor in enumerate(("start", "middle", "middle", "middle", "end")):
        yield (
            f'<text x="{x(end * tick / 4):.1f}" y="{bottom + 16}" '
            f'text-anchor="{anchor}">'
            f"{minutes * tick / 4:.1f} min</text>"
        )
    for resource, color in zip(RESOURCES, _COLORS):
        points = " ".join(
            f"{x(sample.seconds):.1f},{y(panel.value(sample)):.1f}"
            for sample in samples
            if sample.resource == resource
        )
        yield f'<polyline points="{points}" fill="none" stroke="{color}"/>'
