"""Days and moments in templates: accounts/moments.py says how they are written."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.moments import (
    clock_text,
    dated_text,
    day_text,
    exact_text,
    export_text,
    moment_text,
    zone_text,
    zoned_text,
)
from subscriptions.access.durations import duration_text
from subscriptions.access.levels import level_label
from subscriptions.access.standing import standing_label
from web.browsers import browser_text

register = template.Library()

register.filter("browser", browser_text)
register.filter("day", day_text)
register.filter("duration", duration_text)
register.filter("zoned", zoned_text)
register.filter("dated", dated_text)
register.filter("level_label", level_label)
register.filter("standing_label", standing_label)
register.simple_tag(zone_text, name="zone")


@register.simple_tag
def zoned_now() -> str:
    """Say when a page was made, for who reads it on paper."""
    return zoned_text(timezone.now())


@register.simple_tag
def moment(value: datetime | None, *, sentence: bool = False, short: bool = False) -> SafeString | str:
    """Show a time in words, with the exact one on hover and on paper; a dash where there is none."""
    if value is None:
        return "–"
    return _time(value, moment_text(value, sentence=sentence, short=short))


@register.simple_tag
def exact_moment(value: datetime) -> SafeString:
    """Show day and time to the second, one below the other: for the tables that are kept as evidence."""
    clock = format_html('<span class="table__sub">{}</span>', clock_text(value, seconds=True))
    return _time(value, format_html("{}{}", day_text(value), clock))


def _time(value: datetime, text: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', export_text(value), exact_text(value), text)
