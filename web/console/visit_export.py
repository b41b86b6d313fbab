"""One visit as CSV: coming in, what was opened and changed, and the end, in the order of time (R23)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from heapq import merge

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import keyset
from accounts.audit_log import batches
from accounts.console_sessions.opened import events_about, opened_during
from accounts.models import AuditEvent, ConsoleSession, OpenedPage
from accounts.moments import export_text
from web.audit.lines import customer_line
from web.console.page_words import opened_line

# Rows of each kind read from the database at once while an export is on its way.
EXPORT_BATCH = 1000
Row = tuple[datetime, AuditEvent | OpenedPage]


def rows_of(visit: ConsoleSession, language: str, zone: tzinfo) -> Iterator[list[str]]:
    """The response is read after the middleware has put language and time zone back, so each row brings its own."""
    with translation.override(language):
        titles = _titles()
    yield titles
    machine = visit.client.name if visit.client else ""
    for at, row in merge(_events(visit), _opened(visit), key=lambda found: found[0]):
        with translation.override(language), timezone.override(zone):
            cells = _event_cells(row) if isinstance(row, AuditEvent) else _opened_cells(row)
            moment = export_text(at)
            agent = [visit.agent.name, visit.agent.email, visit.reseller.name]
        yield [str(visit.pk), *agent, visit.reason, visit.case_number, moment, *cells, machine]


def _events(visit: ConsoleSession) -> Iterator[Row]:
    for batch in batches(events_about(visit), EXPORT_BATCH, newest_first=False):
        yield from ((event.at, event) for event in batch)


def _opened(visit: ConsoleSession) -> Iterator[Row]:
    for batch in keyset.batches(opened_during(visit), EXPORT_BATCH, newest_first=False):
        yield from ((row.first_at, row) for row in batch)


def _titles() -> list[str]:
    return [
        _("Visit"),
        _("Agent"),
        _("E-mail address"),
        _("Works for"),
        _("Reason"),
        _("Case number"),
        _("Time"),
        _("What happened"),
        _("Page or event"),
        _("About"),
        _("Filter or change"),
        _("Rows shown"),
        _("Times opened"),
        _("Last opened"),
        _("Actor"),
        _("IP address"),
        _("Machine"),
    ]


def _event_cells(event: AuditEvent) -> list[str]:
    line = customer_line(event)
    change = "; ".join(str(difference) for difference in line.differences)
    return [_("Event"), line.event, line.subject, change, "", "", "", line.actor, line.ip_address]


def _opened_cells(row: OpenedPage) -> list[str]:
    line = opened_line(row)
    rows = "" if row.rows is None else str(row.rows)
    return [_("Opened"), line.page, row.title, line.asked, rows, str(row.times), export_text(row.last_at), "", ""]
