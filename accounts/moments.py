"""The one way to write days and moments: on pages, in mails, in exports and on paper.

They stand in the reader's language and time zone. Pages say once which zone that is, and have the exact time on hover;
what is read elsewhere names the zone each time. Where clocks are set back an hour comes twice, and its offset is said.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

_SHORT_MONTHS = (
    pgettext_lazy("short month", "Jan"),
    pgettext_lazy("short month", "Feb"),
    pgettext_lazy("short month", "Mar"),
    pgettext_lazy("short month", "Apr"),
    pgettext_lazy("short month", "May"),
    pgettext_lazy("short month", "Jun"),
    pgettext_lazy("short month", "Jul"),
    pgettext_lazy("short month", "Aug"),
    pgettext_lazy("short month", "Sep"),
    pgettext_lazy("short month", "Oct"),
    pgettext_lazy("short month", "Nov"),
    pgettext_lazy("short month", "Dec"),
)
# By how many days they are away from today.
_NEAR = {
    -1: gettext_lazy("yesterday %(time)s"),
    0: gettext_lazy("today %(time)s"),
    1: gettext_lazy("tomorrow %(time)s"),
}
_NEAR_IN_SENTENCES = {
    -1: pgettext_lazy("in a sentence", "%(time)s yesterday"),
    0: pgettext_lazy("in a sentence", "%(time)s today"),
    1: pgettext_lazy("in a sentence", "%(time)s tomorrow"),
}


def day_text(value: date) -> str:
    """Return a day in full: "3 December 2026". value: a date, or an aware moment, of which the reader's day counts."""
    day = _local(value).date() if isinstance(value, datetime) else value
    return _day(day, get_language())


@lru_cache(maxsize=1024)
def _day(day: date, _language: str | None) -> str:
    """Write a day out once for each language: a page has the same ones again and again."""
    if day.day == 1:
        return pgettext("first day of a month", "1 %(month)s") % {"month": date_format(day, "F Y")}
    return date_format(day, "j F Y")


def month_text(value: date, *, short: bool = False) -> str:
    """Return a month: "December 2026"; short: "Dec", for below a drawing."""
    return str(_SHORT_MONTHS[value.month - 1]) if short else date_format(value, "F Y")


def clock_text(value: datetime, *, seconds: bool = False) -> str:
    """Return the time of day, "14:32", with the offset where this hour comes twice."""
    return _clock(_local(value), seconds=seconds)


def _clock(local: datetime, *, seconds: bool = False) -> str:
    text = f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"
    comes_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{text} ({offset_text(local)})" if comes_twice else text


def dated_text(value: datetime, *, sentence: bool = False) -> str:
    """Return day and time: "3 December 2026 at 14:20". sentence: inside one, where some languages need an article."""
    return _dated(_local(value), sentence=sentence)


def _dated(local: datetime, *, sentence: bool) -> str:
    words = {"date": _day(local.date(), get_language()), "time": _clock(local)}
    if sentence:
        return pgettext("in a sentence", "%(date)s at %(time)s") % words
    return _("%(date)s at %(time)s") % words


def moment_text(value: datetime, *, sentence: bool = False, short: bool = False) -> str:
    """Return a moment as one says it now: "today 14:32", "tomorrow 14:20", "3 December 2026 at 14:20".

    sentence: as it stands inside one: "by 14:32 today". short: likewise, and "today" is left out.
    """
    return _moment(_local(value), sentence=sentence, short=short)


def _moment(local: datetime, *, sentence: bool = False, short: bool = False) -> str:
    days = (local.date() - datetime.now(local.tzinfo).date()) // timedelta(days=1)
    if abs(days) > 1:
        return _dated(local, sentence=sentence or short)
    clock = {"time": _clock(local)}
    if days == 0 and short:
        return clock["time"]
    if sentence or short:
        return str(_NEAR_IN_SENTENCES[days] % clock)
    return str(_NEAR[days] % clock)


def exact_text(value: datetime) -> str:
    """Return a moment to the second that can be taken for no other: "2026-12-03 14:32:00 UTC+01:00"."""
    return _exact(_local(value))


def _exact(local: datetime) -> str:
    return f"{local.isoformat(' ', 'seconds')[:19]} {offset_text(local)}"


def zoned_text(value: datetime) -> str:
    """Return a moment for a reader who may be anywhere: "3 December 2026 at 14:20 (Europe/Paris, UTC+01:00)"."""
    words = {"date": day_text(value), "time": f"{_local(value):%H:%M}"}
    return f"{_('%(date)s at %(time)s') % words} ({zone_text(value)})"


def zone_text(value: datetime | None = None) -> str:
    """Return the reader's time zone with the offset it has at a moment, or now: "Europe/Paris, UTC+01:00"."""
    name, offset = timezone.get_current_timezone_name(), offset_text(_local(value or timezone.now()))
    return name if name == offset else f"{name}, {offset}"


def offset_text(local: datetime) -> str:
    """Return "UTC+01:00", or "UTC" where nothing differs."""
    return f"UTC{local.isoformat(timespec='hours')[13:19]}" if local.utcoffset() else "UTC"


def export_text(value: datetime | None) -> str:
    """Return a moment for a file that a program reads: ISO 8601 in the reader's time zone, with its offset."""
    return _local(value).isoformat(timespec="seconds") if value else ""


def three_texts(value: datetime, *, day_only: bool = False) -> tuple[str, str, str]:
    """Return a moment for a program, exact, and as one says it: what a cell of a list needs, at a third of the cost.

    day_only: of one that is not near, the day in short: "3 Dec 2026".
    """
    local = _local(value)
    is_near = abs(local.date() - datetime.now(local.tzinfo).date()) <= timedelta(days=1)
    said = _moment(local) if is_near or not day_only else _short_day(local.date(), get_language())
    return local.isoformat(timespec="seconds"), _exact(local), said


def evidence_texts(value: datetime) -> tuple[str, str, str]:
    """Return the same three of a moment that is kept as evidence: "3 Dec 2026, 14:32:05"."""
    local = _local(value)
    said = f"{_short_day(local.date(), get_language())}, {_clock(local, seconds=True)}"
    return local.isoformat(timespec="seconds"), _exact(local), said


@lru_cache(maxsize=1024)
def _short_day(day: date, _language: str | None) -> str:
    return f"{day.day} {_SHORT_MONTHS[day.month - 1]} {day.year}"


def _local(value: datetime) -> datetime:
    return timezone.localtime(value)


def moment_in_log(value: datetime) -> str:
    """Return a moment for the audit log, which knows no language and no zone but UTC, to the second."""
    return value.astimezone(UTC).replace(microsecond=0).isoformat()


def rfc3339(moment: datetime, precision: Literal["milliseconds", "microseconds"] = "microseconds") -> str:
    """Return a moment in UTC as RFC 3339 writes it, with a Z: for programs."""
    return f"{moment.astimezone(UTC).isoformat(timespec=precision)[: -len('+00:00')]}Z"
