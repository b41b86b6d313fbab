"""The pages of licences: what they show to whom, what they change, and what they refuse (R3, R14)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User
from accounts.roles import Role
from subscriptions import seats
from subscriptions.access import desired
from subscriptions.automatic_licences import give_automatic_licences
from subscriptions.licensing import assign_licences, change_auto_licence
from subscriptions.models import AutoLicence, Licence, Subscription
from tests.access.world import World, propagate, sell, wish
from tests.client import signed_in
from tests.client import text_of as text
from tests.factories import make_unit, put_person, put_reseller
from tests.subscriptions.licence_world import PLUS, STANDARD, having, ids, make_people, order, root_of


@pytest.fixture
def admin(world: World) -> Client:
    return signed_in(world.admin.user)


@pytest.fixture
def agent(world: World) -> Client:
    client = signed_in(world.agent)
    client.post(reverse("enter_console", kwargs={"domain": world.customer.primary_domain}))
    return client


def url(name: str, world: World, subscription: Subscription | None = None, **more: int) -> str:
    number = {"subscription_id": subscription.pk} if subscription else {}
    return reverse(name, kwargs={"domain": world.customer.primary_domain, **number, **more})


def open_own(world: World) -> None:
    box = wish(world.customer, world.reseller, allowed=True, subscription=world.own)
    desired.save_reseller_access(actor=world.admin, customer=world.customer, desired=[box], agreed=[world.reseller.pk])
    propagate()


# --- Scope -------------------------------------------------------------------------------------------


def listed(response: Any) -> set[int]:
    assert response.status_code == 200
    return {int(number) for number in re.findall(r'/licences/(\d+)/"', response.content.decode())}


def test_R3_an_agent_sees_what_its_reseller_sold_and_what_was_opened_to_it(
    world: World, agent: Client, admin: Client
) -> None:
    rival = sell(world.customer, put_reseller("Rival"), PLUS)
    assert listed(agent.get(url("licences", world))) == {world.sold.pk}
    assert listed(admin.get(url("licences", world))) == {world.sold.pk, world.own.pk, rival.pk}
    open_own(world)
    agent.post(reverse("enter_console", kwargs={"domain": world.customer.primary_domain}))
    assert listed(agent.get(url("licences", world))) == {world.sold.pk, world.own.pk}


SUBSCRIPTION_PAGES = (
    "subscription_licences",
    "licences_assign",
    "licences_revoke",
    "licences_unit",
    "licences_automatic",
)


@pytest.mark.parametrize("name", SUBSCRIPTION_PAGES)
def test_R3_a_page_of_a_subscription_out_of_scope_does_not_exist(
    world: World, stranger: World, agent: Client, admin: Client, name: str
) -> None:
    rival = sell(world.customer, put_reseller("Rival"), PLUS)
    for subscription in (world.own, rival):
        assert agent.get(url(name, world, subscription)).status_code == 404
        if name != "subscription_licences":
            assert agent.post(url(name, world, subscription), {}).status_code == 404
    assert admin.get(url(name, world, stranger.sold)).status_code == 404
    assert admin.get(url(name, stranger, stranger.sold)).status_code == 404


def test_R3_the_page_of_a_person_offers_an_agent_its_own_subscriptions_only(world: World, agent: Client) -> None:
    [person] = make_people(world.customer, 1)
    page = url("user_licences", world, user_id=person.pk)
    html = agent.get(page).content.decode()
    assert re.findall(r'name="subscription" value="(\d+)"', html) == [str(world.sold.pk)]
    refused = agent.post(page, {"subscription": [str(world.own.pk)]})
    assert refused.status_code == 422
    assert not Licence.objects.exists()


def test_an_auditor_reads_and_is_offered_nothing(world: World) -> None:
    assign_licences(actor=None, subscription=world.sold, people=make_people(world.customer, 1))
    client = signed_in(put_person(world.customer, Role.AUDITOR))
    html = client.get(url("subscription_licences", world, world.sold)).content.decode()
    assert 'type="checkbox"' not in html
    assert "/assign/" not in html
    assert "Who has a licence" in html


# --- The pages -----------------------------------------------------------------------------------------


def test_the_list_says_used_free_and_waiting(world: World, admin: Client) -> None:
    small = order(world.customer, STANDARD, 2)
    unit = make_unit(world.customer, "Sales")
    make_people(world.customer, 5, unit)
    change_auto_licence(actor=world.admin, subscription=small, org_unit=unit, automatic=True)
    give_automatic_licences()
    page = text(admin.get(url("licences", world)))
    assert re.search(r"Business Standard .*? 2 of 2 0 3 Active", page)
    page = text(admin.get(url("subscription_licences", world, small)))
    assert "3 people wait for a seat. Get more seats, or revoke licences" in page


def test_the_subscription_page_leads_to_its_licences(world: World, admin: Client) -> None:
    assign_licences(actor=None, subscription=world.sold, people=make_people(world.customer, 4))
    html = admin.get(url("subscription", world, world.sold)).content.decode()
    assert url("subscription_licences", world, world.sold) in html
    assert "Licences assigned 4" in text(admin.get(url("subscription", world, world.sold)))


def test_search_finds_by_name_without_accents_and_by_address(world: World, admin: Client) -> None:
    zoe, other = make_people(world.customer, 1, name="Zoe"), make_people(world.customer, 1)
    assign_licences(actor=None, subscription=world.sold, people=User.objects.filter(pk__in=ids(zoe) | ids(other)))
    page = url("subscription_licences", world, world.sold)
    for query in ("ZOÉ", zoe.get().email[:12].upper()):
        html = admin.get(page, {"q": query}).content.decode()
        assert re.findall(r'name="person" value="(\d+)"', html) == [str(zoe.get().pk)]
    assert "Nobody with a licence matches" in text(admin.get(page, {"q": "100%_"}))


def test_assigning_ticked_people(world: World, admin: Client) -> None:
    people = make_people(world.customer, 3)
    response = admin.post(url("licences_assign", world, world.sold), {"person": sorted(ids(people))}, follow=True)
    assert "3 licences were assigned." in text(response)
    assert having(world.sold) == ids(people)


def test_what_is_refused_keeps_the_ticks(world: World, admin: Client) -> None:
    small = order(world.customer, STANDARD, 1)
    people = make_people(world.customer, 3)
    two = sorted(ids(people))[:2]
    response = admin.post(url("licences_assign", world, small), {"person": two, "switch": "on"})
    assert response.status_code == 422
    assert "1 seat is free, and 2 people would need one" in text(response)
    checked = re.findall(r'name="person" value="(\d+)" checked', response.content.decode())
    assert sorted(map(int, checked)) == two
    assert re.search(r'name="switch"[^>]* checked', response.content.decode())


@pytest.mark.parametrize("forged", ["stranger", "9" * 18, "9" * 40, "x", "-1", "٣"])
def test_a_forged_person_is_an_error_and_changes_nothing(
    world: World, stranger: World, admin: Client, forged: str
) -> None:
    mine = make_people(world.customer, 1).get()
    theirs = make_people(stranger.customer, 1).get()
    person = str(theirs.pk) if forged == "stranger" else forged
    response = admin.post(url("licences_assign", world, world.sold), {"person": [str(mine.pk), person]})
    assert response.status_code == 422
    assert "is not there any more" in text(response)
    assert theirs.name not in text(response)
    assert admin.post(url("licences_revoke", world, world.sold), {"person": [person]}).status_code == 302
    assert not Licence.objects.exists()


def test_revoking_says_first_what_it_does(world: World, admin: Client) -> None:
    people = make_people(world.customer, 2)
    assign_licences(actor=None, subscription=world.sold, people=people)
    chosen = {"person": sorted(ids(people))}
    page = admin.get(url("licences_revoke", world, world.sold), chosen)
    assert "Revoke 2 licences of Google Workspace Business Starter?" in text(page)
    assert having(world.sold) == ids(people)
    response = admin.post(url("licences_revoke", world, world.sold), chosen, follow=True)
    assert "2 licences were revoked." in text(response)
    assert having(world.sold) == set()
    assert "Choose at least one person." in text(admin.get(url("licences_revoke", world, world.sold), follow=True))


def test_by_unit_with_everything_below_and_a_preview(world: World, admin: Client) -> None:
    unit = make_unit(world.customer, "Sales")
    people = ids(make_people(world.customer, 2, unit))
    people |= ids(make_people(world.customer, 3, make_unit(world.customer, "Berlin", unit)))
    make_people(world.customer, 2)
    User.objects.filter(pk=max(people)).update(is_active=False, suspended_at=timezone.now())
    page = url("licences_unit", world, world.sold)
    assert "Active people 4 Without this licence 4 With this licence 0" in text(admin.get(page, {"org_unit": unit.pk}))
    admin.post(page, {"org_unit": unit.pk, "action": "assign"})
    assert having(world.sold) == people - {max(people)}
    admin.post(page, {"org_unit": unit.pk, "action": "revoke"})
    assert having(world.sold) == set()


def test_by_unit_what_is_refused_is_said_and_nothing_changes(world: World, admin: Client) -> None:
    make_people(world.customer, 11)
    page = url("licences_unit", world, world.sold)
    response = admin.post(page, {"org_unit": root_of(world.customer).pk, "action": "assign"})
    assert response.status_code == 422
    assert "10 seats are free, and 12 people would need one" in text(response)
    assert "fewer free seats than people without a licence" in text(response)
    assert "Assign 12 licences" not in text(response), "what would be refused is not offered"
    assert "Change seats" not in text(response), "its reseller does that"


def test_B2_more_seats_are_one_click_away_for_what_was_bought_from_the_vendor(world: World, admin: Client) -> None:
    for name in ("subscription_licences", "licences_assign", "licences_unit"):
        assert "Change seats" in text(admin.get(url(name, world, world.own))), name
        assert "Change seats" not in text(admin.get(url(name, world, world.sold))), name


@pytest.mark.parametrize("name", ["licences_unit", "licences_automatic"])
def test_a_strangers_unit_is_an_error(world: World, stranger: World, admin: Client, name: str) -> None:
    make_people(world.customer, 1)
    for unit in (str(root_of(stranger.customer).pk), "x", "", "9" * 40):
        data = {"org_unit": unit, "action": "assign", "automatic": "on"}
        assert admin.post(url(name, world, world.sold), data).status_code == 422
    assert admin.get(url("licences_unit", world, world.sold), {"org_unit": "x"}).status_code == 422
    assert not Licence.objects.exists()
    assert not AutoLicence.objects.exists()


def test_automatic_on_and_off(world: World, admin: Client) -> None:
    unit = make_unit(world.customer, "Sales")
    make_people(world.customer, 2, unit)
    page = url("licences_automatic", world, world.sold)
    response = admin.post(page, {"org_unit": unit.pk, "automatic": "on"}, follow=True)
    assert "2 people are about to get a licence" in text(response)
    assert "/Sales" in text(response)
    admin.post(page, {"org_unit": unit.pk, "automatic": "off"})
    assert not AutoLicence.objects.exists()
    assert AuditEvent.objects.filter(name="CHANGE_LICENSE_AUTO_ASSIGN").count() == 2


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
    revoke, by_unit = url("licences_revoke", world, world.own), url("licences_unit", world, world.own)
    assert 'name="stays_away"' in admin.get(revoke, {"person": people[:1]}).content.decode()
    assert 'name="stays_away"' in admin.get(by_unit, {"org_unit": unit.pk}).content.decode()
    admin.post(revoke, {"person": people[:1], **tick})
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


def test_R8_an_access_that_ended_refuses_the_save(world: World, agent: Client) -> None:
    people = make_people(world.customer, 1)
    page = url("licences_assign", world, world.sold)
    assert agent.get(page).status_code == 200
    with transaction.atomic():
        desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    assert agent.post(page, {"person": sorted(ids(people))}).status_code == 403
    assert not Licence.objects.exists()


def test_the_chart_has_its_numbers_as_a_table(world: World, admin: Client) -> None:
    assign_licences(actor=None, subscription=world.sold, people=make_people(world.customer, 7))
    html = admin.get(url("subscription_licences", world, world.sold)).content.decode()
    assert 'role="img" aria-labelledby="use-title use-desc"' in html
    assert re.search(r"<th scope=\"row\">\w+ \d{4}</th>\s*<td>7</td>\s*<td>10</td>", html)
    assert "style=" not in html
