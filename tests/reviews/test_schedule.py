"""R22: reviews begin by themselves, those who decide are told and reminded, each once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from accounts import organisations
from accounts.actor import Actor
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.mail.sending import send_due_mails
from accounts.models import AuditEvent, Mail, Notification
from accounts.roles import Role
from subscriptions.models import Review, ReviewSchedule
from subscriptions.reviews.beginning import change_review_schedule, due_reviews
from subscriptions.reviews.finishing import finish_review, overdue_reviews
from subscriptions.reviews.reminding import review_reminders
from tests.access.boxes import console, save
from tests.access.world import World
from tests.accounts.reading_notices import tell, told, untell
from tests.factories import make_person
from tests.reviews.world import DAY, KEEP, Staffed, begin, choice, decide, let_reviews_age, line

YEAR = timedelta(days=366)


def schedule(world: World, months: int | None) -> bool:
    return change_review_schedule(actor=world.admin, owner=world.customer, months=months)


def finish(world: World, review: Review) -> None:
    keep = choice(line(review, "console"), KEEP, seen=world.console().generation)
    decide(world.admin, world.customer, review, keep)
    finish_review(actor=world.admin, owner=world.customer, review_id=review.pk)


def sweep() -> int:
    return sum(overdue_reviews()) + sum(due_reviews())


@pytest.mark.parametrize(("months", "days"), [(3, 93), (6, 185), (12, 367)])
def test_R22_a_review_begins_by_the_schedule(world: World, months: int, days: int) -> None:
    assert schedule(world, months)
    let_reviews_age((days - 10) * DAY)
    assert sweep() == 0
    let_reviews_age(10 * DAY)
    assert (sweep(), sweep()) == (1, 0)
    review = Review.objects.get()
    assert review.begun_by_email == ""
    assert ReviewSchedule.objects.get().next_at > database_now() + (days - 10) * DAY
    [event] = AuditEvent.objects.filter(name="START_ACCESS_REVIEW")
    assert (event.customer_id, event.actor_email) == (world.customer.pk, "")


def test_R22_missed_time_begins_one_review_and_not_several(world: World) -> None:
    schedule(world, 3)
    let_reviews_age(5 * YEAR)
    assert sweep() == 1
    finish(world, Review.objects.get())
    assert (sweep(), Review.objects.count()) == (0, 1)


def test_R22_a_review_that_was_begun_by_hand_counts(world: World) -> None:
    schedule(world, 3)
    let_reviews_age(80 * DAY)
    finish(world, begin(world))
    let_reviews_age(20 * DAY)
    assert (sweep(), Review.objects.count()) == (0, 1)


def test_R22_with_nothing_to_review_the_schedule_waits_for_the_next_time(world: World) -> None:
    schedule(world, 3)
    save(world, console(world, False))
    let_reviews_age(YEAR)
    assert (sweep(), Review.objects.count()) == (0, 0)
    assert ReviewSchedule.objects.get().next_at > database_now()


def test_R13_R22_a_suspended_reseller_begins_its_review_when_it_is_back(staffed: Staffed) -> None:
    change_review_schedule(actor=staffed.boss, owner=staffed.reseller, months=3)
    let_reviews_age(YEAR)
    organisations.suspend_reseller(actor=None, reseller=staffed.reseller)
    assert (sweep(), Review.objects.count()) == (0, 0)
    organisations.unsuspend_reseller(actor=None, reseller=staffed.reseller)
    assert (sweep(), Review.objects.count()) == (1, 1)


def test_R22_the_schedule_is_the_super_admins_and_one_of_three(world: World) -> None:
    with pytest.raises(Refused):
        schedule(world, 4)
    auditor = Actor(make_person(world.customer, Role.AUDITOR))
    with pytest.raises(PermissionDenied):
        change_review_schedule(actor=auditor, owner=world.customer, months=3)
    assert (schedule(world, 3), schedule(world, 3), schedule(world, 6), schedule(world, None)) == (
        True,
        False,
        True,
        True,
    )
    assert not ReviewSchedule.objects.exists()
    said = AuditEvent.objects.filter(name="CHANGE_REVIEW_SCHEDULE").order_by("id").values_list("new_value", flat=True)
    assert list(said) == [{"review_months": 3}, {"review_months": 6}, {"review_months": None}]


@pytest.mark.parametrize(("left", "days_before"), [(15, None), (13, 14), (6, 7), (0.5, 1), (-1, None)])
def test_R22_when_a_reminder_is_due(world: World, left: float, days_before: int | None) -> None:
    begin(world)
    let_reviews_age((30 - left) * DAY)
    list(review_reminders())
    found = set(Notification.objects.values_list("days_before", flat=True))
    assert found == (set() if days_before is None else {days_before})


def test_R22_R25_those_who_decide_are_reminded_once_each_until_it_is_finished(world: World) -> None:
    second, auditor = make_person(world.customer, Role.SUPER_ADMIN), make_person(world.customer, Role.AUDITOR)
    boss = make_person(world.reseller, Role.RESELLER_ADMIN)
    Mail.objects.all().delete()
    review = begin(world)
    let_reviews_age(24 * DAY)
    assert (sum(review_reminders()), sum(review_reminders())) == (1, 0)
    for person in (second, world.admin.user):
        [says] = told(person)
        assert says.startswith("The review of access is to be finished by ")
    assert told(auditor) == told(boss) == []
    send_due_mails()
    assert sorted(to for sent in mail.outbox for to in sent.to) == sorted([second.email, world.admin.user.email])
    finish(world, review)
    assert told(second) == []  # void once it is finished


def test_R22_R25_a_reseller_is_reminded_of_its_staffing(staffed: Staffed, world: World) -> None:
    staffed.begin()
    let_reviews_age(16 * DAY)
    assert sum(review_reminders()) == 1
    [says] = told(staffed.boss.user)
    assert says.startswith("The review of who works for whom is to be finished by ")
    assert told(staffed.agent) == told(world.admin.user) == []


def test_R22_R25_those_who_decide_hear_of_the_beginning_and_of_a_deadline_that_passed(world: World) -> None:
    second = make_person(world.customer, Role.SUPER_ADMIN)
    untell()
    begin(world)
    let_reviews_age(31 * DAY)
    sweep()
    tell()
    passed = "The deadline of the review of access has passed, and not everything was decided"
    assert told(second) == ["A review of all access has begun, with 30 days to decide", passed]
    assert told(world.admin.user) == [passed]  # begun by them
