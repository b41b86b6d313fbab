"""A web server whose clock is a year off: nothing is noted or judged by it, only by the database's (decision 20)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from types import MappingProxyType

import pytest
import time_machine
from django.core.cache import cache
from django.db.models import F
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.directory import deleting, people
from accounts.errors import Refused
from accounts.models import ConsoleSession, User
from accounts.organisations import VENDOR
from accounts.roles import Role
from subscriptions.figures import SeatUse, SubscriptionFigures
from subscriptions.models import AccessChange, Subscription, TransferToken
from subscriptions.models.subscription import Plan
from subscriptions.transfers import generate_transfer_token
from tests.access.boxes import console, save
from tests.access.world import World, propagate
from tests.client import signed_in as client_of
from tests.factories import PASSWORD, fresh, put_person
from tests.subscriptions.lifecycle_world import on_plan

pytestmark = pytest.mark.django_db

YEAR = timedelta(days=365)


@pytest.fixture(params=MappingProxyType({"a year ahead": YEAR, "a year behind": -YEAR}).items(), ids=lambda p: p[0])
def clock(request: pytest.FixtureRequest, world: World) -> Iterator[str]:
    """The clock of this process, which plays the web server; the database's goes right."""
    words, off = request.param
    with time_machine.travel(database_now() + off, tick=True):
        cache.clear()
        yield words
        cache.clear()


def is_now(moment: datetime | None) -> bool:
    return moment is not None and abs(database_now() - moment) < timedelta(hours=1)


@pytest.mark.usefixtures("clock")
def test_who_is_deleted_is_kept_for_20_days_and_no_longer(world: World) -> None:
    kept, gone = (put_person(world.customer) for _ in range(2))
    for person, days in ((kept, 19), (gone, 21)):
        deleted = deleting.delete_user(actor=world.admin, person=person)
        assert is_now(deleted.deleted_at)
        User.objects.filter(pk=person.pk).update(deleted_at=F("deleted_at") - timedelta(days=days))
    with pytest.raises(Refused, match="20 days"):
        deleting.undelete_user(actor=world.admin, person=gone)
    assert deleting.purge_deleted_users(actor=None) == 1
    assert fresh(gone).purged_at is not None
    assert deleting.undelete_user(actor=world.admin, person=kept).is_active


@pytest.mark.usefixtures("clock")
def test_who_is_suspended_is_so_since_now(world: World) -> None:
    assert is_now(people.suspend_user(actor=world.admin, person=put_person(world.customer)).suspended_at)


@pytest.mark.usefixtures("clock")
def test_who_signs_in_did_so_now() -> None:
    person = put_person(VENDOR, Role.SUPER_ADMIN)
    person.set_password(PASSWORD)
    person.save(update_fields=["password"])
    Client().post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert is_now(fresh(person).last_login)


@pytest.mark.usefixtures("clock")
def test_R15_an_agent_at_work_is_seen_and_stays_inside(world: World) -> None:
    agent = client_of(world.agent)
    agent.post(reverse("enter_console", args=[world.customer.primary_domain]))
    entered = ConsoleSession.objects.get()
    for _ in range(3):
        ConsoleSession.objects.update(last_seen_at=F("last_seen_at") - timedelta(minutes=20))
        assert agent.get(reverse("console_home", args=[world.customer.primary_domain])).status_code == 200
    assert is_now(ConsoleSession.objects.get(pk=entered.pk, ended_at=None).last_seen_at)


@pytest.mark.usefixtures("clock")
def test_the_list_of_tokens_says_which_can_be_used(world: World) -> None:
    for minutes in (-1, 1):
        generate_transfer_token(actor=world.admin, customer=world.customer, reseller=world.reseller)
        newest = TransferToken.objects.order_by("-pk")[:1].values("pk")
        expires_at = database_now() + timedelta(minutes=minutes)
        TransferToken.objects.filter(pk__in=newest).update(expires_at=expires_at)
    page = client_of(world.admin.user).get(reverse("transfer", args=[world.customer.primary_domain])).content.decode()
    assert (page.count("Waiting to be used"), page.count("Expired")) == (1, 1)


def test_R7_a_reseller_reads_by_when_access_opens(world: World, clock: str) -> None:
    save(world, console(world, False))
    propagate()
    save(world, console(world, True))
    pages = [reverse("reseller_customers"), reverse("reseller_customer", args=[world.customer.primary_domain])]
    for moment, said in ((timedelta(hours=1), False), (-timedelta(hours=1), True)):
        AccessChange.objects.filter(settled_at=None).update(due_at=database_now() + moment)
        for page in pages:
            text = client_of(world.agent).get(page).content.decode().lower()
            assert ("any moment now" in text) is said, f"{page}, {clock}"


@pytest.mark.usefixtures("clock")
def test_what_ends_within_30_days_is_named(world: World) -> None:
    soon, later = (on_plan(world.customer, None, Plan.ANNUAL_MONTHLY_PAY) for _ in range(2))
    for subscription, days in ((soon, 29), (later, 31)):
        ends_at = database_now() + timedelta(days=days)
        Subscription.objects.filter(pk=subscription.pk).update(ends_at=ends_at)
    bought = Subscription.objects.filter(customer=world.customer)
    ending = SubscriptionFigures([SeatUse(subscription, used=0) for subscription in bought]).ending
    assert [line.subscription for line in ending] == [soon]
