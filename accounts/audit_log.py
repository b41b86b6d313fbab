"""Reading the audit log: what a customer sees of its console (A4), and what a reseller sees of its agents (A4).

Every reader starts from one of the two scopes below, and reads in the order of (at, id). Writing is accounts/audit.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from accounts import keyset
from accounts.models import AuditEvent, Customer, User
from accounts.models.event_names import EventName
from accounts.roles import Role

# What an operator does with the log itself (A5), or with what belongs to nobody alone.
OF_THE_LOG = frozenset({EventName.BEGIN_SEAL_ERA, EventName.DROP_AUDIT_MONTHS, EventName.RETRY_MAILS})
# What happens at a reseller or the vendor and therefore in nobody's console.
_AT_A_RESELLER = frozenset(
    {
        EventName.DOMAIN_IN_USE,
        EventName.CREATE_RESELLER,
        EventName.SUSPEND_RESELLER,
        EventName.UNSUSPEND_RESELLER,
        EventName.CREATE_TEAM,
        EventName.RENAME_TEAM,
        EventName.DELETE_TEAM,
        EventName.ADD_TEAM_MEMBER,
        EventName.REMOVE_TEAM_MEMBER,
        EventName.ASSIGN_CUSTOMER,
        EventName.UNASSIGN_CUSTOMER,
        EventName.ASSIGN_ALL_CUSTOMERS,
        EventName.UNASSIGN_ALL_CUSTOMERS,
        EventName.CREATE_CUSTOMER_GROUP,
        EventName.RENAME_CUSTOMER_GROUP,
        EventName.DELETE_CUSTOMER_GROUP,
        EventName.ADD_CUSTOMER_TO_GROUP,
        EventName.REMOVE_CUSTOMER_FROM_GROUP,
        EventName.DOWNLOAD_CUSTOMERLIST_CSV,
        EventName.ASSIGN_CASE_AT_PARTNER,
        EventName.NOTE_CASE,
        *OF_THE_LOG,
    }
)
# The access setting belongs to the customer (R5), and an order or a transfer by one reseller may change
# another's: these lines are the customer's alone, no matter who caused them.
_NOT_FOR_RESELLERS = frozenset(
    {
        EventName.CHANGE_RESELLER_ACCESS,
        EventName.CHANGE_RESELLER_ACCESS_FOR_SKU,
        EventName.RESELLER_ACCESS_APPLIED,
        EventName.RESELLER_ACCESS_SUPERSEDED,
        EventName.RESELLER_ACCESS_FAILED,
        EventName.RESELLER_ACCESS_ENDED,
        EventName.CHANGE_ACCESS_POLICY,
        EventName.SNOOZE_FINDING,
        EventName.UNSNOOZE_FINDING,
        # R17: its own page and a mail tell the reseller the answer, and not who gave it.
        EventName.APPROVE_ACCESS_REQUEST,
        EventName.REJECT_ACCESS_REQUEST,
        EventName.REPAIR_RESELLER_ACCESS,
        EventName.END_CONSOLE_SESSION,
        EventName.REPORT_CONSOLE_SESSION,
        EventName.CHANGE_CONSOLE_ENTRY_REASON,
        # It says who holds a domain.
        EventName.DOMAIN_IN_USE,
        *OF_THE_LOG,
    }
)
CUSTOMER_EVENTS = tuple(name for name in EventName if name not in _AT_A_RESELLER)
RESELLER_EVENTS = tuple(name for name in EventName if name not in _NOT_FOR_RESELLERS)


# What the short lists on home pages leave out: sign-ins would fill them.
EVERYDAY = frozenset({EventName.LOGIN_SUCCESS, EventName.LOGOUT})


def events_of_customer(customer: Customer) -> QuerySet[AuditEvent]:
    """Return everything done in a customer's console, no matter who did it (A4)."""
    return AuditEvent.objects.filter(customer_id=customer.pk)


def events_of_reseller(person: User) -> QuerySet[AuditEvent]:
    """Return what a reseller's own people did, without what only the customer may know (A4, R5).

    Its admins see everybody's deeds; everybody else sees its own.
    """
    if person.reseller is None or person.reseller.suspended_at is not None:
        return AuditEvent.objects.none()
    events = AuditEvent.objects.filter(actor_reseller_id=person.reseller_id).exclude(name__in=_NOT_FOR_RESELLERS)
    return events if Role.RESELLER_ADMIN in person.roles else events.filter(actor_id=person.pk)


def events_for_operator(person: User) -> QuerySet[AuditEvent]:
    """Return what happened at all organisations, for the vendor's operators; nothing for anybody else.

    What of each they may read is said where it is put into words (web/audit/lines.py).
    """
    if not (person.is_active and person.is_vendor and Role.VENDOR_OPERATOR in person.roles):
        return AuditEvent.objects.none()
    return AuditEvent.objects.all()


# PostgreSQL plans a statement for each partition that it may have to read, with all its indexes: a third of a
# millisecond for each. So the newest months are read first, this many before the one a page begins in; most pages end
# there, and only what is rare is looked for in all of them.
_NEWEST: Final = 2
# Seconds for which it is known that no clock was months ahead of this machine's when it wrote an event.
_KNOWN_FOR: Final = 600


def latest(events: QuerySet[AuditEvent], number: int) -> list[AuditEvent]:
    """Return the newest events, so many."""
    return _read(events, None, number)


def page_of_events(events: QuerySet[AuditEvent], at: keyset.Place) -> keyset.Rows[AuditEvent]:
    """Return the events of the page at a place, the newest first."""
    key, backwards = at.before or at.after, at.before is not None
    return keyset.rows_of(_read(events, key, at.size + 1, downwards=not backwards), at, _key)


def batches(events: QuerySet[AuditEvent], size: int, *, newest_first: bool = True) -> Iterator[list[AuditEvent]]:
    """Return all events, so many at once: no cursor and no transaction stays open however slowly someone reads."""
    batch = _read(events, None, size, downwards=newest_first)
    while batch:
        yield batch
        batch = _read(events, _key(batch[-1]), size, downwards=newest_first) if len(batch) == size else []


def _key(event: AuditEvent) -> keyset.Key:
    return (event.at.isoformat(), event.pk)


def _read(
    events: QuerySet[AuditEvent], key: keyset.Key | None, number: int, *, downwards: bool = True
) -> list[AuditEvent]:
    """Return the first events behind a place in the order of time, or against it."""
    top = _beyond_this_clock()
    events = events.order_by("-at", "-id") if downwards else events.order_by("at", "id")
    if not _is_written_beyond(top, int(time.monotonic() // _KNOWN_FOR)):
        events = events.filter(at__lt=top)
    if key:
        moment = datetime.fromisoformat(key[0])
        sign, top = ("<", min(top, moment)) if downwards else (">", top)
        behind = RawSQL(f"(accounts_auditevent.at, accounts_auditevent.id) {sign} (%s, %s)", list(key), BooleanField())  # noqa: S611  signed by us, or of a row
        # The bound on `at` says nothing more: partitions are left out by it, which they are not by a row.
        events = events.filter(behind, **{"at__lte" if downwards else "at__gte": moment})
    if not downwards:
        return list(events[:number])
    since = _month(top, -_NEWEST)
    found = list(events.filter(at__gte=since)[:number])
    return found if len(found) == number else [*found, *events.filter(at__lt=since)[: number - len(found)]]


def _beyond_this_clock() -> datetime:
    """Return the beginning of the month behind the next one: no clock that is nearly right writes beyond it."""
    return _month(datetime.now(UTC), 2)


def _month(moment: datetime, months: int) -> datetime:
    """Return the beginning of the month so many months later; partitions begin in UTC."""
    moment = moment.astimezone(UTC)
    number = moment.year * 12 + moment.month - 1 + months
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


@lru_cache(maxsize=1)
def _is_written_beyond(moment: datetime, now: int) -> bool:
    """Tell whether a clock that was wrong has written an event that the months up to `moment` do not hold.

    now: what is known is asked again with another number.
    """
    return AuditEvent.objects.filter(at__gte=moment).exists()
