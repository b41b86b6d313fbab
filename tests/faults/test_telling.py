"""The worker that tells those who must know dies in the middle (R25)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from django.db import transaction
from django.db.models import Count

from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.background.nudging import nudge
from accounts.models import Mail, Notification, UntoldEvent
from accounts.notifications.mails import MailKind
from accounts.roles import Role
from tests.factories import make_customer, make_person
from tests.faults.crowd import another_session, eventually, waiting_for_a_lock
from tests.servers import CeleryWorker

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

EVENTS = 250  # three steps
TELL = "accounts.tasks.tell_who_must_know"


def test_R25_a_worker_killed_in_the_middle_loses_and_doubles_nothing(start_worker: Callable[..., CeleryWorker]) -> None:
    customer = make_customer()
    actor, *told = (make_person(customer, Role.SUPER_ADMIN) for _ in range(3))
    UntoldEvent.objects.all().delete()
    with transaction.atomic():
        name = EventName.CHANGE_ACCESS_POLICY
        written = record_many(event(name, actor=Actor(actor), customer=customer) for _ in range(EVENTS))
    with another_session() as other:
        with other.cursor() as cursor:
            # Behind the notifications of the first step, in front of its mails.
            cursor.execute("LOCK TABLE accounts_mail IN SHARE MODE")
        worker = start_worker()
        nudge(TELL)
        eventually(lambda: waiting_for_a_lock() >= 1)
        worker.kill()
    eventually(lambda: waiting_for_a_lock() == 0)
    time.sleep(0.2)  # the session of the dead worker ends here, if it could still do anything
    assert (Notification.objects.count(), UntoldEvent.objects.count()) == (0, EVENTS)

    start_worker()
    nudge(TELL)

    eventually(lambda: not UntoldEvent.objects.exists())
    each = Notification.objects.values_list("recipient").annotate(number=Count("event", distinct=True))
    assert dict(each) == {person.pk: EVENTS for person in told}
    assert Notification.objects.count() == EVENTS * len(told) == len(written) * len(told)
    mails = Mail.objects.filter(kind=MailKind.NOTICES)
    assert mails.count() == 3 * len(told)
    assert set(Notification.objects.values_list("mail_id", flat=True)) == set(mails.values_list("pk", flat=True))
