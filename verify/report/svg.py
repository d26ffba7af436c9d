"""Charts as inline SVG: places in percent, heights in pixels, so that text keeps its size on phones."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from generator.common.sanitize import one_line

_LINE, _BAR, _GAP, _BETWEEN = 18, 8, 3, 12
_HISTOGRAM = 120
MAX_ROWS = 30
"""How many rows a chart draws."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled row: what is said at its right end, and its bars as lists of (class, amount)."""

    label: str
    value: str
    bars: Sequence[Sequence[tuple[str, float]]]
    """Parts of one bar follow each other."""


@dataclass(frozen=True, slots=True)
class Chart:
    """What a page shows of one chart; without `svg` there is only the sentence `note`."""

    title: str
    note: str = ""
    svg: str = ""
    legend: Sequence[tuple[str, str]] = ()
    """Class and meaning of every sort of bar."""
    columns: Sequence[str] = ()
    numbers: Sequence[Sequence[str]] = ()
    """The same as a table."""


def nice_top(most: float, *, whole: bool = False) -> tuple[float, int]:
    """The end of an axis that holds `most`, and how many steps it has, in numbers that people like."""
    most = max(most, 1 if whole else 1e-6)
    size = 10.0 ** math.floor(math.log10(most / 4))
    steps = [factor * size for factor in (1, 2, 5, 10)]
    step = next(each for each in steps if most <= each * 5)
    if whole:
        step = max(1.0, step)
    count = max(1, math.ceil(most / step - 1e-9))
    return step * count, count


def compact(value: float) -> str:
    """A number in at most five signs: `1.2k`, `3.4M`, `0.25`."""
    for least, factor, sign in (
        (1e12, 1e12, "T"),
        (1e9, 1e9, "G"),
        (1e6, 1e6, "M"),
        (1e4, 1e3, "k"),
    ):
        if value >= least:
            return f"{value / factor:.3g}{sign}"
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.2g}"


def bars(
    rows: Sequence[Row], *, axis: str, described: str, top: float, steps: int,
    marks: Sequence[float] = (), unit: str = "",
) -> str:  # fmt: skip
    """Rows of horizontal bars over an axis from 0 to `top`; `marks` are lines through the first, second … bar of every row."""
    shown = rows[:MAX_ROWS]
    heights = [_LINE + len(row.bars) * (_BAR + _GAP) + _BETWEEN for row in shown]
    bottom = sum(heights)
    parts = [_axis(bottom, axis, top, steps, unit)]
    at = 0
    for row, height in zip(shown, heights, strict=True):
        parts += _row(row, at, top)
        parts += [
            _mark(_percent(amount, top), at + _LINE + number * (_BAR + _GAP))
            for number, amount in enumerate(marks)
        ]
        at += height
    return _svg(parts, bottom + 40, described)


def _row(row: Row, at: int, top: float) -> Iterator[str]:
    # A nested svg cuts off a label that would run into the value; the table has all of it.
    label, value = escape(one_line(row.label, 60)), escape(row.value)
    yield f'<svg y="{at}" width="{100 - _room(row.value)}%" height="{_LINE}"><text y="13">{label}</text></svg>'
    yield f'<text class="number" x="100%" y="{at + 13}" text-anchor="end">{value}</text>'
    for number, bar in enumerate(row.bars):
        y = at + _LINE + number * (_BAR + _GAP)
        yield f'<rect class="track" y="{y}" width="100%" height="{_BAR}" rx="2"/>'
        begin = 0.0
        for name, amount in bar:
            width = _percent(min(amount, top - begin), top)
            place = f'x="{_percent(begin, top)}" y="{y}" width="{width}"'
            yield f'<rect class="{name}" {place} height="{_BAR}" rx="2"/>'
            begin += amount


def _mark(x: str, y: int) -> str:
    return f'<line class="mark" x1="{x}" x2="{x}" y1="{y - 1}" y2="{y + _BAR + 1}"/>'


def _room(value: str) -> int:
    """How much of a phone's width the value needs, in percent."""
    return min(75, 4 + round(len(value) * 2.5))


def _axis(bottom: int, axis: str, top: float, steps: int, unit: str) -> str:
    text = ""
    for step in range(steps + 1):
        x = _percent(step, steps)
        anchor = {0: "start", steps: "end"}.get(step, "middle")
        label = escape(compact(top * step / steps) + unit)
        text += f'<line class="grid" x1="{x}" x2="{x}" y1="0" y2="{bottom}"/>'
        text += (
            f'<text class="tick" x="{x}" y="{bottom + 15}" text-anchor="{anchor}">{label}</text>'
        )
    return text + _axis_name(bottom, axis)


def _axis_name(bottom: int, axis: str) -> str:
    return (
        f'<text class="axis" x="50%" y="{bottom + 33}" text-anchor="middle">{escape(axis)}</text>'
    )


def histogram(edges: Sequence[float], counts: Sequence[int], *, axis: str, described: str) -> str:
    """Upright bars, one between every two edges."""
    top, steps = nice_top(max(counts), whole=True)
    parts = []
    for step in range(steps + 1):
        y = _HISTOGRAM + 8 - round(_HISTOGRAM * step / steps)
        parts.append(f'<line class="grid" x1="0" x2="100%" y1="{y}" y2="{y}"/>')
    width = 100 / len(counts)
    for number, count in enumerate(counts):
        height = round(_HISTOGRAM * count / top, 1)
        parts.append(
            f'<rect class="a" x="{number * width + width * 0.06:.2f}%" y="{_HISTOGRAM + 8 - height}"'
            f' width="{width * 0.88:.2f}%" height="{height}" rx="1"/>'
        )
    parts.append(f'<text class="tick" x="0" y="20">{compact(top)} records</text>')
    every = -(-len(edges) // 7)
    for number, edge in enumerate(edges):
        if number % every == 0:
            anchor = {0: "start", len(counts): "end"}.get(number, "middle")
            place = f'x="{number * width:.2f}%" y="{_HISTOGRAM + 23}" text-anchor="{anchor}"'
            parts.append(f'<text class="tick" {place}>{compact(edge)}</text>')
    parts.append(_axis_name(_HISTOGRAM + 8, axis))
    return _svg(parts, _HISTOGRAM + 48, described)


def _svg(parts: Sequence[str], height: int, described: str) -> str:
    label = escape(described)
    return f'<svg role="img" aria-label="{label}" width="100%" height="{height}">{"".join(parts)}</svg>'


def _percent(amount: float, top: float) -> str:
    return f"{max(0.0, min(100.0, 100 * amount / top)):.2f}%"
