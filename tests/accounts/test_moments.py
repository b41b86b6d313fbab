"""Days and moments: written in one way everywhere, and none can be read as another."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import pytest
import time_machine
from django.conf import settings
from django.template import Context, Template
from django.utils import timezone, translation

from accounts.moments import (
    clock_text,
    day_text,
    exact_text,
    export_text,
    moment_text,
    month_text,
    zone_text,
    zoned_text,
)
from accounts.time_zones import REGIONS, names, zone_choices, zone_of

NOW = datetime(2026, 12, 3, 23, 30, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


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
    with time_machine.travel(NOW, tick=False), timezone.override(PARIS):
        assert moment_text(NOW - timedelta(hours=1)) == "yesterday 23:30"
        assert day_text(NOW) == "4 December 2026"


def test_inside_a_sentence_today_is_left_out() -> None:
    with time_machine.travel(NOW, tick=False):
        assert moment_text(NOW, short=True) == "23:30"


def test_french_writes_days_and_months_as_the_french_do() -> None:
    with time_machine.travel(NOW, tick=False), translation.override("fr"):
        assert moment_text(NOW + timedelta(days=5)) == "8 décembre 2026 à 23:30"
        assert moment_text(NOW + timedelta(days=5), sentence=True) == "le 8 décembre 2026 à 23:30"
        assert day_text(date(2027, 3, 1)) == "1er mars 2027"
        months = [month_text(date(2026, number, 1), short=True) for number in range(1, 13)]
    assert months == ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]


def test_the_hour_that_comes_twice_names_its_offset() -> None:
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    with timezone.override(PARIS):
        assert [clock_text(first), clock_text(second)] == ["02:30 (UTC+02:00)", "02:30 (UTC+01:00)"]
        assert clock_text(second + timedelta(hours=1)) == "03:30"
        with time_machine.travel(first, tick=False):
            assert moment_text(second) == "today 02:30 (UTC+01:00)"


def test_the_exact_time_is_on_hover() -> None:
    with time_machine.travel(NOW, tick=False), timezone.override(PARIS):
        html = Template("{% load console %}{% moment value %}").render(Context({"value": NOW}))
    assert html == '<time datetime="2026-12-04T00:30:00+01:00" title="2026-12-04 00:30:00 UTC+01:00">today 00:30</time>'


def test_no_time_is_a_dash() -> None:
    assert Template("{% load console %}{% moment value %}").render(Context({"value": None})) == "–"


def test_what_is_read_elsewhere_names_the_zone() -> None:
    with timezone.override(PARIS):
        assert zoned_text(NOW) == "4 December 2026 at 00:30 (Europe/Paris, UTC+01:00)"
        assert zoned_text(NOW - timedelta(days=180)) == "7 June 2026 at 01:30 (Europe/Paris, UTC+02:00)"
        assert export_text(NOW) == "2026-12-04T00:30:00+01:00"
    assert zoned_text(NOW) == "3 December 2026 at 23:30 (UTC)"
    assert zone_text() == exact_text(NOW).split()[-1] == "UTC"
    assert export_text(None) == ""


def test_two_moments_are_never_written_alike() -> None:
    """Each of the 48 half hours around the end of summer time has a text of its own, no matter where it is written."""
    start = datetime(2026, 10, 24, 12, tzinfo=UTC)
    moments = [start + timedelta(minutes=30 * step) for step in range(48)]
    for zone in ("Europe/Paris", "America/St_Johns", "Australia/Lord_Howe", "UTC"):
        with timezone.override(zone_of(zone)), time_machine.travel(start, tick=False):
            for write in (moment_text, exact_text, export_text, zoned_text):
                assert len({write(moment) for moment in moments}) == len(moments), (zone, write)


# --- One way ------------------------------------------------------------------------------------------------

ROOT = Path(settings.BASE_DIR)
PACKAGES = ("accounts", "subscriptions", "support", "jobs", "web", "api", "demo", "reseller_console")
# The month in which a card expires, as it stands on the card.
DATES_IN_TEMPLATES = {'templates/console/billing.html: |date:"m/Y"'}


def test_templates_write_moments_in_one_way() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}: {written}"
        for path in (ROOT / "templates").rglob("*.*")
        for written in re.findall(r"\|(?:date|time)\b(?::[^\s%}|]+)?|{% now\b", path.read_text(encoding="utf-8"))
    }
    assert found == DATES_IN_TEMPLATES


def test_code_writes_moments_in_one_way() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if re.search(
            r"\bdate_format\b|isoformat\(timespec|humanize.*natural(time|day)", path.read_text(encoding="utf-8")
        )
    }
    # For programs: the lines of the log, and what a seal signs.
    assert found == {"accounts/moments.py", "reseller_console/log_lines.py", "accounts/seals/statements.py"}


# --- Zones --------------------------------------------------------------------------------------------------


def test_the_list_of_zones_has_no_dead_name_and_every_one_is_in_a_region() -> None:
    dead = {"Africa/Asmera", "Africa/Timbuktu", "America/Buenos_Aires", "Asia/Calcutta", "Europe/Kiev"}
    assert dead <= available_timezones()
    assert not dead & set(names())
    assert {"Africa/Asmara", "Asia/Kolkata", "Europe/Kyiv", "Europe/Oslo"} <= set(names())
    assert {name.partition("/")[0] for name in names()} == set(REGIONS)
    assert set(names()) <= available_timezones()


def test_zones_stand_in_their_regions_and_a_stored_dead_name_stays() -> None:
    with translation.override("fr"):
        utc, africa, america, *rest = zone_choices()
    assert (utc, africa[0], rest[-1][0]) == (("UTC", "UTC"), "Afrique", "Océan Pacifique")
    assert ("America/Argentina/Buenos_Aires", "Argentina, Buenos Aires") in america[1]
    assert zone_choices("Africa/Asmera")[0] == ("Africa/Asmera", "Africa/Asmera")
    assert len(zone_choices("Europe/Paris")) == len(zone_choices())
    assert zone_of("Africa/Asmera").key == "Africa/Asmera"
    assert zone_of("No/Where").key == settings.TIME_ZONE
