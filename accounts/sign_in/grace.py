"""The days of grace of people of whom a second factor is required (P12): how they begin, and their reminders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounts.audit import EventName, record_audit
from accounts.database.time_limits import sweep_transaction
from accounts.factors import GRACE, holds_factor
from accounts.mail import post
from accounts.models import Mail, User
from accounts.sign_in.factor_mails import FACTOR_REQUIRED

# People whom one step of the sweep reminds.
BATCH: Final = 200
# How many days before the end a person gets a mail; each is sent once, and so stands in its row.
DAYS_BEFORE: Final = (1, 7, GRACE.days)


@transaction.atomic
def begin_grace(*, actor: None, person: User) -> bool:
    """Begin the grace of a person of whom a second factor is required; they are told by mail.

    Asked with their first request after that began, so that nobody is locked out on the day of an upgrade, and once
    for each person: another role later, or a factor that they remove, begins none. Returns whether it began.
    """
    began = User.objects.filter(pk=person.pk, factor_due_at=None).update(factor_due_at=Now() + GRACE)
    person.refresh_from_db(fields=["factor_due_at"])
    if not began:
        return False
    assert person.factor_due_at is not None
    record_audit(
        EventName.TWO_STEP_REQUIRED,
        actor=actor,
        customer=person.customer_id,
        subject=person.email,
        target=person,
        new={"due_at": person.factor_due_at.isoformat()},
    )
    post.queue(FACTOR_REQUIRED, [person], about_id=GRACE.days, once=True)
    return True


def reminders() -> Iterator[int]:
    """Remind those whose grace ends within 7 days, and again within one; yields how many each time."""
    for days in DAYS_BEFORE[:-1]:
        while done := _remind(days):
            yield done


@sweep_transaction()
def _remind(days: int) -> int:
    people = list(_to_remind(days)[:BATCH])
    post.queue(FACTOR_REQUIRED, people, about_id=days, once=True)
    return len(people)


def _to_remind(days: int) -> QuerySet[User]:
    """Return who has not been reminded of these days. Whether it is still required of them is asked by the writer."""
    told = Mail.objects.filter(kind=FACTOR_REQUIRED, about_id__lte=days, once=True).values("recipient")
    soon = Q(factor_due_at__gt=Now(), factor_due_at__lte=Now() + timedelta(days=days))
    return User.objects.filter(soon, ~holds_factor("pk"), ~Q(pk__in=told), is_active=True).order_by(
        "factor_due_at", "pk"
    )
