"""Times in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.utils import timezone, translation

from accounts.templatetags.console import moment_text

NOW = datetime(2026, 12, 3, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (NOW, "today 23:30"),
        (NOW + timedelta(minutes=30), "tomorrow 00:00"),
        (NOW - timedelta(hours=23, minutes=31), "yesterday 23:59"),
        (NOW + timedelta(days=2), "5 December 2026 at 23:30"),
    ],
)
def test_a_time_is_said_by_the_day_of_the_reader(value: datetime, words: str) -> None:
    with time_machine.travel(NOW, tick=False):
        assert moment_text(value) == words


def test_the_day_is_that_of_the_readers_zone() -> None:
    with time_machine.travel(NOW, tick=False), timezone.override(ZoneInfo("Europe/Paris")):
        assert moment_text(NOW - timedelta(hours=1)) == "yesterday 23:30"


def test_inside_a_sentence_today_is_left_out() -> None:
    with time_machine.travel(NOW, tick=False):
        assert moment_text(NOW, short=True) == "23:30"


def test_a_month_is_named_in_the_readers_language() -> None:
    with time_machine.travel(NOW, tick=False), translation.override("fr"):
        assert "8 décembre 2026" in moment_text(NOW + timedelta(days=5))


def test_the_exact_time_is_on_hover() -> None:
    with time_machine.travel(NOW, tick=False), timezone.override(ZoneInfo("Europe/Paris")):
        html = Template("{% load console %}{% moment value %}").render(Context({"value": NOW}))
    assert html == '<time datetime="2026-12-04T00:30:00+01:00" title="2026-12-04 00:30:00 CET">today 00:30</time>'


def test_no_time_is_a_dash() -> None:
    assert Template("{% load console %}{% moment value %}").render(Context({"value": None})) == "–"
