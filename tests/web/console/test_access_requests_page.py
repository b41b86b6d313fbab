"""R17 in the customer's console: requests on *Reseller access*, the page of one, its history, the switch, the home."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.models import AuditEvent
from accounts.roles import Role
from subscriptions.access.answering import approve, seen_in, switch_requests
from subscriptions.access.asking import LIFETIME, withdraw
from subscriptions.models import AccessChange, AccessRequest, Subscription
from subscriptions.models.level import Level
from subscriptions.models.request import RequestStatus
from tests.access.boxes import console, save
from tests.access.requests_world import REASON, WEEK, chosen, close, let_requests_age, request_access
from tests.access.world import World, make_world, propagate, sell
from tests.client import main_text_of, signed_in, text_of, url_of
from tests.factories import make_person

VOICE = "1010330004"  # what World.own is
WAITS = "asks for access to this console"


@pytest.fixture
def asked(world: World) -> AccessRequest:
    close(world)
    return request_access(world, skus=[VOICE, "Google-Vault"])


@pytest.fixture
def admin(world: World) -> Client:
    return signed_in(world.admin.user)


def page(asked: AccessRequest) -> str:
    return url_of("access_request", asked.customer, request_id=asked.pk)


def form(asked: AccessRequest, **changed: Any) -> dict[str, Any]:
    """What the page sends where nothing was narrowed; changed: what the admin chose instead."""
    sent = {"verb": "approve", "level": asked.level, "standing": "all", "lasts": "168", "seen": seen_in(asked)}
    return {**sent, **changed}


def own_of(asked: AccessRequest) -> Subscription:
    return Subscription.objects.get(customer=asked.customer, sku=VOICE)


def test_R17_an_admin_who_never_gets_a_request_sees_the_page_as_it_was(world: World, admin: Client) -> None:
    says = text_of(admin.get(url_of("reseller_access", world.customer)))
    assert "Requests" not in says
    assert WAITS not in says
    assert WAITS not in text_of(admin.get(url_of("console_home", world.customer)))


def test_R17_a_request_stands_on_reseller_access_and_on_the_home_page(asked: AccessRequest, admin: Client) -> None:
    for name in ("reseller_access", "console_home"):
        response = admin.get(url_of(name, asked.customer))
        assert f"{asked.reseller.name} {WAITS} Directory · 7 days" in text_of(response)
        assert f'href="{page(asked)}"' in response.content.decode()


def test_R17_what_is_over_stands_there_no_more(asked: AccessRequest, admin: Client) -> None:
    let_requests_age(LIFETIME + timedelta(seconds=1))
    for name in ("reseller_access", "console_home"):
        assert WAITS not in text_of(admin.get(url_of(name, asked.customer)))
    assert "Expired" in main_text_of(admin.get(url_of("access_requests", asked.customer)))


def test_R17_a_support_manager_is_told_of_no_request(world: World, asked: AccessRequest) -> None:
    manager = signed_in(make_person(world.customer, Role.SUPPORT_MANAGER))
    assert WAITS not in text_of(manager.get(url_of("console_home", asked.customer)))
    assert manager.get(page(asked)).status_code == 403


def test_R17_what_is_asked_stands_beside_what_is_open(asked: AccessRequest, admin: Client) -> None:
    says = main_text_of(admin.get(page(asked)))
    for part in (
        REASON,
        "Level Directory Nothing",
        "End 7 days –",
        "Google Voice Standard View, and assign licences No",
    ):
        assert part in says
    # It was asked for too, and not bought: there is nothing to give.
    assert "Vault" not in says


def test_R17_only_what_is_no_wider_than_asked_can_be_chosen(asked: AccessRequest, admin: Client) -> None:
    html = admin.get(page(asked)).content.decode()
    for level in Level:
        assert (f'name="level" value="{level}"' in html) == (level not in {Level.FULL, Level.LICENCES}), level
    for hours in (8, 24, 168, 720):
        assert (f'<option value="{hours}"' in html) == (hours <= 168)
    assert '<option value="none"' not in html


def test_R17_approving_first_says_what_will_change(world: World, asked: AccessRequest, admin: Client) -> None:
    before = AuditEvent.objects.count()
    sent = form(asked, level="view", lasts="8", subscriptions=[own_of(asked).pk])
    says = main_text_of(admin.post(page(asked), sent))
    for part in (
        f"{asked.reseller.name} gets this level: View only. See everything that access opens",
        "The access ends by itself: 8 hours after it takes effect.",
        "will see Google Voice Standard in your console",
        "usually sooner",
    ):
        assert part in says
    assert AuditEvent.objects.count() == before
    again = admin.post(page(asked), sent | {"verb": "edit"}).content.decode()
    assert 'value="view" required id="id_level_1" checked' in again.replace("\n", "")
    answer = admin.post(page(asked), sent | {"lasts": "168", "confirmed": "on"}, follow=True)
    assert "Approved." in text_of(answer)
    asked.refresh_from_db()
    assert (asked.status, asked.given_level, asked.given_lasts) == ("approved", "view", WEEK)
    assert "Level Directory View only Nothing yet, it is opening" in main_text_of(answer)
    propagate()
    says = main_text_of(admin.get(page(asked)))
    assert "Level Directory View only View only" in says
    assert "In effect" in says


def test_R17_an_approval_that_takes_something_says_so(world: World, admin: Client) -> None:
    """Everything is open without an end; a week of it is asked for together with Voice."""
    asked = request_access(world, skus=[VOICE])
    says = main_text_of(admin.post(page(asked), form(asked, subscriptions=[world.own.pk])))
    assert "that part is taken away" in says


def test_R17_what_is_open_already_changes_nothing(world: World, admin: Client) -> None:
    asked = request_access(world, skus=[VOICE])
    save(world, console(world, False))
    approve(actor=world.admin, customer=world.customer, request_id=asked.pk, answer=chosen(asked))
    says = main_text_of(admin.get(page(asked)))
    assert "What was saved" in says


@pytest.mark.parametrize(
    "wrong",
    [
        {"level": "full"},
        {"level": "everything of 2031"},
        {"lasts": "none"},
        {"lasts": "720"},
        {"lasts": "0"},
        {"lasts": "-8"},
        {"subscriptions": ["1"]},
        {"subscriptions": ["9" * 40]},
        {"seen": ""},
        {"seen": "x" * 10_000},
    ],
)
def test_R17_what_is_wider_than_asked_or_senseless_is_refused(
    asked: AccessRequest, admin: Client, wrong: dict[str, Any]
) -> None:
    changes = AccessChange.objects.count()
    for confirmed in ("", "on"):
        response = admin.post(page(asked), form(asked, confirmed=confirmed, **wrong))
        assert response.status_code == 422
        assert "Please correct the following" in text_of(response)
    asked.refresh_from_db()
    assert asked.status == RequestStatus.PENDING
    assert AccessChange.objects.count() == changes


def test_R6_changed_meanwhile_is_told_and_the_next_try_is_about_what_is_open_now(
    world: World, asked: AccessRequest, admin: Client
) -> None:
    sent = form(asked, confirmed="on", level="view")
    save(world, console(world, True))
    response = admin.post(page(asked), sent)
    assert response.status_code == 422
    assert "while you had the page open" in text_of(response)
    assert f'name="seen" value="{seen_in(asked)}"' in response.content.decode()
    assert 'value="view" required id="id_level_1" checked' in response.content.decode().replace("\n", "")


def test_R17_approving_what_was_withdrawn_meanwhile_says_so(world: World, asked: AccessRequest, admin: Client) -> None:
    sent = form(asked)
    withdraw(actor=Actor(world.agent), customer=world.customer, request_id=asked.pk)
    for confirmed in ("", "on"):
        response = admin.post(page(asked), sent | {"confirmed": confirmed})
        assert response.status_code == 422
        assert "The reseller has withdrawn this request. Nothing was changed." in text_of(response)
        assert "Withdrawn" in main_text_of(response)
        assert 'value="approve"' not in response.content.decode()


@pytest.mark.parametrize("reason", ["", "  \n ", "\u200b", "x" * 2_001, "x" * 10_000])
def test_R17_rejecting_asks_for_a_reason_and_keeps_what_was_typed(
    asked: AccessRequest, admin: Client, reason: str
) -> None:
    response = admin.post(page(asked), {"verb": "reject", "reason": reason})
    assert response.status_code == 422
    assert 'href="#id_reason"' in response.content.decode()
    assert reason in response.content.decode()
    asked.refresh_from_db()
    assert asked.status == RequestStatus.PENDING


def test_R17_rejected_with_a_reason(asked: AccessRequest, admin: Client) -> None:
    says = text_of(admin.post(page(asked), {"verb": "reject", "reason": "Not <b>now</b>."}, follow=True))
    assert "Rejected. The person who asked gets your reason by mail." in says
    assert "Not &lt;b&gt;now&lt;/b&gt;." in says


def test_R17_handing_on(world: World, asked: AccessRequest, admin: Client) -> None:
    assert "Hand on" not in main_text_of(admin.get(page(asked))), "there is nobody else"
    other = make_person(world.customer, Role.SUPER_ADMIN, name="Alba")
    assert "Alba" in main_text_of(admin.get(page(asked)))
    says = text_of(admin.post(page(asked), {"verb": "hand_on", "person": other.pk}, follow=True))
    assert "Handed on. They get a mail, and you can still answer it yourself." in says
    assert f"Handed on to {other.email}" in says
    nobody = admin.post(page(asked), {"verb": "hand_on", "person": world.agent.pk})
    assert nobody.status_code == 422


def test_R17_an_auditor_looks_only(world: World, asked: AccessRequest) -> None:
    auditor = signed_in(make_person(world.customer, Role.AUDITOR))
    html = auditor.get(page(asked)).content.decode()
    assert "You can only look" in html
    assert 'name="verb"' not in html
    for sent in (form(asked), {"verb": "reject", "reason": "No"}, {"verb": "hand_on"}):
        assert auditor.post(page(asked), sent).status_code == 403


def test_R17_a_request_to_another_customer_does_not_exist(asked: AccessRequest, stranger: World) -> None:
    other = signed_in(stranger.admin.user)
    url = url_of("access_request", stranger.customer, request_id=asked.pk)
    assert [other.get(url).status_code, other.post(url, form(asked)).status_code] == [404, 404]
    assert "No requests yet" in main_text_of(other.get(url_of("access_requests", stranger.customer)))


def test_R17_the_history_says_who_asked_what_became_of_it_and_who_answered(
    world: World, asked: AccessRequest, admin: Client
) -> None:
    approve(
        actor=world.admin,
        customer=world.customer,
        request_id=asked.pk,
        answer=chosen(asked, Level.VIEW, timedelta(hours=8)),
    )
    says = main_text_of(admin.get(url_of("access_requests", asked.customer)))
    for part in (
        world.agent.email,
        "Directory 7 days",
        "Approved",
        "Given: View only 8 hours",
        world.admin.user.email,
    ):
        assert part in says


def test_R17_the_switch(world: World, admin: Client) -> None:
    url = url_of("access_requests_policy", world.customer)
    says = text_of(admin.post(url, {}, follow=True))
    assert "Saved. Your resellers can no longer ask for access." in says
    assert "Nothing was changed." in text_of(admin.post(url, {}, follow=True))
    assert "Saved. Your resellers may ask for access." in text_of(admin.post(url, {"on": "on"}, follow=True))


def test_R17_french(asked: AccessRequest, admin: Client, world: World) -> None:
    switch_requests(actor=world.admin, customer=world.customer, on=False)
    world.admin.user.language = "fr"
    world.admin.user.save(update_fields=["language"])
    says = main_text_of(admin.get(page(asked)))
    assert "Annuaire" in says
    assert "7 jours" in says
    preview = main_text_of(admin.post(page(asked), form(asked)))
    assert "reçoit ce niveau" in preview


def test_R17_a_twin_with_the_same_names_shows_nothing_of_it(asked: AccessRequest, admin: Client) -> None:
    twin = make_world()
    sell(twin.customer, asked.reseller)
    other = signed_in(twin.admin.user)
    assert REASON not in text_of(other.get(url_of("access_requests", twin.customer)))
    assert WAITS not in text_of(other.get(url_of("reseller_access", twin.customer)))
    assert asked.lasts == WEEK
