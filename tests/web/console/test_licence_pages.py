"""The pages of licences: what they show to whom, what they change, and what they refuse (R3, R14)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.directory.people import suspend_user
from accounts.directory.tree import tree_of
from accounts.models import AuditEvent, User
from accounts.roles import Role
from subscriptions.access import desired
from subscriptions.automatic_licences import give_automatic_licences
from subscriptions.licensing import assign_licences, change_auto_licence
from subscriptions.models import AutoLicence, Licence, Subscription
from tests.access.world import World, propagate, sell, wish
from tests.client import confirmed, rows_of, signed_in
from tests.client import text_of as text
from tests.factories import make_unit, put_person, put_reseller
from tests.jobs.bulk_world import work
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
    assert 'name="person"' not in html
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


def test_assigning_is_not_offered_where_all_have_a_licence_or_get_it_automatically(world: World, admin: Client) -> None:
    everybody = User.objects.filter(customer=world.customer)
    page, assign = url("subscription_licences", world, world.sold), url("licences_assign", world, world.sold)
    make_people(world.customer, 3)
    assert assign in admin.get(page).content.decode()
    change_auto_licence(
        actor=world.admin, subscription=world.sold, org_unit=tree_of(world.customer).root, automatic=True
    )
    assert assign not in admin.get(page).content.decode(), "they wait a minute at most"
    give_automatic_licences()
    assert assign not in admin.get(page).content.decode()
    suspend_user(actor=None, person=make_people(world.customer, 1).get())
    assert assign in admin.get(page).content.decode(), "who is suspended gets none automatically"
    assign_licences(actor=None, subscription=world.sold, people=everybody.filter(is_active=False))
    assert assign not in admin.get(page).content.decode()


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
    assert not Licence.objects.exists()


def test_revoking_says_first_what_it_does(world: World, admin: Client) -> None:
    people = make_people(world.customer, 2)
    assign_licences(actor=None, subscription=world.sold, people=people)
    chosen = {"action": "unassign_licences", "person": sorted(ids(people))}
    page = admin.post(url("licences_bulk", world, world.sold), chosen)
    assert "They can no longer use the subscription that you choose" in text(page)
    assert having(world.sold) == ids(people)
    confirmed(admin, url("licences_bulk", world, world.sold), chosen)
    work()
    assert having(world.sold) == set()


def test_who_has_a_licence_is_sorted_by_name_and_chosen_by_those_who_may_revoke(world: World, admin: Client) -> None:
    people = make_people(world.customer, 3)
    assign_licences(actor=None, subscription=world.sold, people=people)
    page = url("subscription_licences", world, world.sold)
    names = [row.person.name for row in rows_of(admin.get(page))]
    assert names == sorted(names, key=lambda name: int(name.split()[-1])), "10 stands behind 9"
    assert [row.person.name for row in rows_of(admin.get(page, {"order": "-name"}))] == names[::-1]
    assert 'name="person"' in admin.get(page).content.decode()
    auditor = signed_in(put_person(world.customer, Role.AUDITOR))
    assert [row.person.name for row in rows_of(auditor.get(page))] == names
    assert 'name="person"' not in auditor.get(page).content.decode()


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
