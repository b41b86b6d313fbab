"""Saving the page *Reseller access*: words first, then exactly that, once."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import AuditEvent, Kept, Reseller
from accounts.roles import Role
from subscriptions.access.desired import remove_now, save_reseller_access
from subscriptions.lifecycle import cancel_subscription
from subscriptions.models import AccessChange, AccessGrant
from tests.access.world import World, make_world, may_enter, propagate, sell, visible, wish
from tests.factories import put_person, put_reseller
from tests.faults.crowd import another_session
from tests.web.console.access_page import Page, agreed, box, client_of, open_page, url_of

# Of our own tables: every request may write its session.
LOCKS_OR_WRITES = re.compile(
    r'(INSERT INTO|UPDATE|DELETE FROM) "(accounts|subscriptions|support)_| FOR (NO KEY )?(UPDATE|SHARE)'
)


def saved_state() -> tuple[list[tuple[int, bool, int]], int, int]:
    """Everything that a save may change."""
    grants = list(AccessGrant.objects.order_by("pk").values_list("pk", "allowed", "generation"))
    return grants, AccessChange.objects.count(), AuditEvent.objects.count()


def another_admin(world: World) -> Actor:
    return Actor(put_person(world.customer, Role.SUPER_ADMIN))


def test_R2_unticking_the_first_box_closes_the_console(world: World) -> None:
    page = open_page(world.admin.user, world.customer).untick(box(world.reseller)).save()
    assert page.status == 200
    assert (
        "will lose access to your admin console and can no longer file support cases for you. This takes" in page.text
    )
    assert not world.console().allowed
    [event] = AuditEvent.objects.filter(name="CHANGE_RESELLER_ACCESS", actor_id=world.admin.user.pk)
    assert event.ip_address == "127.0.0.1"
    propagate()
    assert not may_enter(world.agent, world.customer)


def test_R3_a_ticked_subscription_opens_with_the_agreement(world: World) -> None:
    page = open_page(world.admin.user, world.customer)
    page.tick(box(world.reseller, world.own), agreed(world.reseller)).save()
    assert AccessChange.objects.get(grant=world.opened()).reseller_agreed
    propagate()
    assert visible(world.agent, world.customer) == {world.sold.pk, world.own.pk}


@pytest.mark.parametrize("confirmed", [True, False])
def test_R3_without_the_agreement_the_form_comes_back_as_it_was_left(world: World, confirmed: bool) -> None:
    before = saved_state()
    page = open_page(world.admin.user, world.customer).tick(box(world.reseller, world.own)).save(confirmed=confirmed)
    assert page.status == 422
    assert f'href="#agreed-{world.reseller.pk}"' in page.html
    assert "Confirm that the reseller agreed" in page.text
    assert page.boxes[box(world.reseller, world.own)].checked
    assert saved_state() == before
    page.tick(agreed(world.reseller)).save()
    assert world.opened().allowed


def test_R3_the_agreement_is_needed_only_for_what_is_newly_ticked(world: World) -> None:
    open_page(world.admin.user, world.customer).tick(box(world.reseller, world.own), agreed(world.reseller)).save()
    page = open_page(world.admin.user, world.customer)
    assert not page.boxes[agreed(world.reseller)].checked
    assert page.save().status == 200


def test_R4_the_subscriptions_go_with_the_console(world: World) -> None:
    open_page(world.admin.user, world.customer).tick(box(world.reseller, world.own), agreed(world.reseller)).save()
    page = open_page(world.admin.user, world.customer).untick(box(world.reseller)).save(confirmed=False)
    assert "will no longer see" in page.text
    assert "will lose access to your admin console" in page.text
    open_page(world.admin.user, world.customer).untick(box(world.reseller)).save()
    assert not world.opened().allowed
    page = open_page(world.admin.user, world.customer).tick(box(world.reseller)).save()
    assert not page.boxes[box(world.reseller, world.own)].checked


def test_without_script_the_words_come_first_and_nothing_is_saved_yet(world: World) -> None:
    before = saved_state()
    page = open_page(world.admin.user, world.customer)
    page.tick(box(world.reseller, world.own), agreed(world.reseller))
    words = page.save(confirmed=False)
    assert "What will change" in words.text
    assert (
        f"{world.reseller.name} will see {world.own.sku.name} in your console and can assign its licences."
        in words.text
    )
    assert saved_state() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("ticks", [True, False])
def test_without_script_the_words_wait_for_no_lock_and_write_nothing(ticks: bool) -> None:
    """Somebody else holds the customer and its consoles meanwhile, and is not ended."""
    world = make_world()
    page = open_page(world.admin.user, world.customer)
    page.tick(box(world.reseller, world.own), agreed(world.reseller)) if ticks else page.untick(box(world.reseller))
    with another_session() as other, other.cursor() as cursor, CaptureQueriesContext(connection) as asked:
        cursor.execute("SELECT FROM accounts_customer WHERE id = %s FOR UPDATE", [world.customer.pk])
        cursor.execute("SELECT FROM subscriptions_accessgrant FOR UPDATE")
        words = page.save(confirmed=False)
        cursor.execute("SELECT 1")  # its session lives
    assert "What will change" in words.text
    assert [query["sql"] for query in asked if LOCKS_OR_WRITES.search(query["sql"])] == []


def confirm_step(world: World, button: dict[str, str]) -> Page:
    """Go over the page of words, and press a button there."""
    page = open_page(world.admin.user, world.customer).untick(box(world.reseller))
    response = page.client.post(page.url, page.form() | {"confirmed": ""})
    sent: dict[str, list[str]] = {}
    for name, value in response.context["sent"]:
        sent.setdefault(name, []).append(value)
    answer = page.client.post(page.url, sent | button, follow=True)
    return Page(page.client, page.url, answer.status_code, answer.content.decode())


def test_without_script_save_on_the_page_of_words_saves(world: World) -> None:
    page = confirm_step(world, {"confirmed": "1"})
    assert "Saved." in page.text
    assert not world.console().allowed


def test_without_script_the_way_back_keeps_the_boxes(world: World) -> None:
    page = confirm_step(world, {"step": "edit"})
    assert not page.boxes[box(world.reseller)].checked
    assert world.console().allowed


def test_R6_nothing_different_nothing_saved(world: World) -> None:
    before = saved_state()
    page = open_page(world.admin.user, world.customer).save()
    assert "nothing was saved" in page.text
    assert saved_state() == before


@pytest.mark.parametrize("ticks", [True, False])
def test_R6_a_double_click_saves_once(world: World, ticks: bool) -> None:
    if not ticks:
        page = open_page(world.admin.user, world.customer).untick(box(world.reseller))
    else:
        page = open_page(world.admin.user, world.customer).tick(box(world.reseller, world.own), agreed(world.reseller))
    page.save()
    after_first = saved_state()
    second = page.save()
    assert second.status == 200
    assert saved_state() == after_first


def test_R6_a_form_from_before_reverts_nothing(world: World) -> None:
    old = open_page(world.admin.user, world.customer)
    save_reseller_access(
        actor=another_admin(world), customer=world.customer, desired=[wish(world.customer, world.reseller, False)]
    )
    before = saved_state()
    page = old.save()
    assert page.status == 409
    assert saved_state() == before
    assert not page.boxes[box(world.reseller)].checked


def test_R6_a_conflict_says_who_changed_what_and_keeps_the_own_ticks(world: World) -> None:
    old = open_page(world.admin.user, world.customer).tick(box(world.reseller, world.own), agreed(world.reseller))
    other = another_admin(world)
    save_reseller_access(actor=other, customer=world.customer, desired=[wish(world.customer, world.reseller, False)])
    page = old.save()
    assert page.status == 409
    assert f"Turned off by {other.user.email}, <time" in page.text
    assert page.boxes[box(world.reseller, world.own)].checked
    assert page.boxes[agreed(world.reseller)].checked
    assert not AccessGrant.objects.filter(subscription=world.own).exists()
    # Having read it, the admin may still want it: the console again, and the subscription.
    page.boxes[box(world.reseller, world.own)].disabled = False
    page.tick(box(world.reseller)).save()
    assert world.console().allowed
    assert world.opened().allowed


def test_R6_taking_away_is_accepted_beside_a_conflict(world: World) -> None:
    other = put_reseller("Another")
    sell(world.customer, other)
    old = open_page(world.admin.user, world.customer).untick(box(world.reseller))
    remove_now(actor=another_admin(world), customer=world.customer, reseller_id=other.pk)
    page = old.save()
    assert page.status == 409
    assert "Saved." in page.text
    assert not world.console().allowed
    assert not AccessGrant.objects.get(reseller=other, subscription=None).allowed


def test_a_subscription_that_ended_meanwhile_is_refused_with_its_reason(world: World) -> None:
    old = open_page(world.admin.user, world.customer).tick(box(world.reseller, world.own), agreed(world.reseller))
    cancel_subscription(actor=None, subscription=world.own)
    before = saved_state()
    page = old.save()
    assert page.status == 422
    assert "it has ended" in page.text
    assert saved_state() == before


def test_a_reseller_that_came_meanwhile_keeps_what_it_got(world: World) -> None:
    old = open_page(world.admin.user, world.customer).untick(box(world.reseller))
    other = put_reseller("Another")
    sell(world.customer, other)
    old.save()
    assert AccessGrant.objects.get(reseller=other, subscription=None).allowed


@pytest.mark.parametrize("field", ["allow", "seen", "agreed"])
@pytest.mark.parametrize("rubbish", ["x", "1-2-3", "-1", "١", "9" * 40])
def test_rubbish_in_the_form_is_refused_with_a_sentence(world: World, field: str, rubbish: str) -> None:
    before = saved_state()
    page = open_page(world.admin.user, world.customer)
    response = page.client.post(page.url, page.form() | {"confirmed": "1", field: rubbish})
    assert response.status_code == 422
    assert "This form could not be read" in response.content.decode()
    assert saved_state() == before


def test_forged_boxes_of_another_customer_change_nothing(world: World, stranger: World) -> None:
    before = saved_state()
    page = open_page(world.admin.user, world.customer)
    for key in (box(stranger.reseller), box(stranger.reseller, stranger.own), box(world.reseller, stranger.own)):
        forged = {
            "seen": f"{key}:0-",
            "allow": [key, box(world.reseller)],
            "agreed": [stranger.reseller.pk],
            "confirmed": "1",
        }
        response = page.client.post(page.url, forged)
        assert response.status_code == 422
        assert stranger.reseller.primary_domain not in response.content.decode()
    assert saved_state() == before


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.HELP_DESK_ADMIN, Role.SUPPORT_MANAGER])
def test_R5_only_a_super_admin_saves(world: World, role: Role) -> None:
    before = saved_state()
    form = open_page(world.admin.user, world.customer).untick(box(world.reseller)).form()
    person = put_person(world.customer, role)
    response = client_of(person).post(url_of(world.customer), form | {"confirmed": "1"})
    assert response.status_code == 403
    assert saved_state() == before


def sent_too_late(world: World) -> Page:
    """Someone ticks the own subscription and saves, and the session is over. Returns the page with its browser."""
    page = open_page(world.admin.user, world.customer).tick(box(world.reseller, world.own))
    page.client.get(page.url)
    page.client.cookies.pop("sessionid")
    response = page.client.post(
        page.url, page.form() | {"confirmed": "1"}, headers={"Referer": f"http://testserver{page.url}"}
    )
    assert response.status_code == 302
    assert response["Location"] == f"/accounts/login/?next={page.url}%3Funsaved%3D1"
    assert "Your session has ended, so nothing was saved." in page.client.get(response["Location"]).content.decode()
    return page


def come_back(page: Page) -> Page:
    response = page.client.get(f"{page.url}?unsaved=1")
    return Page(page.client, page.url, response.status_code, response.content.decode())


def test_after_a_new_sign_in_the_ticks_are_as_they_were_and_not_saved(world: World) -> None:
    before = saved_state()
    page = sent_too_late(world)
    page.client.force_login(world.admin.user)
    page = come_back(page)
    assert page.boxes[box(world.reseller, world.own)].checked
    assert "nothing is saved yet" in page.text
    assert saved_state() == before
    once = come_back(page)
    assert not once.boxes[box(world.reseller, world.own)].checked, "shown once"
    page.tick(agreed(world.reseller)).save()
    assert world.opened().allowed


def test_what_was_sent_too_late_is_for_the_same_person_only(world: World) -> None:
    page = sent_too_late(world)
    other = put_person(world.customer, Role.SUPER_ADMIN)
    page.client.force_login(other)
    theirs = come_back(page)
    assert not theirs.boxes[box(world.reseller, world.own)].checked
    assert "nothing is saved yet" not in theirs.text


def test_no_other_site_can_put_ticks_into_the_page(world: World) -> None:
    """Without the token of the form nothing is kept; nor for a browser in which nobody has signed in."""
    page = open_page(world.admin.user, world.customer).tick(box(world.reseller, world.own))
    page.client.get(page.url)
    forger = Client(enforce_csrf_checks=True)
    forger.cookies = page.client.cookies
    forger.cookies.pop("sessionid")
    forged = page.form() | {"confirmed": "1"}
    del forged["csrfmiddlewaretoken"]
    assert forger.post(page.url, forged).status_code == 403
    assert Client().post(page.url, page.form() | {"confirmed": "1"}).status_code == 302
    assert not Kept.objects.exists()


def test_R13_saving_for_a_suspended_reseller_promises_nothing(world: World) -> None:
    open_page(world.admin.user, world.customer).untick(box(world.reseller)).save()
    propagate()
    Reseller.objects.filter(pk=world.reseller.pk).update(suspended_at="2020-01-01T00:00Z")
    page = open_page(world.admin.user, world.customer).tick(box(world.reseller)).save()
    assert "is suspended and gets no access: the change fails unless that ends first." in page.text
    assert "takes effect" not in page.text


def test_R10_the_history_closes_nothing_that_was_not_open(world: World) -> None:
    open_page(world.admin.user, world.customer).untick(box(world.reseller)).save()
    propagate()
    open_page(world.admin.user, world.customer).tick(box(world.reseller)).save()
    page = open_page(world.admin.user, world.customer).untick(box(world.reseller)).save()
    assert "Access is closed already" in page.text
    assert "Closing: ends" not in page.text


def test_saving_asks_as_many_questions_for_fifty_boxes_as_for_one(world: World) -> None:
    page = open_page(world.admin.user, world.customer).tick(box(world.reseller, world.own), agreed(world.reseller))
    with CaptureQueriesContext(connection) as few:
        page.client.post(page.url, page.form() | {"confirmed": "1"})
    for _number in range(50):
        sell(world.customer, None)
    page = open_page(world.admin.user, world.customer).tick(agreed(world.reseller))
    page.tick(*(name for name, found in page.boxes.items() if found.name == "allow"))
    with CaptureQueriesContext(connection) as many:
        page.client.post(page.url, page.form() | {"confirmed": "1"})
    assert AccessGrant.objects.filter(subscription__isnull=False, allowed=True).count() == 51
    assert len(many) == len(few)
