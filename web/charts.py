"""Small charts drawn on the server: this module places everything, templates/components/chart_*.html draw it as SVG.

How a page shows one:

    context["use"] = charts.by_month("use", _("Licences in use"), months, [charts.Series(_("In use"), values)])
    context["kinds"] = charts.bars("kinds", _("Devices by kind"), [(_("ChromeOS"), 12), (_("Mobile"), 30)])
    context["seats"] = charts.meter("seats", _("Seats used"), used, seats)

    {% include "components/chart_line.html" with chart=use %}     likewise chart_bars and chart_meter

The first argument begins the ids of the drawing: unique on its page. Every drawing has a title and a description, and
the same numbers as text: a table that unfolds below a line, the rows of bars, the words below a meter
(`bare=True` leaves them out where they stand beside it already). Colours are classes (static/css/charts.css), so that
both themes and the content security policy are kept. Coordinates are whole numbers: Django would write a decimal comma
in French.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import number_format

from accounts.moments import month_text

WIDTH, HEIGHT = 640, 240
# Room for the numbers at the left (more where they are longer, with the largest font of charts.css), for the last label
# at the right, and for the labels below.
LEFT, RIGHT, TOP, BOTTOM = 56, 16, 12, 32
DIGIT = 13
SERIES_AT_MOST, STEPS_AT_MOST = 2, 5
# Hundredths from which on a meter warns that soon nothing is left.
NEARLY_FULL = 90


@dataclass(frozen=True, slots=True)
class Series:
    """One line. values: one for each label; None where there is no number, for example where nothing limits seats."""

    name: str
    values: Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Tick:
    """A number on the axis at the left, at its height."""

    value: int
    y: int


@dataclass(frozen=True, slots=True)
class Label:
    """A label below. minor: left out where the space is narrow."""

    text: str
    x: int
    minor: bool


@dataclass(frozen=True, slots=True)
class Point:
    """A value at its place, with the words of its label."""

    x: int
    y: int
    label: str
    value: int


@dataclass(frozen=True, slots=True)
class Line:
    """A series as it is drawn: pieces of a line, broken where a number is missing, and its points."""

    name: str
    kind: str
    pieces: list[str]
    points: list[Point]


@dataclass(frozen=True, slots=True)
class LineChart:
    """What chart_line.html shows. rows: the same as a table, each a label and a value for each line."""

    slug: str
    title: str
    lines: list[Line]
    ticks: list[Tick]
    labels: list[Label]
    rows: list[tuple[str, list[int | None]]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    label_y: int = HEIGHT - 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar from the left: its label, its value, and its length in hundredths of the longest."""

    label: str
    value: int
    percent: int


@dataclass(frozen=True, slots=True)
class BarChart:
    """What chart_bars.html shows: a table already, so it needs no second one."""

    slug: str
    title: str
    bars: list[Bar]


@dataclass(frozen=True, slots=True)
class Meter:
    """What chart_meter.html shows. total: None where nothing limits the value. level: ok or near, to its end."""

    slug: str
    title: str
    value: int
    total: int | None
    percent: int
    level: str


def line(
    slug: str, title: str, labels: Sequence[str], series: Sequence[Series], *, short_labels: Sequence[str] = ()
) -> LineChart:
    """Place up to two lines over the same labels, in the order of time. short_labels: what stands below the drawing."""
    if len(series) > SERIES_AT_MOST or any(len(one.values) != len(labels) for one in series):
        raise ValueError("a line chart has at most two lines, each with one value for each label")
    step, top = _scale(max((value for one in series for value in one.values if value is not None), default=0))
    left = max(LEFT, 16 + DIGIT * len(number_format(top, force_grouping=True)))
    xs = [_x(number, len(labels), left) for number in range(len(labels))]
    return LineChart(
        slug,
        title,
        [_line(one, number, labels, xs, top) for number, one in enumerate(series, 1)],
        [Tick(value, _y(value, top)) for value in range(0, top + 1, step)],
        [Label(text, xs[i], minor=(len(labels) - 1 - i) % 3 != 0) for i, text in enumerate(short_labels or labels)],
        [(label, [one.values[number] for one in series]) for number, label in enumerate(labels)],
        left=left,
    )


def by_month(slug: str, title: str, months: Sequence[date], series: Sequence[Series]) -> LineChart:
    """Place lines over months, by any day in each."""
    labels, short = [month_text(month) for month in months], [month_text(month, short=True) for month in months]
    return line(slug, title, labels, series, short_labels=short)


def _line(one: Series, number: int, labels: Sequence[str], xs: Sequence[int], top: int) -> Line:
    pieces: list[list[Point]] = [[]]
    for x, label, value in zip(xs, labels, one.values, strict=True):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append(Point(x, _y(value, top), label, value))
    return Line(
        one.name,
        str(number),
        [" ".join(f"{point.x},{point.y}" for point in piece) for piece in pieces if len(piece) > 1],
        [point for piece in pieces for point in piece],
    )


def _scale(largest: int) -> tuple[int, int]:
    """Return the step and the end of an axis of whole numbers: five steps of 1, 2 or 5 times a power of ten at most."""
    power = 1
    while power * 50 < largest:
        power *= 10
    step = next(step for step in (power, 2 * power, 5 * power, 10 * power) if step * STEPS_AT_MOST >= largest)
    return step, max(-(-largest // step), 1) * step


def _x(number: int, count: int, left: int) -> int:
    return left + round((WIDTH - RIGHT - left) * number / max(count - 1, 1))


def _y(value: int, top: int) -> int:
    return HEIGHT - BOTTOM - round((HEIGHT - BOTTOM - TOP) * value / top)


def bars(slug: str, title: str, values: Sequence[tuple[str, int]]) -> BarChart:
    """Place bars from the left, one for each label and value, the longest as long as there is room."""
    largest = max((value for _label, value in values), default=0) or 1
    return BarChart(slug, title, [Bar(label, value, _percent(value, largest)) for label, value in values])


def meter(slug: str, title: str, value: int, total: int | None) -> Meter:
    """Place how much of a whole is used. total: None where nothing limits it."""
    percent = 0 if total is None else _percent(value, total)
    level = "near" if percent >= NEARLY_FULL else "ok"
    return Meter(slug, title, value, total, percent, level)


def _percent(value: int, whole: int) -> int:
    """Return how many hundredths a value is; what is there is never drawn as nothing, nor less than all as all."""
    if not whole or not value:
        return 0
    return 100 if value >= whole else min(max(round(100 * value / whole), 1), 99)
