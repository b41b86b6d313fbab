"""Those who must know are reminded of an end: 30, 7 and 1 day before, or an hour, each once (R16, R25)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail

from accounts.clock import database_now
from accounts.directory import people
from accounts.mail.sending import send_due_mails
from accounts.models import Mail, Notification
from accounts.roles import Role
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.reminders import reminders
from tests.access.world import World, make_world
from tests.accounts.reading_notices import told
from tests.factories import make_person, make_reseller

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def world(db: None) -> World:
    world = make_world()
    Mail.objects.all().delete()
    return world


def ends(world: World, within: timedelta, *, saved_for: timedelta) -> None:
    """Access ends so soon; the end was saved for that long."""
    now, grant = database_now(), world.console()
    AccessGrant.objects.filter(pk=grant.pk).update(ends_at=now + within, effective_ends_at=now + within)
    AccessChange.objects.filter(grant=grant).update(requested_at=now + within - saved_for)


def remind() -> int:
    return sum(reminders())


@pytest.mark.parametrize(
    ("within", "saved_for", "days_before"),
    [
        (31 * DAY, 90 * DAY, None),
        (29 * DAY, 90 * DAY, 30),
        (29 * DAY, 30 * DAY, None),
        (6 * DAY, 90 * DAY, 7),
        (6 * DAY, 7 * DAY, None),
        (23 * HOUR, 7 * DAY, 1),
        (23 * HOUR, DAY, None),
        (HOUR / 2, 8 * HOUR, 0),
        (-HOUR, 90 * DAY, None),
    ],
)
def test_R16_when_a_reminder_is_due(
    world: World, within: timedelta, saved_for: timedelta, days_before: int | None
) -> None:
    ends(world, within, saved_for=saved_for)
    remind()
    found = set(Notification.objects.values_list("days_before", flat=True))
    assert found == (set() if days_before is None else {days_before})


def test_R16_R25_super_admins_and_those_who_work_there_are_reminded_once_each(world: World) -> None:
    second, auditor = make_person(world.customer, Role.SUPER_ADMIN), make_person(world.customer, Role.AUDITOR)
    boss, other = make_person(world.reseller, Role.RESELLER_ADMIN), make_person(world.reseller, Role.RESELLER_AGENT)
    stranger = make_person(make_reseller(), Role.RESELLER_ADMIN)
    ends(world, 6 * DAY, saved_for=90 * DAY)
    assert (remind(), remind()) == (1, 0)
    for person in (second, world.admin.user):
        [says] = told(person)
        assert says.startswith(f"Access for {world.reseller.name} ends on ")
    for person in (boss, world.agent):
        [says] = told(person)
        assert says.startswith(f"Access to the console of {world.customer.name} ends on ")
    assert told(auditor) == told(other) == told(stranger) == []
    send_due_mails()
    assert sorted(to for sent in mail.outbox for to in sent.to) == sorted(
        person.email for person in (second, world.admin.user, boss, world.agent)
    )
    ends(world, 23 * HOUR, saved_for=90 * DAY)
    assert remind() == 1


def test_R16_R25_an_end_that_was_put_off_is_not_read_or_sent_any_more(world: World) -> None:
    ends(world, 6 * DAY, saved_for=90 * DAY)
    remind()
    ends(world, 60 * DAY, saved_for=90 * DAY)
    assert told(world.admin.user) == told(world.agent) == []
    send_due_mails()
    assert mail.outbox == []


def test_R25_whoever_lost_the_role_is_reminded_of_nothing(world: World) -> None:
    second = make_person(world.customer, Role.SUPER_ADMIN)
    ends(world, 6 * DAY, saved_for=90 * DAY)
    remind()
    people.unassign_role(actor=None, person=second, role=Role.SUPER_ADMIN)
    assert told(second) == []
