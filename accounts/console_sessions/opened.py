"""What external users open during a visit, written down before they see it (R23)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum

from accounts.models import AuditEvent, ConsoleSession, Job, OpenedPage
from accounts.models.event_names import EventName

# One statement, without the model: it stands on every page that an agent opens.
_WRITE = """
    INSERT INTO accounts_openedpage AS known
        (console_session_id, page, path, title, filter, filter_digest, times, rows, first_at, last_at)
    VALUES (%(visit)s, %(page)s, %(path)s, left(coalesce(({title}), ''), 300), %(filter)s, %(digest)s, 1, %(rows)s,
        statement_timestamp(), statement_timestamp())
    ON CONFLICT (console_session_id, path, filter_digest) DO
"""
_AGAIN = "UPDATE SET times = known.times + 1, rows = known.rows + excluded.rows, last_at = excluded.last_at"
# Coming in and going out frame a visit; they are none of its changes.
_FRAME = (EventName.RESELLER_CONSOLE_ENTERED, EventName.RESELLER_CONSOLE_LEFT)


@dataclass(frozen=True, slots=True)
class Opened:
    """A page as it was opened.

    page: the name of its URL. path: where it lies below the console's own. filter: its query string.
    rows: how many rows of a list it shows; None for what is no list.
    title: a SELECT of what its object is called, from the values in `about`.
    """

    page: str
    path: str
    filter: str = ""
    rows: int | None = None
    title: str = "NULL"
    about: dict[str, Any] | None = None


def note_opened(visit_id: int, opened: Opened, *, counts: bool = True) -> None:
    """Write down what is opened during a visit; the same page again counts up.

    counts: not where a page asks by itself: then only what does not stand there yet is written.
    """
    statement = _WRITE.format(title=opened.title) + (_AGAIN if counts else "NOTHING")
    values = {
        **(opened.about or {}),
        "visit": visit_id,
        "page": opened.page,
        "path": opened.path,
        "filter": opened.filter,
        "digest": sha256(opened.filter.encode()).hexdigest(),
        "rows": opened.rows,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def opened_during(visit: ConsoleSession) -> QuerySet[OpenedPage]:
    """Return what was opened during a visit."""
    return OpenedPage.objects.filter(console_session=visit)


def changes_during(visit: ConsoleSession) -> QuerySet[AuditEvent]:
    """Return what its agent did during a visit, also by files and bulk changes that went on after it."""
    return events_about(visit).filter(actor_id=visit.agent_id).exclude(name__in=_FRAME)


def jobs_during(visit: ConsoleSession) -> QuerySet[Job]:
    """Return the files and bulk changes that were asked for during a visit, without the files themselves."""
    return Job.objects.filter(console_session=visit).defer("upload")


def events_about(visit: ConsoleSession) -> QuerySet[AuditEvent]:
    """Return everything that the audit log says of a visit: what was done in it, and what the customer did about it."""
    return AuditEvent.objects.filter(customer_id=visit.customer_id, console_session_id=visit.pk)


@dataclass(frozen=True, slots=True)
class Totals:
    """How much a visit was. opened: different pages; times: how often one was opened; rows: of lists, in all."""

    changes: int
    opened: int
    times: int
    rows: int


def totals_of(visit: ConsoleSession) -> Totals:
    """Add up a visit."""
    found = opened_during(visit).aggregate(times=Sum("times"), rows=Sum("rows"))
    return Totals(
        changes=changes_during(visit).count(),
        opened=opened_during(visit).count(),
        times=found["times"] or 0,
        rows=found["rows"] or 0,
    )
