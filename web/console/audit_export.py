"""The audit log as CSV: any number of events, in constant memory, for as long as the reader may read them (A4, P8)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import tzinfo
from typing import Final

from django.contrib.auth import get_user
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.audit_log import batches
from accounts.authorisation import permissions_on
from accounts.console_sessions.browser_sessions import SessionStore
from accounts.factors import is_locked_out
from accounts.models import AuditEvent
from accounts.moments import export_text
from accounts.permissions import Permission
from accounts.proof import BY_PROVIDER
from web.audit.lines import Line, customer_line
from web.middleware import is_over
from web.requests import ConsoleRequest

# Events read from the database at once while an export is on its way.
EXPORT_BATCH: Final = 1000
# Seconds after which the right is asked for again: an export of millions outlives a role that is taken away.
ASK_AGAIN_AFTER: float = 10.0


def export_rows(
    events: QuerySet[AuditEvent], language: str, zone: tzinfo, may_still: Callable[[], bool]
) -> Iterator[list[str]]:
    """Yield the titles and one row for each event, and a last one that says so where the right is gone meanwhile.

    The response is read after the middleware has put language and time zone back, so each batch brings its own.
    Between two batches no statement runs and no transaction is open, however slowly someone reads.
    """
    with translation.override(language):
        titles = _titles()
        gone = _("The export ends here, events are missing: you are signed out or may not read the audit log any more.")
    yield titles
    asked_at = time.monotonic()
    for batch in batches(events, EXPORT_BATCH):
        with translation.override(language), timezone.override(zone):
            rows = [_row(customer_line(event)) for event in batch]
        for row in rows:
            if time.monotonic() - asked_at >= ASK_AGAIN_AFTER:
                if not may_still():
                    yield [gone]
                    return
                asked_at = time.monotonic()
            yield row


def may_still_read(request: ConsoleRequest) -> Callable[[], bool]:
    """Return the question whether this reader may read the log now, as the guard asks it of each request (P8, R14).

    Their session, the person, their role: all as the database has them at that moment. An agent never may.
    """
    key, customer = request.session.session_key, request.customer

    def may_still() -> bool:
        asking = HttpRequest()
        asking.session = SessionStore(key)
        person = get_user(asking)
        if not person.is_authenticated or is_over(asking.session):
            return False
        if person.must_change_password and BY_PROVIDER not in asking.session:
            return False
        if is_locked_out(person):
            return False
        return person.customer_id == customer.pk and Permission.VIEW_AUDIT_LOG in permissions_on(person, customer)

    return may_still


def _titles() -> list[str]:
    return [
        _("Time"),
        _("Event"),
        _("Event name"),
        _("Actor"),
        _("Organisation"),
        _("From outside"),
        _("On behalf of"),
        _("About"),
        _("Change"),
        _("IP address"),
        _("Visit"),
        _("Activation"),
        _("Machine"),
    ]


def _row(line: Line) -> list[str]:
    return [
        export_text(line.at),
        line.code,
        line.event,
        line.actor,
        line.organisation,
        line.outside,
        line.on_behalf_of,
        line.subject,
        "; ".join(str(difference) for difference in line.differences),
        line.ip_address,
        str(line.visit or ""),
        str(line.activation or ""),
        line.machine,
    ]
