"""How far a console is opened, as the page *Reseller access* asks for it beside the box (R16, R18, R20).

The fields carry the name of their box: `level-12`, `standing-12`, `end-12` and, for an end that is a day, `day-12`. A
form without them asks for nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Final

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.moments import dated_text, moment_text
from subscriptions.access import words
from subscriptions.access.comparison import Key, box_id
from subscriptions.access.durations import DURATIONS, duration_text
from subscriptions.access.errors import EndRefused
from subscriptions.access.extent import Extent
from subscriptions.access.levels import MEANINGS
from subscriptions.access.standing import STANDING_MEANINGS
from subscriptions.access.words import end_words, lasting_words, level_words, standing_words
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing
from web.fields import duration_value

NEVER, DAY = duration_value(None), "day"
_LASTS: Final = MappingProxyType({duration_value(lasts): lasts for lasts in DURATIONS})


@dataclass(frozen=True, slots=True)
class ExtentFields:
    """The fields of one box as they were sent, or as they stand before anybody chose."""

    level: str
    standing: str
    end: str
    day: str = ""

    @classmethod
    def stored(cls, extent: Extent) -> ExtentFields:
        return cls(extent.level, extent.standing, extent.ends_at.isoformat() if extent.ends_at else NEVER)

    @classmethod
    def sent(cls, data: QueryDict, key: Key) -> ExtentFields | None:
        """Return what a form has for a console; None where it has nothing of it."""
        box = box_id(key)
        level, standing, end = (data.get(f"{name}-{box}") for name in ("level", "standing", "end"))
        if level is None or standing is None or end is None:
            return None
        return cls(level, standing, end, data.get(f"day-{box}", ""))

    @classmethod
    def filled(cls, link: QueryDict, key: Key, extent: Extent) -> ExtentFields | None:
        """Return what a link fills in for a console (access/remedies.py); what is no choice stays as it is stored."""
        if link.get("box") != box_id(key):
            return None
        stored, level, end = cls.stored(extent), link.get("level", ""), link.get("end", "")
        level = level if level in Level.values else stored.level
        return cls(level, stored.standing, end if end in _LASTS else stored.end)

    def named(self, key: Key) -> list[tuple[str, str]]:
        """Return the fields with their names, as hidden inputs of a next page have them."""
        values = {"level": self.level, "standing": self.standing, "end": self.end, "day": self.day}
        return [(f"{name}-{box_id(key)}", value) for name, value in values.items()]

    def extent(self, key: Key) -> Extent:
        """Return what was chosen. Raises EndRefused, which names the box, for a level or an end that is none."""
        if self.level not in Level.values:
            raise EndRefused(_("Choose one of the levels."), *key)
        if self.standing not in Standing.values:
            raise EndRefused(_("Choose when the console is open."), *key)
        if self.end == NEVER:
            return Extent(self.level, standing=self.standing)
        if self.end in _LASTS:
            return Extent(self.level, lasts=_LASTS[self.end], standing=self.standing)
        ends_at = end_of_day(self.day) if self.end == DAY else _moment(self.end)
        if ends_at is None and self.end == DAY:
            raise EndRefused(_("Enter the last day of access, for example 2027-11-30."), *key)
        if ends_at is None:
            raise EndRefused(_("Choose one of the ends."), *key)
        return Extent(self.level, ends_at, standing=self.standing)


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a level or an end. words: what it means for the reseller, for the preview; meaning: in general."""

    value: str
    label: Promise | str
    words: Promise | str
    meaning: Promise | str = ""


def level_choices(reseller: str) -> list[Choice]:
    """Return the levels from the widest to the narrowest. reseller: its name."""
    return [Choice(level, level.label, level_words(reseller, level), MEANINGS[level]) for level in reversed(Level)]


def standing_choices(reseller: str) -> list[Choice]:
    """Return when a console is open, from the widest to the narrowest. reseller: its name."""
    return [
        Choice(standing, standing.label, standing_words(reseller, standing), STANDING_MEANINGS[standing])
        for standing in Standing
    ]


def end_choices(reseller: str, ends_at: datetime | None) -> list[Choice]:
    """Return the ends to choose from. ends_at: the one that stands now, which stays where nobody chooses another."""
    standing = []
    if ends_at is not None:
        moment = moment_text(ends_at, sentence=True)
        standing = [Choice(ends_at.isoformat(), dated_text(ends_at), end_words(reseller, moment))]
    lasting = [Choice(name, duration_text(lasts), lasting_words(reseller, lasts)) for name, lasts in _LASTS.items()]
    day = Choice(DAY, _("At the end of a day"), words.day_words(reseller))
    return [Choice(NEVER, duration_text(None), end_words(reseller)), *standing, *lasting, day]


@dataclass(frozen=True, slots=True)
class Narrow:
    """The fields beside a box: as they are shown, as they would be if nobody touched them, and their choices."""

    sent: ExtentFields
    stored: ExtentFields
    levels: list[Choice]
    standings: list[Choice]
    ends: list[Choice]

    @property
    def is_changed(self) -> bool:
        return self.sent != self.stored


def narrow_of(reseller: str, extent: Extent, sent: ExtentFields | None) -> Narrow:
    """Return the fields of a console. sent: as they come back in a form; None: as they are stored."""
    stored = ExtentFields.stored(extent)
    return Narrow(
        sent or stored,
        stored,
        level_choices(reseller),
        standing_choices(reseller),
        end_choices(reseller, extent.ends_at),
    )


def end_of_day(text: str) -> datetime | None:
    """Return the last second of a day in the reader's time zone; None for anything else.

    It is counted back from where the next day begins: clocks may be set in between (R16).
    """
    try:
        day = parse_date(text.strip())
    except ValueError:
        return None
    if day is None or day >= date.max - timedelta(days=2):
        return None
    midnight = datetime.combine(day + timedelta(days=1), time.min, timezone.get_current_timezone())
    return midnight.astimezone(UTC) - timedelta(seconds=1)


def _moment(text: str) -> datetime | None:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and timezone.is_aware(moment) else None
