"""Times in the words that people use, in their own language and time zone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


def moment_text(value: datetime, *, short: bool = False) -> str:
    """Return a time as one says it: "today 14:32", "tomorrow 14:20", "3 December 2026 at 14:20".

    short: leave "today" out, for sentences such as "until about 14:32".
    """
    local = timezone.localtime(value)
    time = date_format(local, "H:i")
    days = (local.date() - timezone.localdate()) // timedelta(days=1)
    if days == 0:
        return time if short else _("today %(time)s") % {"time": time}
    if days == 1:
        return _("tomorrow %(time)s") % {"time": time}
    if days == -1:
        return _("yesterday %(time)s") % {"time": time}
    return _("%(date)s at %(time)s") % {"date": date_format(local, "j F Y"), "time": time}


@register.simple_tag
def moment(value: datetime | None, *, short: bool = False) -> SafeString | str:
    """Show a time in words, with the exact time on hover; a dash where there is none."""
    if value is None:
        return "–"
    local = timezone.localtime(value)
    exact = date_format(local, "Y-m-d H:i:s T")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', local.isoformat(), exact, moment_text(value, short=short)
    )
