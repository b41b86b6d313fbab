"""The licences of one person, and of several who are left out of an automatic assignment."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from subscriptions import seats
from subscriptions.automatic_licences import give_automatic_licences
from subscriptions.licensing import assign_licences, change_auto_licence
from subscriptions.models import Subscription
from tests.access.world import World
from tests.client import signed_in
from tests.client import text_of as text
from tests.factories import make_unit
from tests.jobs.bulk_world import work
from tests.subscriptions.licence_world import PLUS, STANDARD, having, ids, make_people, order


@pytest.fixture
def admin(world: World) -> Client:
    return signed_in(world.admin.user)


def url(name: str, world: World, subscription: Subscription | None = None, **more: int) -> str:
    number = {"subscription_id": subscription.pk} if subscription else {}
    return reverse(name, kwargs={"domain": world.customer.primary_domain, **number, **more})


def test_one_person_from_an_old_page_reverts_nothing(world: World, admin: Client) -> None:
    """Meanwhile someone assigned another licence: the page that did not show it does not take it."""
    [person] = make_people(world.customer, 1)
    itself = User.objects.filter(pk=person.pk)
    page = url("user_licences", world, user_id=person.pk)
    assign_licences(actor=None, subscription=world.own, people=itself)
    admin.post(page, {"subscription": [str(world.sold.pk)]})
    assert having(world.sold) == having(world.own) == {person.pk}
    both = [str(world.sold.pk), str(world.own.pk)]
    response = admin.post(page, {"subscription": [str(world.own.pk)], "seen": both}, follow=True)
    assert "Licences saved." in text(response)
    assert (having(world.sold), having(world.own)) == (set(), {person.pk})


def test_one_person_a_licence_that_comes_back_says_so_and_can_be_kept_away(world: World, admin: Client) -> None:
    unit = make_unit(world.customer, "Sales")
    [person] = make_people(world.customer, 1, make_unit(world.customer, "Berlin", unit))
    change_auto_licence(actor=world.admin, subscription=world.own, org_unit=unit, automatic=True)
    give_automatic_licences()
    page, own = url("user_licences", world, user_id=person.pk), str(world.own.pk)
    assert "Assigned automatically in /Sales: without this tick it comes back within a minute." in text(admin.get(page))
    taken = admin.post(page, {"seen": [own]}, follow=True).content.decode()
    assert "Google Voice Standard comes back within a minute: it is assigned automatically in /Sales." in taken
    assert give_automatic_licences() == 1
    # With the exception it stays away, and the page and the one of automatic assignment say so.
    kept = admin.post(page, {"seen": [own], "stays_away": [own]}, follow=True).content.decode()
    assert "comes back within a minute: it is" not in kept
    assert f'name="stays_away" value="{own}" checked' in kept
    assert give_automatic_licences() == 0
    assert seats.waiting_numbers([world.own.pk]) == {}
    left_out = text(admin.get(url("licences_automatic", world, world.own))).partition("Left out")[2]
    assert person.email in left_out
    event = AuditEvent.objects.filter(name="USER_LICENSE_REVOKE").latest("pk")
    assert (event.subject, event.new_value) == (person.email, {"automatic": False})
    # An old page that never showed it changes nothing; without the tick it may come back.
    assert "Nothing was changed." in admin.post(page, {}, follow=True).content.decode()
    assert "Licences saved." in admin.post(page, {"seen_away": [own]}, follow=True).content.decode()
    event = AuditEvent.objects.filter(name="CHANGE_LICENSE_AUTO_ASSIGN").latest("pk")
    assert (event.subject, event.new_value) == (person.email, {"automatic": True})
    assert give_automatic_licences() == 1
    # Assigned by hand it counts as any other again.
    admin.post(page, {"seen": [own], "stays_away": [own]})
    admin.post(page, {"subscription": [own], "seen_away": [own], "stays_away": [own]})
    admin.post(page, {"seen": [own]})
    assert give_automatic_licences() == 1


@pytest.mark.parametrize("away", [False, True])
def test_several_people_are_left_out_where_that_was_ticked(world: World, admin: Client, away: bool) -> None:
    unit = make_unit(world.customer, "Sales")
    people = sorted(ids(make_people(world.customer, 3, unit)))
    change_auto_licence(actor=world.admin, subscription=world.own, org_unit=unit, automatic=True)
    give_automatic_licences()
    tick = {"stays_away": "on"} if away else {}
    revoke, by_unit = url("licences_bulk", world, world.own), url("licences_unit", world, world.own)
    chosen = {"action": "unassign_licences", "person": people[:1]}
    assert 'name="stays_away"' in admin.post(revoke, chosen).content.decode()
    assert 'name="stays_away"' in admin.get(by_unit, {"org_unit": unit.pk}).content.decode()
    admin.post(revoke, {**chosen, "confirmed": "1", **tick})
    work()
    admin.post(by_unit, {"org_unit": unit.pk, "action": "revoke", **tick})
    assert having(world.own) == set()
    assert give_automatic_licences() == (0 if away else 3)


def test_one_person_what_is_refused_keeps_what_was_ticked(world: World, admin: Client) -> None:
    standard, plus = order(world.customer, STANDARD), order(world.customer, PLUS)
    [person] = make_people(world.customer, 1)
    both = [str(standard.pk), str(plus.pk)]
    response = admin.post(url("user_licences", world, user_id=person.pk), {"subscription": both})
    assert response.status_code == 422
    assert "at most" in text(response)
    assert re.findall(r'name="subscription" value="(\d+)" checked', response.content.decode()) == both
    assert having(standard) == set()


def test_a_deleted_person_and_a_strangers_have_no_page(world: World, stranger: World, admin: Client) -> None:
    [gone], [theirs] = make_people(world.customer, 1), make_people(stranger.customer, 1)
    User.objects.filter(pk=gone.pk).update(is_active=False, deleted_at=timezone.now())
    for person in (gone, theirs):
        assert admin.get(url("user_licences", world, user_id=person.pk)).status_code == 404
