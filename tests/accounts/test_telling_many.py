"""An event that very many hear of: what is written and joined in one statement has no statistics (decision 25)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection

from accounts.audit import EventName, record_audit
from accounts.models import Notification, User
from accounts.models.entries import NotificationKind
from accounts.models.notices import HowSoon
from accounts.notifications import telling
from accounts.roles import Role
from tests.accounts.reading_notices import untell
from tests.factories import put_customer, put_person

PEOPLE = 300


def told_before(people: list[User]) -> None:
    """Everybody was told of an event of their own: the planner knows of no event that many hear of."""
    Notification.objects.bulk_create(
        Notification(recipient=person, kind=NotificationKind.EVENT, event_id=-person.pk, mailing=HowSoon.DAILY)
        for person in people
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_notification, accounts_user")


def test_R25_the_mails_of_many_are_not_joined_by_looking_through_all_of_them(db: None) -> None:
    """10,000 recipients took 77 s: each notification was compared with each mail."""
    customer = put_customer()
    people = [put_person(customer, Role.SUPER_ADMIN) for _ in range(PEOPLE)]
    told_before(people)
    untell()
    record_audit(EventName.CHANGE_ACCESS_POLICY, actor=None, customer=customer)
    plans: list[str] = []

    def explained(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if "INSERT INTO accounts_mail" in sql and not sql.startswith("EXPLAIN"):
            context["cursor"].execute(f"EXPLAIN {sql}", params)
            plans.append("\n".join(row[0] for row in context["cursor"].fetchall()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        assert telling.tell() == 1
        telling.queue_digests()
    assert len(plans) == 2
    assert not any("Nested Loop" in plan for plan in plans), "\n".join(plans)
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_nestloop")
        assert cursor.fetchone()[0] == "on"
