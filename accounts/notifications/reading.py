"""What a person was told, each their own, and what of it they may still read (R15, R25)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import AuditEvent, Customer, Domain, Notification, User
from accounts.models.audit_event import ActorKind
from accounts.models.domains import DomainKind
from accounts.models.entries import NotificationKind
from accounts.models.event_names import EventName
from accounts.moments import zoned_text
from accounts.names import isolated
from accounts.notices.reminders import REMINDERS, REVIEW_REMINDERS
from accounts.notices.table import NOTICES
from accounts.notices.told import Told
from accounts.notifications.audiences import audiences
from accounts.permissions import Permission
from accounts.roles import CUSTOMER_ROLE_PERMISSIONS, Role, holds_sql

# More than this many unread ones are not counted: the bell says "99+".
COUNTED: Final = 100
# Of how many, the newest, it is asked whether they may still be read: every page asks.
_LOOKED_AT: Final = 300
_UNREAD: Final = """
    SELECT id, audience FROM accounts_notification
    WHERE recipient_id = %s AND read_at IS NULL ORDER BY id DESC LIMIT %s
"""


def notifications_of(person: User) -> QuerySet[Notification]:
    """Return what this person was told and may still read, as the database knows them now."""
    return _may_read(person, frozenset(audiences()))


def _may_read(person: User, names: frozenset[str]) -> QuerySet[Notification]:
    condition = RawSQL(_may_read_sql(names), [], output_field=BooleanField())  # noqa: S611  constants
    return Notification.objects.filter(condition, recipient=person)


def unread_number(person: User) -> int:
    """Return how many notifications a person has not read, as far as they are counted.

    Only what their audiences ask is asked: PostgreSQL plans all of them for longer than it answers a page.
    """
    with connection.cursor() as cursor:  # every page asks: building the query would cost twice what it costs
        cursor.execute(_UNREAD, [person.pk, _LOOKED_AT])
        newest = dict(cursor.fetchall())
    if not newest:
        return 0
    return _may_read(person, frozenset(newest.values())).filter(pk__in=newest)[:COUNTED].count()


def mark_as_read(notifications: QuerySet[Notification]) -> int:
    """Note that a person has read their own notifications; concerns nobody else, so it is no event."""
    return notifications.filter(read_at=None).update(read_at=Now())


@cache
def _may_read_sql(names: frozenset[str]) -> str:
    """Return the condition of R25 for these audiences: the same right as when it was told, asked again.

    Nothing is open to the people of a suspended reseller (R13): they read it when they are back.
    """
    n = "accounts_notification"
    whens = " ".join(f"WHEN '{name}' THEN {those.still}" for name, those in audiences().items() if name in names)
    told_of_entries = [r for r, may in CUSTOMER_ROLE_PERMISSIONS.items() if Permission.VIEW_CONSOLE_SESSIONS in may]
    return f"""CASE {n}.kind
        WHEN '{NotificationKind.CONSOLE_ENTERED}' THEN {holds_sql(f"{n}.recipient_id", *told_of_entries)}
        ELSE EXISTS (
            SELECT 1 FROM accounts_user r LEFT JOIN LATERAL audit_event({n}.event_id) e ON true
            LEFT JOIN accounts_reseller s ON s.id = r.reseller_id
            WHERE r.id = {n}.recipient_id AND r.is_active AND s.suspended_at IS NULL
                AND {f"CASE {n}.audience {whens} ELSE FALSE END" if whens else "FALSE"}
        ) END"""  # noqa: S608  constants


@dataclass(frozen=True, slots=True)
class Line:
    """One notification in words. url: the path of what it is about. actor: empty where the reader is not told."""

    pk: int
    says: str
    at: datetime
    actor: str
    is_read: bool
    url: str
    reason: str = ""


def in_words(notifications: Iterable[Notification], person: User) -> list[Line]:
    """Put notifications of one person into words, in their language; one query for the names of customers.

    Those of entries need `console_session` with its agent and reseller, the others `event` (see with_what_they_tell).
    """
    rows = list(notifications)
    events = [row.event for row in rows if row.event is not None]
    ids = {event.customer_id for event in events if event.customer_id}
    ids |= {row.said["customer"] for row in rows if row.said}
    domains = {domain for event in events if (domain := _named_domain(event))}
    customers = _known(ids, domains) if rows else {}
    own = person.customer
    return [_line(row, own, customers) for row in rows]


def _known(ids: Collection[int], domains: Collection[str]) -> dict[Any, Customer]:
    """Return customers by id, and by the primary domain that they had when the event was written (P9)."""
    was = Q(kind=DomainKind.PRIMARY) | Q(was_primary=True)
    known = Domain.objects.filter(Q(customer__in=ids, kind=DomainKind.PRIMARY) | Q(was, name__in=domains))
    found: dict[Any, Customer] = {}
    # One that has a domain as its primary one is in front of one that had.
    for row in known.filter(customer__isnull=False).select_related("customer").order_by("kind"):
        assert row.customer is not None
        found.setdefault(row.customer.pk, row.customer)
        found.setdefault(row.name, row.customer)
    return found


def with_what_they_tell(notifications: QuerySet[Notification]) -> QuerySet[Notification]:
    """Return the same, with the rows that their words are made of."""
    return notifications.select_related("event", "console_session__agent", "console_session__reseller")


def _line(row: Notification, own: Customer | None, customers: Mapping[Any, Customer]) -> Line:
    event = row.event
    if row.kind == NotificationKind.REMINDER:
        return _of_reminder(row, own, customers)
    if event is None:
        return _of_entry(row, own)
    told = next(told for told in NOTICES[EventName(event.name)].told if told.audience == row.audience)
    customer = customers.get(event.customer_id) or customers.get(_named_domain(event))
    taken = _is_taken(event)
    words = {
        "subject": isolated(event.subject),
        "customer": isolated(customer.name if customer else _named_domain(event)),
        "role": _role(event),
        "number": row.about_id,
    }
    says = (told.otherwise if taken and told.otherwise else told.says) % words
    page = told.page_otherwise if taken and told.page_otherwise else told.page
    return Line(row.pk, says, event.at, _actor(event, told), row.read_at is not None, _path(page, row, own or customer))


def _of_entry(row: Notification, own: Customer | None) -> Line:
    session = row.console_session
    assert session is not None
    says = _("%(agent)s of %(reseller)s entered this console") % {
        "agent": isolated(session.agent.name),
        "reseller": isolated(session.reseller.name),
    }
    reason = ", ".join(filter(None, [session.reason, session.case_number]))
    domain = own.primary_domain if own else ""
    url = reverse("outside_visit", kwargs={"domain": domain, "session_id": session.pk})
    return Line(row.pk, says, session.entered_at, session.agent.email, row.read_at is not None, url, reason)


def _of_reminder(row: Notification, own: Customer | None, customers: Mapping[Any, Customer]) -> Line:
    assert row.said is not None and row.moment is not None
    told = next(told for told in (*REMINDERS, *REVIEW_REMINDERS) if told.audience == row.audience)
    customer = customers.get(row.said["customer"])
    words = {
        "subject": isolated(row.said["reseller"]),
        "customer": isolated(customer.name if customer else ""),
        "moment": zoned_text(row.moment),
    }
    return Line(
        row.pk, told.says % words, row.created_at, "", row.read_at is not None, _path(told.page, row, own or customer)
    )


def _named_domain(event: AuditEvent) -> str:
    values = (event.new_value, event.old_value)
    return next((str(v["customer"]) for v in values if isinstance(v, dict) and v.get("customer")), "")


def _is_taken(event: AuditEvent) -> bool:
    return isinstance(event.new_value, dict) and event.new_value.get("allowed") is False


def _role(event: AuditEvent) -> str:
    values = (event.new_value, event.old_value)
    named = next((v["role"] for v in values if isinstance(v, dict) and v.get("role")), "")
    return str(Role(named).label) if named in Role.values else str(named)


def _actor(event: AuditEvent, told: Told) -> str:
    if not told.names_actor:
        return ""
    return _("System") if event.actor_kind == ActorKind.SYSTEM else event.actor_email


def _path(page: str, row: Notification, customer: Customer | None) -> str:
    """Return where a notification leads; to the first page where what it was about is gone."""
    page, named = _place(page, row)
    if page in _WITHOUT_CUSTOMER:
        return reverse(page, kwargs=named)
    return reverse(page, kwargs={"domain": customer.primary_domain, **named}) if customer else reverse("home")


def _place(page: str, row: Notification) -> tuple[str, dict[str, int]]:
    """Return the page of the one object that an event is about; the list where it does not say of which.

    Events from before it was noted do not.
    """
    if page not in _OF_ONE:
        return page, {}
    argument, its_list = _OF_ONE[page]
    about = row.event.console_session_id if argument == "session_id" and row.event else row.about_id
    return (page, {argument: about}) if about else (its_list, {})


# Pages whose URL names no customer.
_WITHOUT_CUSTOMER: Final = frozenset(
    {
        "home",
        "own_applications",
        "reseller_activations",
        "reseller_applications",
        "reseller_case",
        "reseller_cases",
        "reseller_customers",
        "reseller_domains",
        "reseller_provisioning",
        "reseller_service_accounts",
        "reseller_single_sign_on",
        "reseller_support",
        "reseller_webhooks",
        "staffing_reviews",
        "operations_access_changes",
        "second_factor",
    }
)
# Pages of one object: the argument of their URL that names it, and the list that it stands in.
_OF_ONE: Final = MappingProxyType(
    {
        "access_request": ("request_id", "access_requests"),
        "outside_visit": ("session_id", "outside_access"),
        "subscription": ("subscription_id", "subscriptions"),
        "reseller_case": ("case_id", "reseller_cases"),
        "proposal": ("proposal_id", "two_people"),
    }
)
