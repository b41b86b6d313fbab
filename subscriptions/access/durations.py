"""How long access is given for (R16), and the words for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# How long an agent is inside at once where that is only when needed (R20).
HOURS: Final = (HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR)
# The choices of R16; None, without an end, stands beside them.
DURATIONS: Final = (8 * HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY)


def duration_text(lasts: timedelta | None) -> str:
    """Return a duration in words: "8 hours", "30 days"; None is "No end"."""
    if lasts is None:
        return _("No end")
    if lasts % DAY:
        hours = round(lasts / HOUR)
        return ngettext("%(number)s hour", "%(number)s hours", hours) % {"number": hours}
    days = lasts // DAY
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}


def fits_into(lasts: timedelta | None, asked: timedelta | None) -> bool:
    """Tell whether a duration is no longer than another; None is without an end."""
    return asked is None or (lasts is not None and lasts <= asked)
