"""A review as CSV: every line with what was decided, in the order of its page (R22)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import keyset
from accounts.moments import export_text
from subscriptions.access.levels import level_label
from subscriptions.models import Review
from subscriptions.reviews.scope import lines_of
from web.reviews.rows import Row, rows_of

# Lines read from the database at once while an export is on its way.
EXPORT_BATCH = 1000


def csv_rows(review: Review, language: str, zone: tzinfo) -> Iterator[list[str]]:
    """The response is read after the middleware has put language and time zone back, so each row brings its own."""
    with translation.override(language):
        titles = _titles()
    yield titles
    for batch in keyset.batches(lines_of(review), EXPORT_BATCH, newest_first=False):
        with translation.override(language), timezone.override(zone):
            cells = [_cells(review, row) for row in rows_of(review, batch)]
        yield from cells


def _titles() -> list[str]:
    return [
        _("Review"),
        _("Begun"),
        _("Deadline"),
        _("Finished"),
        _("Finished by"),
        pgettext("in a review", "Who"),
        _("E-mail address"),
        _("Type"),
        _("What"),
        _("Domain"),
        _("Level"),
        _("Ends"),
        _("Last used"),
        _("Visits"),
        _("Changes"),
        _("Decision"),
        _("Level after it"),
        _("End after it"),
        _("Note"),
        _("Decided by"),
        _("Decided"),
    ]


def _cells(review: Review, row: Row) -> list[str]:
    line, facts = row.line, row.facts
    return [
        str(review.pk),
        export_text(review.began_at),
        export_text(review.deadline),
        _moment(review.finished_at),
        review.finished_by_email,
        line.who,
        line.who_address,
        str(line.get_kind_display()),
        line.what,
        line.what_domain,
        level_label(facts.level) if facts.level else "",
        _moment(facts.ends_at),
        _moment(facts.last_used_at),
        str(facts.visits),
        str(facts.changes),
        str(line.get_decision_display()) if line.decision else _("Undecided"),
        level_label(line.new_level) if line.new_level else "",
        _moment(line.new_ends_at),
        line.note,
        line.decided_by_email,
        _moment(line.decided_at),
    ]


def _moment(value: datetime | None) -> str:
    return export_text(value) if value else ""
