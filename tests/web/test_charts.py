"""Charts drawn on the server: where things stand, and that a page reads them without seeing them."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from web import charts
from web.charts import Series

MONTHS = ["January", "February", "March"]


def drawn(kind: str, chart: object) -> str:
    return render_to_string(f"components/chart_{kind}.html", {"chart": chart})


def test_a_line_stands_where_its_numbers_say() -> None:
    chart = charts.line("use", "Use", MONTHS, [Series("In use", [0, 5, 10])])
    [line] = chart.lines
    assert [(point.x, point.value) for point in line.points] == [(56, 0), (340, 5), (624, 10)]
    bottom, middle, top = (point.y for point in line.points)
    assert bottom - middle == middle - top > 0
    assert [tick.value for tick in chart.ticks] == [0, 2, 4, 6, 8, 10]


def test_longer_numbers_have_more_room_at_the_left() -> None:
    small, large = (charts.line("use", "Use", MONTHS, [Series("In use", [0, 5, n])]) for n in (10, 12_345))
    assert large.left > small.left
    assert [chart.lines[0].points[0].x for chart in (small, large)] == [small.left, large.left]


@pytest.mark.parametrize(
    ("largest", "ticks"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (49, [0, 10, 20, 30, 40, 50]),
        (12_345, [0, 5_000, 10_000, 15_000]),
    ],
)
def test_an_axis_has_few_round_numbers(largest: int, ticks: list[int]) -> None:
    chart = charts.line("use", "Use", ["now"], [Series("In use", [largest])])
    assert [tick.value for tick in chart.ticks] == ticks


def test_a_line_is_broken_where_there_is_no_number() -> None:
    months = [*MONTHS, "April", "May"]
    chart = charts.line("use", "Use", months, [Series("Seats", [4, 5, None, 6, 7])])
    assert len(chart.lines[0].pieces) == 2
    assert chart.rows[2] == ("March", [None])


def test_a_third_line_or_a_missing_value_is_refused() -> None:
    with pytest.raises(ValueError, match="at most two lines"):
        charts.line("use", "Use", MONTHS, [Series("A", [1, 2, 3])] * 3)
    with pytest.raises(ValueError, match="one value for each label"):
        charts.line("use", "Use", MONTHS, [Series("A", [1, 2])])


def test_a_meter_is_full_at_the_end_only_and_never_empty_with_something_in_it() -> None:
    percents = [charts.meter("m", "Seats", used, 1_000).percent for used in (0, 1, 500, 999, 1_000, 1_001)]
    assert percents == [0, 1, 50, 99, 100, 100]
    assert charts.meter("m", "Seats", 7, None).percent == 0
    assert charts.meter("m", "Seats", 0, 0).percent == 0


@pytest.mark.parametrize(
    ("kind", "chart"),
    [
        ("line", charts.line("x", "Use & more", MONTHS, [Series("<In use>", [0, 5_000, 12_345])])),
        ("bars", charts.bars("x", "Use & more", [("<In use>", 12_345), ("Other", 5_000)])),
        ("meter", charts.meter("x", "Use & more", 12_345, 50_000)),
    ],
)
def test_every_chart_says_its_numbers_as_text_and_keeps_the_content_policy(kind: str, chart: object) -> None:
    """No style, no script; names are escaped; numbers are words of the language, coordinates are not."""
    with translation.override("fr"):
        html = drawn(kind, chart)
    assert "style=" not in html
    assert "<script" not in html
    assert "<In use>" not in html
    assert "Use &amp; more" in html
    assert re.search("12\N{NO-BREAK SPACE}345|12\N{NARROW NO-BREAK SPACE}345", html)
    for attribute in re.findall(r' (?:x|y|cx|cy|width|height|stroke-dasharray|points|viewBox)="([^"]*)"', html):
        assert re.fullmatch(r"[-0-9 ,]*", attribute), attribute
    if kind != "bars":
        assert 'role="img" aria-labelledby="x-title x-desc"' in html
        assert '<title id="x-title">' in html
        assert '<desc id="x-desc">' in html
