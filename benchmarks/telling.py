"""An event that 10,000 people are told of, with its mails, and the least SQL that does it (R25)."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, transaction

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.directory.people import create_user
from accounts.models import AuditEvent, Notification, UntoldEvent
from accounts.notifications import telling
from accounts.organisations import create_customer
from accounts.roles import Role
from benchmarks.measure import alternately, table

TOLD, PEOPLE, ROUNDS = 10_000, 300_000, 10

_PEOPLE = """
    INSERT INTO accounts_user (email, name, sort_name, password, customer_id, org_unit_id, is_vendor, is_active,
        must_change_password, language, theme, time_zone)
    SELECT 'told' || i || '@told.example', 'P ' || i, 'p ' || i, '!', %(customer)s, %(unit)s, false, true, false, '',
        'system', 'UTC' FROM generate_series(1, %(number)s) i
"""
_ROLES = """
    INSERT INTO accounts_roleassignment (user_id, role)
    SELECT id, 'super_admin' FROM accounts_user WHERE customer_id = %(customer)s AND email <> 'a@told.example'
    ORDER BY id LIMIT %(told)s
"""
_ADMINS = """
    FROM accounts_user u JOIN accounts_roleassignment a ON a.user_id = u.id AND a.role = 'super_admin'
    WHERE u.customer_id = %(customer)s AND u.is_active AND u.id <> %(actor)s
"""
# What people were told before: of an event each. The planner knows of no other kind.
_BEFORE = """
    INSERT INTO accounts_notification (recipient_id, kind, event_id, audience, mailing, created_at)
    SELECT id, 'event', -id, 'super_admins', 'daily', statement_timestamp() FROM accounts_user
    WHERE customer_id = %(customer)s
"""
_FLOOR = f"""
    INSERT INTO accounts_notification (recipient_id, kind, event_id, audience, mailing, created_at)
    SELECT u.id, 'event', %(event)s, 'super_admins', 'at_once', statement_timestamp() {_ADMINS};
    INSERT INTO accounts_mail (kind, recipient_id, once, attempts, dropped_because, error)
    SELECT 'notices', u.id, FALSE, 0, '', '' {_ADMINS}
"""


def run() -> None:
    """Make a customer with 300,000 people, 10,000 of them super admins; print medians and the ratio to the floor."""
    customer = create_customer(actor=None, name="Told", primary_domain="told.example")
    admin = create_user(actor=None, organisation=customer, email="a@told.example", name="A", roles=[Role.SUPER_ADMIN])
    UntoldEvent.objects.all().delete()
    params = {"customer": customer.pk, "unit": admin.org_unit_id, "number": PEOPLE, "told": TOLD, "actor": admin.pk}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_PEOPLE, params)
        cursor.execute(_ROLES, params)
        cursor.execute(_BEFORE, params)
        event = record_audit(EventName.CHANGE_ACCESS_POLICY, actor=Actor(admin), customer=customer)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_user, accounts_roleassignment, accounts_notification")

    def with_the_floor() -> None:
        with connection.cursor() as cursor:
            cursor.execute(_FLOOR, {**params, "event": event.pk})

    def by_the_worker() -> None:
        assert telling.tell() == 1

    floor = "floor: two statements of SQL"
    ways = {floor: _taken_back(with_the_floor, event), "tell(), with the mails": _taken_back(by_the_worker, event)}
    table(f"{TOLD:,} people told of one event, of {PEOPLE:,}", alternately(ways, ROUNDS), floor)


def _taken_back(work: Callable[[], object], event: AuditEvent) -> Callable[[], None]:
    """Return the work with the rows that it wrote counted and taken back, so that each round begins alike."""

    def once() -> None:
        with transaction.atomic():
            work()
            assert Notification.objects.filter(event=event).count() == TOLD
            transaction.set_rollback(True)

    return once
